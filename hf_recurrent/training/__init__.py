"""What Trainer needs beside the models."""

from .batching import LengthGroupedDataset, length_grouped_order
from .recipe import RECIPE, balanced_class_weights, encode_texts, label_names, make_trainer
from .tuned_rows import merge_rows, tune_rows

__all__ = [
    "RECIPE",
    "LengthGroupedDataset",
    "balanced_class_weights",
    "encode_texts",
    "label_names",
    "length_grouped_order",
    "make_trainer",
    "merge_rows",
    "tune_rows",
]
