"""Compressed word vectors: smaller on disk and in memory, decoded row by row."""

from .compress import METHODS, compress_vectors, principal_components
from .keyed_vectors import CompressedKeyedVectors

__all__ = ["METHODS", "CompressedKeyedVectors", "compress_vectors", "principal_components"]
