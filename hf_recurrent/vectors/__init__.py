"""Word vectors: read and save them, and make the tokenizer and the matrix of a model from them."""

from ._coverage import Coverage, coverage
from .formats import convert_vectors, load_vectors, save_vectors
from .matrix import check_matrix, embedding_matrix, join_vectors
from .named import load_named_vectors
from .tokenizer import tokenizer_from_texts, tokenizer_from_vectors
from .vocabulary import Vocabulary, make_vocabulary

__all__ = [
    "Coverage",
    "Vocabulary",
    "check_matrix",
    "convert_vectors",
    "coverage",
    "embedding_matrix",
    "join_vectors",
    "load_named_vectors",
    "load_vectors",
    "make_vocabulary",
    "save_vectors",
    "tokenizer_from_texts",
    "tokenizer_from_vectors",
]
