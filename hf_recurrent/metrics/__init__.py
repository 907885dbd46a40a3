"""Metrics that work without a network."""

from .classification import F1, Accuracy, Matthews
from .trainer import classification_metrics, multi_label_metrics, regression_metrics

__all__ = [
    "F1",
    "Accuracy",
    "Matthews",
    "classification_metrics",
    "multi_label_metrics",
    "regression_metrics",
]
