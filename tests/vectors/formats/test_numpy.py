"""A folder of an array and its words."""

from pathlib import Path

import numpy as np
import pytest

from hf_recurrent.vectors import load_vectors

from ..files import assert_same
from .samples import listing

MATRIX = np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32)


def make(folder: Path, array: np.ndarray = MATRIX, words: bytes = b"a\nb\n") -> Path:
    np.save(folder / "vectors.npy", array)
    (folder / "vocabulary.txt").write_bytes(words)
    return folder


@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f2", "<f8", ">f8"])
def test_any_float_type(tmp_path: Path, dtype: str) -> None:
    assert_same(load_vectors(make(tmp_path, MATRIX.astype(dtype))), ["a", "b"], MATRIX)


@pytest.mark.parametrize("words", [b"a\r\nb\r\n", b"\xef\xbb\xbfa\nb", b"a\nb"])
def test_lines_as_editors_write_them(tmp_path: Path, words: bytes) -> None:
    assert_same(load_vectors(make(tmp_path, words=words)), ["a", "b"], MATRIX)


def test_invalid_utf8_is_kept_readable(tmp_path: Path) -> None:
    found = load_vectors(make(tmp_path, words=b"caf\xe9\nb\n"))
    assert found.index_to_key == ["caf\\xe9", "b"]


@pytest.mark.parametrize(
    ("array", "words", "message"),
    [
        (MATRIX, b"a\n", "has 2 rows and vocabulary.txt beside it 1 word,"),
        (MATRIX.astype(int), b"a\nb\n", "found an array of int64"),
        (MATRIX[0], b"a\nb\n", r"shape \(3,\)"),
        (np.asfortranarray(MATRIX), b"a\nb\n", "expected float numbers row by row"),
        (MATRIX[:, :0], b"a\nb\n", r"shape \(2, 0\)"),
        (MATRIX * np.nan, b"a\nb\n", "vector 1, word 'a': found NaN or infinity"),
        (MATRIX.astype(np.float64) * 1e300, b"a\nb\n", "vector 1, word 'a': found NaN or infinity"),
    ],
)
def test_arrays_that_are_no_vectors(tmp_path: Path, array, words, message) -> None:
    with pytest.raises(ValueError, match=message):
        load_vectors(make(tmp_path, array, words))


def test_objects_are_not_unpickled(tmp_path: Path) -> None:
    array = np.array([["a", 1], ["b", 2]], dtype=object)
    np.save(tmp_path / "vectors.npy", array, allow_pickle=True)
    (tmp_path / "vocabulary.txt").write_text("a\nb\n")
    with pytest.raises(ValueError, match="Python objects, that is a pickle; not read"):
        load_vectors(tmp_path, allow_pickle=True)


def test_the_header_is_compared_with_the_size(tmp_path: Path) -> None:
    path = make(tmp_path) / "vectors.npy"
    whole = path.read_bytes()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        with pytest.raises(ValueError, match=r"vectors\.npy: "):
            load_vectors(tmp_path)
    for data in (whole + b"\0", whole.replace(b"(2, 3)", b"(9**9, 3)")):
        path.write_bytes(data)
        with pytest.raises(ValueError, match=r"vectors\.npy: the header"):
            load_vectors(tmp_path)
    path.write_bytes(b"\x93NUMPY\x02\0\xff\xff\xff\x7f" + whole[10:])
    with pytest.raises(ValueError, match="the header is longer than the file"):
        load_vectors(tmp_path)
    path.write_bytes(whole[:6] + b"\3\0" + whole[8:])
    with pytest.raises(ValueError, match=r"not that of a \.npy file \(version \(3, 0\)\)"):
        load_vectors(tmp_path)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "vocabulary.txt").unlink()
    with pytest.raises(FileNotFoundError, match="vocabulary"):
        load_vectors(tmp_path)
    assert list(listing(tmp_path)) == ["vectors.npy"]
