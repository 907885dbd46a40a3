"""Names of labels in the form of configurations."""

from collections.abc import Sequence
from typing import Any


def label_fields(names: Sequence[str]) -> dict[str, dict[Any, Any]]:
    """Return the fields ``id2label`` and ``label2id`` for names in the order of their ids."""
    return {"id2label": dict(enumerate(names)), "label2id": {n: i for i, n in enumerate(names)}}
