"""Small files of word vectors, and what a reader should make of them."""

from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors

GLOVE = "the 0.1 0.2\nof -1 2e-3\n"
MATRIX = np.array([[0.1, 0.2], [-1, 0.002]], dtype=np.float32)


def assert_same(vectors: KeyedVectors, words: list[str], matrix: np.ndarray) -> None:
    assert vectors.index_to_key == words
    assert vectors.key_to_index == {word: row for row, word in enumerate(words)}
    assert vectors.vectors.dtype == np.float32
    assert vectors.vectors.shape == matrix.shape
    assert np.array_equal(vectors.vectors, matrix)


def write(folder: Path, data: bytes | str, name: str = "vectors.txt") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def binary_file(words: list[str | bytes], matrix: np.ndarray, end: bytes = b"\n") -> bytes:
    rows = [
        (word.encode() if isinstance(word, str) else word)
        + b" "
        + row.astype("<f4").tobytes()
        + end
        for word, row in zip(words, matrix, strict=True)
    ]
    return f"{len(matrix)} {matrix.shape[1]}\n".encode() + b"".join(rows)


def make_vectors(words: list[str], dimension: int = 3, seed: int = 0) -> KeyedVectors:
    """Make vectors of random numbers."""
    vectors = KeyedVectors(dimension)
    numbers = np.random.default_rng(seed).normal(2, 3, (len(words), dimension))
    vectors.add_vectors(words, numbers.astype(np.float32))
    return vectors
