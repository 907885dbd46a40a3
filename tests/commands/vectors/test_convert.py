"""The command converts, says what it left out, and fails in one line."""

from pathlib import Path

import numpy as np
import pytest

from hf_recurrent.__main__ import main
from hf_recurrent.commands.vectors import convert
from hf_recurrent.vectors import load_vectors
from hf_recurrent.vectors.formats import FORMATS

from ...vectors.files import GLOVE, MATRIX, assert_same, write


def run(*arguments: object) -> int:
    return main(["vectors", "convert", *map(str, arguments)])


def test_it_converts_and_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = write(tmp_path, GLOVE), tmp_path / "out.bin"
    assert run(source, target, "--to", "word2vec-binary") == 0
    assert capsys.readouterr().out == f"{target}: 2 rows, word2vec-binary\n"
    assert_same(load_vectors(target), ["the", "of"], MATRIX)


def test_every_flag_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path, "9 2\na 1 2\nbad nan 2\nb 3 4\nc 5 6\nd 7 8\n")
    words = write(tmp_path, "d\nb\nc\n", "words.txt")
    folder = tmp_path / "out"
    flags = ["--from", "word2vec", "--limit", 2, "--vocabulary", words, "--fp16", "--skip-bad"]
    assert run(source, folder, "--to", "numpy", *flags) == 0
    assert "1 bad row was dropped" in capsys.readouterr().err
    found = load_vectors(folder, dtype="float16")
    assert found.index_to_key == ["b", "c"]
    assert np.load(folder / "vectors.npy").dtype == np.float16


def test_a_pickle_needs_the_flag(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pickle, text = tmp_path / "vectors.kv", tmp_path / "again.txt"
    assert run(write(tmp_path, GLOVE), pickle, "--to", "gensim") == 0
    capsys.readouterr()
    assert run(pickle, text, "--to", "glove") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert str(pickle) in line
    assert "--allow-pickle" in line
    assert not text.exists()
    assert run(pickle, text, "--to", "glove", "--allow-pickle") == 0
    assert_same(load_vectors(text), ["the", "of"], MATRIX)


@pytest.mark.parametrize(
    ("data", "flags", "message"),
    [
        (None, ["--to", "numpy"], "neither a file or folder nor the name"),
        ("the 1 2\nof 1\n", ["--to", "numpy"], "line 2, word 'of'"),
        (GLOVE, ["--to", "word2vec-binary", "--fp16"], "holds float32 only"),
        (GLOVE, ["--to", "numpy", "--limit", "0"], "limit must be at least 1"),
        ("a b 1 2\nc 1 2\n", ["--to", "word2vec-binary"], "word 'a b'"),
    ],
)
def test_faults_are_one_line_and_leave_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data, flags, message
) -> None:
    source = tmp_path / "in.txt"
    if data is not None:
        source.write_text(data)
    assert run(source, tmp_path / "out", *flags) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
    assert [path.name for path in tmp_path.iterdir()] == (["in.txt"] if data else [])


def test_the_formats_of_the_help_are_those_there_are() -> None:
    assert all(f"  {name} " in convert._DESCRIPTION for name in FORMATS)
