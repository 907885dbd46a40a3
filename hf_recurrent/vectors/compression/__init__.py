"""Compressed word vectors: smaller on disk and in memory, decoded row by row."""

from typing import TYPE_CHECKING

from ..._lazy import lazy_names

if TYPE_CHECKING:
    from .compress import METHODS, compress_vectors, principal_components
    from .files import is_compressed, load_compressed, save_compressed
    from .keyed_vectors import CompressedKeyedVectors
    from .models import compress_model, compressed_from_model, model_from_compressed

__all__ = [
    "METHODS",
    "CompressedKeyedVectors",
    "compress_model",
    "compress_vectors",
    "compressed_from_model",
    "is_compressed",
    "load_compressed",
    "model_from_compressed",
    "principal_components",
    "save_compressed",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "compress": (
            "METHODS",
            "compress_vectors",
            "principal_components",
        ),
        "files": (
            "is_compressed",
            "load_compressed",
            "save_compressed",
        ),
        "keyed_vectors": ("CompressedKeyedVectors",),
        "models": (
            "compress_model",
            "compressed_from_model",
            "model_from_compressed",
        ),
    },
)
