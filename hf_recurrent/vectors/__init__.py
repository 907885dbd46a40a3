"""Word vectors: read and save them, and make the tokenizer and the matrix of a model from them."""

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from ._coverage import Coverage, coverage
    from .adaptation import AdaptationStopped, adapt_vectors, words_of_texts
    from .alignment import Alignment, align, read_dictionary
    from .compression import (
        CompressedKeyedVectors,
        compress_model,
    )
    from .evaluation import (
        evaluate_analogies,
        evaluate_categorisation,
        evaluate_similarity,
        evaluate_translation,
        evaluate_vectors,
        load_word_set,
        neighbors,
        plot_words,
    )
    from .formats import convert_vectors, load_vectors, save_vectors
    from .from_model import vectors_from_model
    from .inputs import WordInputs, word_inputs
    from .language_tokenizer import language_model_tokenizer
    from .matrix import embedding_matrix, join_vectors
    from .retrofitting import read_lexicon, retrofit
    from .tokenizer import tokenizer_from_texts, tokenizer_from_vectors
    from .training import TrainedVectors, TrainingStopped, save_trained, train_vectors
    from .training.cooccurrence import (
        CooccurrenceFile,
        Cooccurrences,
        count_cooccurrences,
        count_cooccurrences_to_file,
    )
    from .training.glove import train_glove
    from .training.ppmi import ppmi, svd_vectors
    from .training.skip_gram import train_skip_gram

__all__ = [
    "AdaptationStopped",
    "Alignment",
    "CompressedKeyedVectors",
    "CooccurrenceFile",
    "Cooccurrences",
    "Coverage",
    "TrainedVectors",
    "TrainingStopped",
    "WordInputs",
    "adapt_vectors",
    "align",
    "compress_model",
    "convert_vectors",
    "count_cooccurrences",
    "count_cooccurrences_to_file",
    "coverage",
    "embedding_matrix",
    "evaluate_analogies",
    "evaluate_categorisation",
    "evaluate_similarity",
    "evaluate_translation",
    "evaluate_vectors",
    "join_vectors",
    "language_model_tokenizer",
    "load_vectors",
    "load_word_set",
    "neighbors",
    "plot_words",
    "ppmi",
    "read_dictionary",
    "read_lexicon",
    "retrofit",
    "save_trained",
    "save_vectors",
    "svd_vectors",
    "tokenizer_from_texts",
    "tokenizer_from_vectors",
    "train_glove",
    "train_skip_gram",
    "train_vectors",
    "vectors_from_model",
    "word_inputs",
    "words_of_texts",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "_coverage": ("Coverage", "coverage"),
        "adaptation": ("AdaptationStopped", "adapt_vectors", "words_of_texts"),
        "alignment": ("Alignment", "align", "read_dictionary"),
        "compression": ("CompressedKeyedVectors", "compress_model"),
        "evaluation": (
            "evaluate_analogies",
            "evaluate_categorisation",
            "evaluate_similarity",
            "evaluate_translation",
            "evaluate_vectors",
            "load_word_set",
            "neighbors",
            "plot_words",
        ),
        "formats": ("convert_vectors", "load_vectors", "save_vectors"),
        "from_model": ("vectors_from_model",),
        "inputs": ("WordInputs", "word_inputs"),
        "language_tokenizer": ("language_model_tokenizer",),
        "matrix": ("embedding_matrix", "join_vectors"),
        "retrofitting": ("read_lexicon", "retrofit"),
        "tokenizer": ("tokenizer_from_texts", "tokenizer_from_vectors"),
        "training": ("TrainedVectors", "TrainingStopped", "save_trained", "train_vectors"),
        "training.cooccurrence": (
            "CooccurrenceFile",
            "Cooccurrences",
            "count_cooccurrences",
            "count_cooccurrences_to_file",
        ),
        "training.glove": ("train_glove",),
        "training.ppmi": ("ppmi", "svd_vectors"),
        "training.skip_gram": ("train_skip_gram",),
    },
    submodules=("compression", "evaluation", "formats", "training"),
)
