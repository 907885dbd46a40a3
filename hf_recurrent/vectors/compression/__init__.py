"""Compressed word vectors: smaller on disk and in memory, decoded row by row."""

from typing import TYPE_CHECKING

from ..._lazy import lazy_names

if TYPE_CHECKING:
    from .compressed import CompressedKeyedVectors
    from .files import is_compressed
    from .models import compress_model
    from .rows import METHODS

__all__ = ["METHODS", "CompressedKeyedVectors", "compress_model", "is_compressed"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "compressed": ("CompressedKeyedVectors",),
        "files": ("is_compressed",),
        "models": ("compress_model",),
        "rows": ("METHODS",),
    },
)
