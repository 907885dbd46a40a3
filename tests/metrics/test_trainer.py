"""The functions for Trainer against numbers worked out by hand."""

import numpy as np
import pytest
from transformers import EvalPrediction

from hf_recurrent.metrics import classification_metrics, multi_label_metrics, regression_metrics


def test_classification():
    logits = np.array([[2.0, 1.0], [0.0, 3.0], [0.0, 1.0], [1.0, 0.0]])
    labels = np.array([0, 1, 0, 0])
    expected = {"accuracy": 0.75, "f1_macro": (0.8 + 2 / 3) / 2, "matthews_correlation": 3**-0.5}
    assert classification_metrics(EvalPrediction(logits, labels)) == pytest.approx(expected)
    # A model with more outputs than the logits.
    found = classification_metrics(EvalPrediction((logits, np.zeros(3)), labels))
    assert found == pytest.approx(expected)
    # A row that the loss leaves out.
    logits, labels = np.array([*logits, [9.0, 0.0]]), np.array([*labels, -100])
    assert classification_metrics(EvalPrediction(logits, labels)) == pytest.approx(expected)


def test_multi_label():
    logits = np.array([[1.0, -1.0], [2.0, 0.5], [-1.0, -2.0]])
    labels = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    expected = {"accuracy": 2 / 3, "f1_micro": 0.8, "f1_macro": (2 / 3 + 1) / 2}
    assert multi_label_metrics(EvalPrediction(logits, labels)) == pytest.approx(expected)


def test_regression():
    outputs, labels = np.array([[1.0], [2.0], [4.0]]), np.array([1.0, 2.0, 3.0])
    found = regression_metrics(EvalPrediction(outputs, labels))
    assert found == pytest.approx({"mse": 1 / 3, "pearson": 3 / np.sqrt(2 * 14 / 3)})
    constant = regression_metrics(EvalPrediction(np.ones((3, 1)), labels))
    assert constant == pytest.approx({"mse": 5 / 3, "pearson": 0.0})
