"""Files of word vectors: every form is read with all checks on, and written whole or not at all."""

from .readers import load_vectors

__all__ = ["load_vectors"]
