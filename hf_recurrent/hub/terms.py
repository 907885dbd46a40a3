"""Models whose data must not be passed on: they are never published, only their figures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..models.publishable import MARK, is_marked, is_marked_folder
from .record import Record


def why_not_published(config: Mapping[str, Any], record: Record) -> str:
    """Return the reason why a model must not be published; an empty text if it may be.

    Args:
        config: The fields of its configuration.
        record: Its record.
    """
    data = record.data
    if not is_marked(config) and (data is None or data.publishable):
        return ""
    name, terms = "", ""
    if data is not None:
        name = f" '{data.name}'"
        terms = f" ({data.license})" if data.license else ""
    return (
        f"the data set{name} that the model was trained on may not be passed on{terms}, and so "
        f"neither may its weights, its tokenizer or examples: only figures may be shown"
    )


def check_may_leave(folder: Path) -> None:
    """Check that a folder may be published, if it is a saved model.

    Raises:
        ValueError: If it may not, or its record is damaged.
    """
    # A checkpoint without a record has the mark too, and so has its tokenizer alone.
    config = {MARK: not is_marked_folder(folder)}
    reason = why_not_published(config, Record.load(folder))
    if reason:
        raise ValueError(f"{folder}: {reason}.")
