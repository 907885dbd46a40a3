"""Whatever goes wrong while a file is written, what stood there before still stands there."""

import errno
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from hf_recurrent._whole import whole_file, whole_files, whole_folder
from hf_recurrent.vectors import (
    CompressedKeyedVectors,
    convert_vectors,
    load_vectors,
    save_trained,
    save_vectors,
    train_vectors,
)
from hf_recurrent.vectors.formats import FORMATS

from .common.full_disk import disk_of
from .vectors.formats.samples import listing, plain_vectors

# Bytes of a block of rows, so that the fault comes after some of them.
BLOCK = 1 << 10


def save_with_fault(action: Callable[[], None], path: Path, format: str, after: int) -> None:
    """Saves vectors of several blocks, and something happens when so many are written."""
    vectors = plain_vectors([f"word{row}" for row in range(1000)])
    blocks = mock.Mock(side_effect=[None] * after + [action])

    def isfinite(values: np.ndarray) -> np.ndarray:
        if (happens := blocks()) is not None:
            happens()
        return np.ones(values.shape, dtype=bool)

    formats = "hf_recurrent.vectors.formats"
    with (
        mock.patch(f"{formats}.saving.BLOCK_BYTES", BLOCK),
        mock.patch(f"{formats}._row_writer.np.isfinite", isfinite),
    ):
        save_vectors(vectors, path, format)


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("format", [name for name in FORMATS if name != "gensim"])
@pytest.mark.parametrize("there", [False, True])
def test_ctrl_c_leaves_what_was_there(tmp_path: Path, format: str, there: bool) -> None:
    path = tmp_path / "target"
    if there:
        save_vectors(plain_vectors(), path, format)
    before = listing(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        save_with_fault(interrupt, path, format, after=0 if format == "fasttext" else 2)
    assert listing(tmp_path) == before
    assert {file.name for file in tmp_path.iterdir()} == ({"target"} if there else set())


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("size", [50, 3000])
def test_a_full_disk_leaves_what_was_there(tmp_path: Path, format: str, size: int) -> None:
    path = tmp_path / "target"
    save_vectors(plain_vectors(), path, format)
    before = listing(tmp_path)
    many = plain_vectors([f"word{row}" for row in range(2000)])
    with disk_of(size), pytest.raises(OSError, match="File too large") as error:
        save_vectors(many, path, format)
    assert str(path) in str(error.value)
    assert listing(tmp_path) == before


def test_a_fault_of_the_source_leaves_the_target(tmp_path: Path) -> None:
    source, target = tmp_path / "source.txt", tmp_path / "target"
    source.write_text("the 1 2\n" * 3 + "of nan 1\n")
    save_vectors(plain_vectors(), target, "numpy")
    before = listing(tmp_path)
    for format in FORMATS:
        place = target if format == "numpy" else tmp_path / "new"
        with pytest.raises(ValueError, match="line 4"):
            convert_vectors(source, place, format)
    assert listing(tmp_path) == before


def test_folders_keep_other_files_and_files_keep_their_rights(tmp_path: Path) -> None:
    folder, file = tmp_path / "folder", tmp_path / "file.txt"
    folder.mkdir()
    (folder / "README.md").write_text("mine")
    save_vectors(plain_vectors(), folder, "numpy")
    save_vectors(plain_vectors(["x"]), folder, "numpy")
    assert (folder / "README.md").read_text() == "mine"
    assert load_vectors(folder).index_to_key == ["x"]
    file.touch(mode=0o600)
    save_vectors(plain_vectors(), file, "glove")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_places_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    for format in FORMATS:
        path = tmp_path / "nowhere" / "target"
        with pytest.raises(FileNotFoundError) as error:
            save_vectors(plain_vectors(), path, format)
        assert str(path) in str(error.value)
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match="this is a file, and the format is a folder"):
        save_vectors(plain_vectors(), tmp_path / "file", "model2vec")
    (tmp_path / "folder").mkdir()
    with pytest.raises(
        IsADirectoryError, match="folder: this is a folder, and the format is a file"
    ):
        save_vectors(plain_vectors(), tmp_path / "folder", "glove")
    assert {path.name for path in tmp_path.iterdir()} == {"file", "folder"}


@pytest.mark.parametrize("place", [whole_file, whole_folder, whole_files])
def test_errors_of_the_system_get_the_name_and_others_keep_theirs(tmp_path: Path, place) -> None:
    with (
        pytest.raises(OSError, match=r"No space left on device: .*target"),
        place(tmp_path / "target"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(OSError, match="source"), place(tmp_path / "target"):
        raise OSError(errno.EIO, "Input/output error", "source")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="rights of another kind")
@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
@pytest.mark.parametrize("format", FORMATS)
def test_the_umask_decides_who_may_read(tmp_path: Path, umask, mask: int, format: str) -> None:
    """Also where a library, as safetensors, writes files that only their owner can read."""
    umask(mask)
    parent = tmp_path / "parent"
    parent.mkdir()
    save_vectors(plain_vectors(), parent / "target", format)
    rights = {path: stat.S_IMODE(path.stat().st_mode) for path in parent.rglob("*")}
    assert rights
    for path, mode in rights.items():
        assert mode == (0o777 if path.is_dir() else 0o666) & ~mask, path


@pytest.mark.skipif(os.name == "nt", reason="rights of another kind")
@pytest.mark.parametrize("kind", ["skip-gram", "fasttext", "ppmi", "one-hot"])
def test_the_umask_decides_who_may_read_what_was_trained(tmp_path: Path, umask, kind: str) -> None:
    umask(0o027)
    texts = [["a", "b", "c", "d"] * 3] * 20
    options = {} if kind == "one-hot" else {"workers": 1, "progress": False}
    if kind == "fasttext":
        options["bucket"] = 100
    save_trained(train_vectors(texts, kind, min_count=1, **options), tmp_path / "trained")
    CompressedKeyedVectors.compress(plain_vectors(), "int8").save(tmp_path / "compressed")
    found = [path for name in ("trained", "compressed") for path in (tmp_path / name).rglob("*")]
    assert len(found) > 3
    for path in found:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o750 if path.is_dir() else 0o640), path


@pytest.mark.parametrize("fails", [False, True])
def test_a_folder_that_is_replaced_keeps_nothing_or_all(tmp_path: Path, fails: bool) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "old").write_text("old")
    with suppress(KeyboardInterrupt), whole_folder(folder, replace=True) as made:
        (made / "new").write_text("new")
        if fails:
            interrupt()
    assert listing(tmp_path) == ({"folder/old": b"old"} if fails else {"folder/new": b"new"})
    assert list(tmp_path.iterdir()) == [folder]
