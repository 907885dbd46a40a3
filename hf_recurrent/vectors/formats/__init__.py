"""Files of word vectors: read with every check on, and written whole or not at all."""

from typing import TYPE_CHECKING

from ..._lazy import lazy_names

if TYPE_CHECKING:
    from .conversion import convert_vectors
    from .loading import load_vectors
    from .saving import save_vectors
    from .table import FORMATS

__all__ = ["FORMATS", "convert_vectors", "load_vectors", "save_vectors"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "conversion": ("convert_vectors",),
        "loading": ("load_vectors",),
        "saving": ("save_vectors",),
        "table": ("FORMATS",),
    },
)
