"""Files of word vectors: read with every check on, and written whole or not at all."""

from typing import TYPE_CHECKING

from ..._lazy import lazy_names

if TYPE_CHECKING:
    from ._detect import FORMATS
    from .conversion import convert_vectors
    from .readers import load_vectors
    from .writers import save_vectors

__all__ = ["FORMATS", "convert_vectors", "load_vectors", "save_vectors"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "_detect": ("FORMATS",),
        "conversion": ("convert_vectors",),
        "readers": ("load_vectors",),
        "writers": ("save_vectors",),
    },
)
