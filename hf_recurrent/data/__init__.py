"""Named data sets, data of registry packages, and what is read from files and the Hub."""

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
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

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "leakage": (
            "Overlap",
            "overlap",
        ),
        "named": (
            "TEXT_DATASETS",
            "HubSource",
            "TextDatasetSpec",
        ),
        "packages": (
            "PACKAGES",
            "Package",
            "PackageError",
            "fetch",
        ),
        "splits": ("SPLIT_SEED",),
        "text": ("load_text_dataset",),
    },
)
