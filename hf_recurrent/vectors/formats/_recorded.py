"""Read what ``train_vectors`` recorded beside its vectors."""

import json
from pathlib import Path

from .._preparation import Preparation, from_fields

RECORD = "training.json"


def recorded_preparation(path: Path) -> Preparation | None:
    """Return how text became the words of trained vectors.

    Args:
        path: The folder or file of the vectors. The record of a file is beside it, and names it.

    Returns:
        The recorded preparation; None without such a record.
    """
    is_folder = path.is_dir()
    try:
        record = json.loads(((path if is_folder else path.parent) / RECORD).read_bytes())
        if record.get("file") != (None if is_folder else path.name):
            return None
        return from_fields(record["corpus"]["form"])
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return None
