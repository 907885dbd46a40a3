"""Word vectors: read and save them, and make the tokenizer and the matrix of a model from them."""

from ._coverage import Coverage, coverage
from .alignment import Alignment, align, read_dictionary
from .compression import (
    CompressedKeyedVectors,
    compress_model,
    compress_vectors,
    compressed_from_model,
    load_compressed,
    model_from_compressed,
    save_compressed,
)
from .formats import convert_vectors, load_vectors, save_vectors
from .from_model import vectors_from_model
from .inputs import WordInputs, word_inputs
from .matrix import check_matrix, embedding_matrix, join_vectors
from .named import load_named_vectors
from .tokenizer import tokenizer_from_texts, tokenizer_from_vectors
from .vocabulary import Vocabulary, make_vocabulary

__all__ = [
    "Alignment",
    "CompressedKeyedVectors",
    "Coverage",
    "Vocabulary",
    "WordInputs",
    "align",
    "check_matrix",
    "compress_model",
    "compress_vectors",
    "compressed_from_model",
    "convert_vectors",
    "coverage",
    "embedding_matrix",
    "join_vectors",
    "load_compressed",
    "load_named_vectors",
    "load_vectors",
    "make_vocabulary",
    "model_from_compressed",
    "read_dictionary",
    "save_compressed",
    "save_vectors",
    "tokenizer_from_texts",
    "tokenizer_from_vectors",
    "vectors_from_model",
    "word_inputs",
]
