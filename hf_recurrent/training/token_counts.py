"""How often each token occurs in a data set, for samplers and the adaptive softmax."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..models.loss import IGNORED

# So many ids of a mapped file are read at a time.
_IDS = 1 << 20
# The columns of a row that hold what is predicted, the first that there is.
_COLUMNS = ("shift_labels", "labels", "input_ids")


def count_tokens(rows: np.ndarray | Iterable[Any], vocab_size: int) -> np.ndarray:
    """Count how often each token id occurs, for ``model.set_token_counts``.

    Args:
        rows: All ids in one array, such as ``open_token_ids`` returns, or rows: arrays or lists of
            ids, or dictionaries as a data set has them, of which the column ``shift_labels``,
            ``labels`` or else ``input_ids`` is counted. -100 is left out.
        vocab_size: Number of token ids of the model.

    Returns:
        (vocab_size,) 64-bit integers.

    Raises:
        ValueError: If a row has none of these columns, or the model has no such id.

    Example:
        >>> count_tokens([[3, 1, 1], [1, -100]], vocab_size=5).tolist()
        [0, 3, 0, 1, 0]
    """
    counts = np.zeros(vocab_size, dtype=np.int64)
    if isinstance(rows, np.ndarray) and rows.ndim == 1:
        rows = np.split(rows, range(_IDS, len(rows), _IDS))
    for number, row in enumerate(rows):
        if isinstance(row, Mapping):
            column = next((name for name in _COLUMNS if name in row), None)
            if column is None:
                raise ValueError(
                    f"row {number} has the columns {', '.join(map(str, row)) or 'none'}, expected "
                    f"{', '.join(_COLUMNS[:-1])} or {_COLUMNS[-1]}"
                )
            row = row[column]
        ids = np.asarray(row).reshape(-1)
        if not len(ids):
            continue
        if ids.dtype.kind not in "iu":
            raise ValueError(f"row {number} holds {ids.dtype}, expected token ids")
        ids = ids[ids != IGNORED].astype(np.int64)
        if len(ids) and not 0 <= ids.min() <= ids.max() < vocab_size:
            wrong = ids.min() if ids.min() < 0 else ids.max()
            raise ValueError(
                f"row {number} has the token id {wrong}, and the model has 0 to {vocab_size - 1}"
            )
        counts += np.bincount(ids, minlength=vocab_size)
    return counts
