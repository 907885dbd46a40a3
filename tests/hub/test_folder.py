"""Nothing that is private, and no pickle, leaves a folder, wherever it lies."""

import bz2
import gzip
import hashlib
import io
import json
import os
import pickle
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from hf_recurrent.hub import private
from hf_recurrent.hub.folder import check_files

TOKEN = "hf_" + "a" * 34


class Runs:
    """What runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("true",)


def _zip(**members: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


def _array(*, whole: bool) -> bytes:
    held = io.BytesIO()
    array = np.array([Runs()], dtype=object)
    np.savez(held, a=array) if whole else np.save(held, array, allow_pickle=True)
    return held.getvalue()


def _numbers() -> bytes:
    held = io.BytesIO()
    np.save(held, np.zeros(2))
    return held.getvalue()


def _torch(**options: bool) -> bytes:
    held = io.BytesIO()
    torch.save({"a": 1}, held, **options)
    return held.getvalue()


PICKLED = pickle.dumps(Runs())
PICKLES = {
    "obj.npy": _array(whole=False),
    "obj.npz": _array(whole=True),
    "old.dat": pickle.dumps(Runs(), protocol=0),
    "older.txt": pickle.dumps(Runs(), protocol=1),
    **{f"protocol{p}.json": pickle.dumps(Runs(), protocol=p) for p in range(6)},
    **{f"plain{p}.json": pickle.dumps([p], protocol=p) for p in (2, 3, 4, 5)},
    **{f"protocol{p}.json.gz": gzip.compress(pickle.dumps([p], protocol=p)) for p in (2, 3, 4, 5)},
    "named.json": PICKLED,
    "some.zip": _zip(readme=b"x" * 5000, state=PICKLED),
    "state.gz": gzip.compress(PICKLED),
    "state.bz2": bz2.compress(PICKLED),
    "x.ckpt": _torch(),
    "y.pt": _torch(_use_new_zipfile_serialization=False),
    "optimizer.pt": b"anything",
}
PLAIN = {
    "numbers.npz": _zip(**{"a.npy": b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'shape': (2,)}"}),
    "vectors.txt.gz": gzip.compress(b"king 0.1 0.2\n" * 1000),
    "notes.txt": b"cats and dogs.\nIt rains.\n.",
    "numbers.json": b"[1, 2]",
}


@pytest.mark.parametrize("name", PICKLES)
def test_pickles_are_left_out(name: str, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / name).write_bytes(PICKLES[name])
    found = check_files(tmp_path)
    assert found.files == []
    assert "a pickle" in found.left_out[f"deep/{name}"]


@pytest.mark.parametrize("name", PLAIN)
def test_plain_files_are_not(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(PLAIN[name])
    found = check_files(tmp_path, include=[name])
    assert (found.files, found.left_out, found.refused) == ([name], {}, [])
    assert found.digests == {name: hashlib.sha256(PLAIN[name]).hexdigest()}


@pytest.mark.parametrize("name", PICKLES)
def test_no_pattern_takes_a_pickle_along(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(PICKLES[name])
    assert check_files(tmp_path, include=["*", name]).files == []


KNOWN = {
    "config.json": b"{}",
    "a/notes.md": b"# A",
    "LICENSE": b"text",
    "image.png": b"\x89PNG\r\n\x1a\n\0\0",
    "numbers.npy": _numbers(),
    "wide.txt": "Straße".encode("utf-16"),
}
UNKNOWN = {
    "config.json.bak": b"{}",
    "run.sh": b"true",
    "other.py": b"import os",
    "state.msgpack": b"\x81\xa1a\x01",
    "weights.h5": b"\x89HDF\r\n\x1a\n",
    "numbers.npz": PLAIN["numbers.npz"],
    "vectors.txt.gz": PLAIN["vectors.txt.gz"],
    "image.png": b"GIF89a",
    "notes.txt": b"text\0" + PICKLED,
    "numbers.npy": b" " + _numbers(),
    "noname": b"text",
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_kinds_are_published(name: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(KNOWN[name])
    assert check_files(tmp_path).files == [name]


@pytest.mark.parametrize("name", UNKNOWN)
def test_other_kinds_wait_for_their_name(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(UNKNOWN[name])
    found = check_files(tmp_path)
    assert found.files == []
    assert "--include" in found.left_out[name]
    assert check_files(tmp_path, include=[name]).files == [name]
    with pytest.raises(ValueError, match=r"names 'b\.x', and .* has no such file"):
        check_files(tmp_path, include=["*", "b.x"])


def test_code_is_published_where_the_model_names_it(tmp_path: Path) -> None:
    auto = {"AutoModel": "modeling_a.A", "AutoTokenizer": [None, "ada/b--tokenization_a.T"]}
    (tmp_path / "config.json").write_text(json.dumps({"auto_map": auto}))
    (tmp_path / "modeling_a.py").write_text("from .cells import C\nfrom .gone import D\n")
    (tmp_path / "cells.py").write_text("from .modeling_a import A\n")
    (tmp_path / "tokenization_a.py").write_text("")
    (tmp_path / "setup.py").write_text("")
    found = check_files(tmp_path)
    assert found.files == ["cells.py", "config.json", "modeling_a.py", "tokenization_a.py"]
    assert found.left_out.keys() == {"setup.py"}


def test_an_archive_that_is_not_looked_into_is_left_out(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "all.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("a"))
    (tmp_path / "cut.gz").write_bytes(gzip.compress(PICKLED)[:9])
    assert set(check_files(tmp_path).left_out) == {"all.tar", "cut.gz"}


def test_what_is_hidden_or_for_the_user_alone_is_left_out(tmp_path: Path) -> None:
    for name in (".aws/credentials", ".unfinished-ab/model.safetensors", ".env", "a/.b/c.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(TOKEN)
    for name in ("benchmark_row.json", "run_settings.json"):
        (tmp_path / name).write_text("{}")
    for name in (".gitattributes", ".eval_results/sst2.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("a: 1\n")
    found = check_files(tmp_path)
    assert found.files == [".eval_results/sst2.yaml", ".gitattributes"]
    assert len(found.left_out) == 6
    assert found.refused == []


@pytest.mark.parametrize("name", ["token", "deep/run.log", "notes.md", "tokenizer.json", "a.bin"])
@pytest.mark.parametrize(
    "secret",
    [TOKEN, "github_pat_11AB" + "c" * 30, "AIza" + "d" * 35, "xoxb-" + "1" * 12, "sk-" + "e1" * 12],
)
def test_secrets_are_found_in_any_file(secret: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes((b"\0" if name == "a.bin" else b"first\n") + secret.encode())
    (sentence,) = check_files(tmp_path, include=["*"]).refused
    place = name if name == "a.bin" else f"{name}, line 2"
    assert sentence.startswith(place + ": ")
    assert sentence.endswith("would be published.")
    assert secret not in sentence


@pytest.mark.parametrize("at", [(1 << 17) - 20, (9 << 15) + 3])
def test_a_large_text_is_read_to_its_end(
    at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private, "_BLOCK", 1 << 17)
    lines, rest = divmod(at, 100)
    text = ("x" * 99 + "\n") * lines + "x" * (rest - 1 if rest else 0) + " " + TOKEN
    (tmp_path / "big.txt").write_text(text)
    (sentence,) = check_files(tmp_path).refused
    assert sentence.startswith(f"big.txt, line {lines + 1}: a token of the Hub")


def test_what_weights_tell_of_themselves(tmp_path: Path) -> None:
    told = {"from": "/home/ada/secret", "by": TOKEN}
    save_file({"a": torch.zeros(1)}, tmp_path / "model.safetensors", metadata=told)
    first, second = sorted(check_files(tmp_path).refused)
    assert "'/home/ada' is a path" in first
    assert "a token of the Hub" in second


@pytest.mark.parametrize(
    "path",
    [
        *("/home/ada", "file:///home/ada/x", "C:/Users/ada/x", r"C:\Users\ada\x", "/opt/ada/x"),
        *("/content/drive/MyDrive", "/kaggle/working", "/Users/ada", "/var/lib"),
    ],
)
def test_paths_of_a_machine(path: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"dir: {path}\n")
    (sentence,) = check_files(tmp_path).refused
    assert "is a path of a machine" in sentence


@pytest.mark.parametrize(
    "text",
    ["https://example.org/home/ada", "and/or", "he said: /ha/", "a: b/c", "1:/2", "s3://data/x"],
)
def test_what_is_no_path_of_a_machine(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(text)
    assert check_files(tmp_path).refused == []
