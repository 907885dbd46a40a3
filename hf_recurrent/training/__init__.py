"""What Trainer needs beside the models.

The parts are imported when they are asked for: the defaults alone need nothing heavy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .defaults import RECIPE

if TYPE_CHECKING:
    from .batching import LengthGroupedDataset, length_grouped_order
    from .recipe import balanced_class_weights, encode_texts, label_names, make_trainer
    from .resuming import checkpoint_to_resume
    from .tuned_rows import merge_rows, tune_rows

__all__ = [
    "RECIPE",
    "LengthGroupedDataset",
    "balanced_class_weights",
    "checkpoint_to_resume",
    "encode_texts",
    "label_names",
    "length_grouped_order",
    "make_trainer",
    "merge_rows",
    "tune_rows",
]

_LAZY = {
    "LengthGroupedDataset": "batching",
    "balanced_class_weights": "recipe",
    "checkpoint_to_resume": "resuming",
    "encode_texts": "recipe",
    "label_names": "recipe",
    "length_grouped_order": "batching",
    "make_trainer": "recipe",
    "merge_rows": "tuned_rows",
    "tune_rows": "tuned_rows",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
