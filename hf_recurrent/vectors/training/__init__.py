"""Train word vectors of any kind on any corpus."""

from ._epochs import TrainingStopped
from .cooccurrence import (
    CooccurrenceFile,
    Cooccurrences,
    count_cooccurrences,
    count_cooccurrences_to_file,
)
from .corpus import make_corpus
from .glove import train_glove
from .phrases import PhraseOptions, find_phrases
from .ppmi import ppmi, svd_vectors
from .result import CorpusFacts, TrainedVectors
from .saving import load_counts, load_vocabulary, save_trained
from .settings import KINDS
from .skip_gram import train_skip_gram
from .sources import open_corpus
from .train import train_vectors
from .vocabulary import OneHotVocabulary, count_words
from .word2vec import train_fasttext, train_word2vec

__all__ = [
    "KINDS",
    "CooccurrenceFile",
    "Cooccurrences",
    "CorpusFacts",
    "OneHotVocabulary",
    "PhraseOptions",
    "TrainedVectors",
    "TrainingStopped",
    "count_cooccurrences",
    "count_cooccurrences_to_file",
    "count_words",
    "find_phrases",
    "load_counts",
    "load_vocabulary",
    "make_corpus",
    "open_corpus",
    "ppmi",
    "save_trained",
    "svd_vectors",
    "train_fasttext",
    "train_glove",
    "train_skip_gram",
    "train_vectors",
    "train_word2vec",
]
