"""Metrics that work without a network."""

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .classification import F1, Accuracy, Matthews
    from .language_modeling import BitsPerCharacter, Perplexity, Spelling, UnknownShare
    from .spans import span_scores, spans_of, tagging_metrics
    from .tagging import SpanF1, TaggingAccuracy, tag_accuracy
    from .trainer import classification_metrics, multi_label_metrics, regression_metrics
    from .word_vectors import AnalogyAccuracy, PrecisionAtK, WordSimilarity

__all__ = [
    "F1",
    "Accuracy",
    "AnalogyAccuracy",
    "BitsPerCharacter",
    "Matthews",
    "Perplexity",
    "PrecisionAtK",
    "SpanF1",
    "Spelling",
    "TaggingAccuracy",
    "UnknownShare",
    "WordSimilarity",
    "classification_metrics",
    "multi_label_metrics",
    "regression_metrics",
    "span_scores",
    "spans_of",
    "tag_accuracy",
    "tagging_metrics",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "classification": ("F1", "Accuracy", "Matthews"),
        "language_modeling": ("BitsPerCharacter", "Perplexity", "Spelling", "UnknownShare"),
        "spans": ("span_scores", "spans_of", "tagging_metrics"),
        "tagging": ("SpanF1", "TaggingAccuracy", "tag_accuracy"),
        "trainer": ("classification_metrics", "multi_label_metrics", "regression_metrics"),
        "word_vectors": ("AnalogyAccuracy", "PrecisionAtK", "WordSimilarity"),
    },
)
