"""What `train_vectors` recorded beside the vectors that it made."""

import json
from pathlib import Path

from .._preparation import Preparation, from_fields

RECORD = "training.json"


def recorded_preparation(path: Path) -> Preparation | None:
    """Return how text becomes the words of trained vectors.

    Args:
        path: The folder or file of the vectors. The record of a file stands beside it, and names
            it.

    Returns:
        What the record says; None where there is no such record.
    """
    is_folder = path.is_dir()
    try:
        record = json.loads(((path if is_folder else path.parent) / RECORD).read_bytes())
        if record.get("file") != (None if is_folder else path.name):
            return None
        return from_fields(record["corpus"]["form"])
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return None
