"""Metrics that work without a network."""

from .classification import F1, Accuracy, Matthews
from .spans import span_scores, spans_of, tagging_metrics
from .tagging import SpanF1, TaggingAccuracy, tag_accuracy
from .trainer import classification_metrics, multi_label_metrics, regression_metrics
from .word_vectors import AnalogyAccuracy, PrecisionAtK, WordSimilarity

__all__ = [
    "F1",
    "Accuracy",
    "AnalogyAccuracy",
    "Matthews",
    "PrecisionAtK",
    "SpanF1",
    "TaggingAccuracy",
    "WordSimilarity",
    "classification_metrics",
    "multi_label_metrics",
    "regression_metrics",
    "span_scores",
    "spans_of",
    "tag_accuracy",
    "tagging_metrics",
]
