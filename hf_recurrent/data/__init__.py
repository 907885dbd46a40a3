"""Named data sets, data in registry packages, and readers of files and of the Hub."""

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from ..tasks.text_classification.data import load_text_dataset
    from ..tasks.text_classification.named import TEXT_DATASETS, TextDatasetSpec
    from .leakage import Overlap, overlap
    from .packages import PACKAGES, Package, PackageError, fetch
    from .sources import HubSource, NamedDataset
    from .splits import SPLIT_SEED

__all__ = [
    "PACKAGES",
    "SPLIT_SEED",
    "TEXT_DATASETS",
    "HubSource",
    "NamedDataset",
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
        # Users know these as names of this package. They belong to a task, which is a layer
        # above, so they are imported when they are first used.
        ".tasks.text_classification.data": ("load_text_dataset",),
        ".tasks.text_classification.named": (
            "TEXT_DATASETS",
            "TextDatasetSpec",
        ),
        "packages": (
            "PACKAGES",
            "Package",
            "PackageError",
            "fetch",
        ),
        "sources": (
            "HubSource",
            "NamedDataset",
        ),
        "splits": ("SPLIT_SEED",),
    },
)
