"""Files of word vectors: every form is read with all checks on, and written whole or not at all."""

from ._detect import FORMATS
from .conversion import convert_vectors
from .readers import load_vectors
from .writers import save_vectors

__all__ = ["FORMATS", "convert_vectors", "load_vectors", "save_vectors"]
