"""Named data sets, data in registry packages, and readers of files and of the Hub."""

from typing import TYPE_CHECKING

from .._lazy import import_lazily

if TYPE_CHECKING:
    # Users know the names of text classification here; the task is a layer above.
    from ..tasks.text_classification.data import load_text_dataset as load_text_dataset
    from ..tasks.text_classification.named import TEXT_DATASETS as TEXT_DATASETS
    from ..tasks.text_classification.named import TextDatasetSpec as TextDatasetSpec
    from .leakage import Overlap as Overlap
    from .leakage import overlap as overlap
    from .packages import PACKAGES as PACKAGES
    from .packages import Package as Package
    from .packages import PackageError as PackageError
    from .packages import fetch as fetch
    from .sources import HubSource as HubSource
    from .sources import NamedDataset as NamedDataset
    from .splits import SPLIT_SEED as SPLIT_SEED

import_lazily(__name__)
