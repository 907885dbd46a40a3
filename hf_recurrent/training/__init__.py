"""What Trainer needs beside the models."""

from .batching import LengthGroupedDataset, length_grouped_order
from .recipe import RECIPE, balanced_class_weights, encode_texts, label_names, make_trainer
from .tuned_rows import merge_rows, tune_rows
from .vocabulary import Vocabulary, make_vocabulary

__all__ = [
    "RECIPE",
    "LengthGroupedDataset",
    "Vocabulary",
    "balanced_class_weights",
    "encode_texts",
    "label_names",
    "length_grouped_order",
    "make_trainer",
    "make_vocabulary",
    "merge_rows",
    "tune_rows",
]
