"""Evaluation of word vectors: similarity, analogies, categories, translation, plots."""

from typing import TYPE_CHECKING

from ..._lazy import import_lazily

if TYPE_CHECKING:
    from .analogies import AnalogyScore as AnalogyScore
    from .analogies import SectionScore as SectionScore
    from .analogies import answer_analogies as answer_analogies
    from .analogies import evaluate_analogies as evaluate_analogies
    from .categorization import CategorizationScore as CategorizationScore
    from .categorization import evaluate_categorization as evaluate_categorization
    from .cross_lingual import CrossLingualScore as CrossLingualScore
    from .cross_lingual import evaluate_translation as evaluate_translation
    from .named_sets import available_sets as available_sets
    from .named_sets import load_word_set as load_word_set
    from .nearest import neighbors as neighbors
    from .report import ScoreLine as ScoreLine
    from .report import evaluate_vectors as evaluate_vectors
    from .report import score_lines as score_lines
    from .report import score_table as score_table
    from .similarity import SimilarityScore as SimilarityScore
    from .similarity import evaluate_similarity as evaluate_similarity
    from .word_plot import WordPlot as WordPlot
    from .word_plot import plot_words as plot_words
    from .word_plot import read_plot_words as read_plot_words
    from .word_sets import Analogies as Analogies
    from .word_sets import Categories as Categories
    from .word_sets import WordPairs as WordPairs
    from .word_sets import read_analogies as read_analogies
    from .word_sets import read_categories as read_categories
    from .word_sets import read_pairs as read_pairs
    from .word_sets import read_word_set as read_word_set

import_lazily(__name__)
