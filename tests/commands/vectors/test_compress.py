from pathlib import Path

import numpy as np
import pytest

from hf_recurrent.__main__ import main
from hf_recurrent.commands.vectors import compress
from hf_recurrent.vectors.compression import METHODS, CompressedKeyedVectors

from ...vectors.files import binary_file, make_vectors, write

WORDS = [f"word{number}" for number in range(50)]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(tmp_path, binary_file(WORDS, make_vectors(WORDS, 8).vectors), "vectors.bin")


def test_the_lists_of_choices_are_those_of_the_package() -> None:
    assert compress._METHODS == METHODS


def test_vectors_are_compressed_and_compressed_again(source: Path, tmp_path: Path, capsys) -> None:
    assert main(["vectors", "compress", str(source), "--output", str(tmp_path / "int8")]) == 0
    assert "50 words of 50, int8, matrix 0.0 MB" in capsys.readouterr().out
    vectors = CompressedKeyedVectors.load(tmp_path / "int8")
    assert vectors.index_to_key == WORDS
    np.testing.assert_allclose(vectors["word3"], make_vectors(WORDS, 8)["word3"], atol=0.05)

    keep = write(tmp_path, "word3\nword7\nother\nword40\n", "keep.txt")
    flags = f"--method pq --pca 4 --subspace-size 1 --vocabulary {keep} --vocabulary-size 2"
    arguments = ["vectors", "compress", str(tmp_path / "int8"), "--output", str(tmp_path / "pq")]
    assert main([*arguments, *flags.split(), "--seed", "3"]) == 0
    smaller = CompressedKeyedVectors.load(tmp_path / "pq")
    assert smaller.index_to_key == ["word3", "word7"]
    assert smaller.vectors.arrays["codes"].shape == (2, 4)


def test_errors_are_one_sentence(source: Path, tmp_path: Path, capsys) -> None:
    for flags, named in (
        ([str(tmp_path / "nothing"), "--output", str(tmp_path / "out")], "nothing"),
        ([str(source), "--output", str(tmp_path / "out"), "--pca", "9"], "pca is 9"),
        ([str(source), "--output", str(tmp_path / "out"), "--vocabulary", "none"], "none"),
        ([str(source), "--output", str(source)], "vectors.bin"),
    ):
        assert main(["vectors", "compress", *flags]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert named in line
    assert not (tmp_path / "out").exists()
