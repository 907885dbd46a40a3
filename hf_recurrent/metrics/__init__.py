"""Metrics that work without a network."""

from .classification import F1, Accuracy, Matthews
from .trainer import classification_metrics, multi_label_metrics, regression_metrics
from .word_vectors import AnalogyAccuracy, PrecisionAtK, WordSimilarity

__all__ = [
    "F1",
    "Accuracy",
    "AnalogyAccuracy",
    "Matthews",
    "PrecisionAtK",
    "WordSimilarity",
    "classification_metrics",
    "multi_label_metrics",
    "regression_metrics",
]
