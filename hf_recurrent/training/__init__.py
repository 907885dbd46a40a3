"""Tools for ``Trainer``: batches, streams of text, threads, tuned rows, resuming, and a recipe.

The parts are imported when they are first used, so the defaults alone import nothing heavy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .defaults import RECIPE

if TYPE_CHECKING:
    from .batching import LengthGroupedDataset, length_grouped_order
    from .frames import DataCollatorForFrames
    from .recipe import balanced_class_weights, make_trainer
    from .resuming import checkpoint_to_resume
    from .state_carrier import StateCarrier
    from .streams import TextStreams
    from .threads import ThreadSearch, find_threads, thread_changes, threads_in_use
    from .tuned_rows import TuneRows, merge_rows, tune_rows

__all__ = [
    "RECIPE",
    "DataCollatorForFrames",
    "LengthGroupedDataset",
    "StateCarrier",
    "TextStreams",
    "ThreadSearch",
    "TuneRows",
    "balanced_class_weights",
    "checkpoint_to_resume",
    "find_threads",
    "length_grouped_order",
    "make_trainer",
    "merge_rows",
    "thread_changes",
    "threads_in_use",
    "tune_rows",
]

_LAZY = {
    "DataCollatorForFrames": "frames",
    "LengthGroupedDataset": "batching",
    "StateCarrier": "state_carrier",
    "TextStreams": "streams",
    "ThreadSearch": "threads",
    "TuneRows": "tuned_rows",
    "balanced_class_weights": "recipe",
    "checkpoint_to_resume": "resuming",
    "find_threads": "threads",
    "length_grouped_order": "batching",
    "make_trainer": "recipe",
    "merge_rows": "tuned_rows",
    "thread_changes": "threads",
    "threads_in_use": "threads",
    "tune_rows": "tuned_rows",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
