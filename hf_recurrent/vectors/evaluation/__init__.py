"""Evaluation of word vectors: similarity, analogies, categories, translation, plots."""

from typing import TYPE_CHECKING

from ..._lazy import lazy_names

if TYPE_CHECKING:
    from .analogies import AnalogyScore, SectionScore, answer_analogies, evaluate_analogies
    from .categorisation import CategorisationScore, evaluate_categorisation
    from .cross_lingual import CrossLingualScore, evaluate_translation
    from .named_sets import available_sets, load_word_set
    from .nearest import neighbors
    from .report import ScoreLine, evaluate_vectors, score_lines, score_table
    from .similarity import SimilarityScore, evaluate_similarity
    from .word_plot import WordPlot, plot_words, read_plot_words
    from .word_sets import (
        Analogies,
        Categories,
        WordPairs,
        read_analogies,
        read_categories,
        read_pairs,
        read_word_set,
    )

__all__ = [
    "Analogies",
    "AnalogyScore",
    "Categories",
    "CategorisationScore",
    "CrossLingualScore",
    "ScoreLine",
    "SectionScore",
    "SimilarityScore",
    "WordPairs",
    "WordPlot",
    "answer_analogies",
    "available_sets",
    "evaluate_analogies",
    "evaluate_categorisation",
    "evaluate_similarity",
    "evaluate_translation",
    "evaluate_vectors",
    "load_word_set",
    "neighbors",
    "plot_words",
    "read_analogies",
    "read_categories",
    "read_pairs",
    "read_plot_words",
    "read_word_set",
    "score_lines",
    "score_table",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "analogies": ("AnalogyScore", "SectionScore", "answer_analogies", "evaluate_analogies"),
        "categorisation": ("CategorisationScore", "evaluate_categorisation"),
        "cross_lingual": ("CrossLingualScore", "evaluate_translation"),
        "nearest": ("neighbors",),
        "word_sets": (
            "Analogies",
            "Categories",
            "WordPairs",
            "read_analogies",
            "read_categories",
            "read_pairs",
            "read_word_set",
        ),
        "report": ("ScoreLine", "evaluate_vectors", "score_lines", "score_table"),
        "named_sets": ("available_sets", "load_word_set"),
        "similarity": ("SimilarityScore", "evaluate_similarity"),
        "word_plot": ("WordPlot", "plot_words", "read_plot_words"),
    },
)
