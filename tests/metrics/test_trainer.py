"""The functions for Trainer against numbers worked out by hand."""

import numpy as np
import pytest
from transformers import EvalPrediction

from hf_recurrent.metrics import (
    classification_metrics,
    multi_label_metrics,
    rare_class_metrics,
    regression_metrics,
)


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


# Margins of class 1; class 1 is predicted where they are positive.
MARGINS = np.array([3.0, 2.0, 1.0, -1.0, -2.0])
RARE = np.array([1, 0, 1, 0, 1])


def test_a_rare_class():
    logits = np.stack([np.zeros(5), MARGINS], 1)
    precisions = [1, 2 / 3, 3 / 5]
    expected = {"average_precision": sum(precisions) / 3, "f1": 2 / 3}
    found = rare_class_metrics()(EvalPrediction(logits, RARE))
    assert found == pytest.approx(expected)
    # The other class, whose scores are in the opposite order.
    other = {"average_precision": (1 / 2 + 2 / 4) / 2, "f1": 0.5}
    assert rare_class_metrics(0)(EvalPrediction(logits, RARE)) == pytest.approx(other)
    ignored = EvalPrediction(np.array([*logits, [0.0, 9.0]]), np.array([*RARE, -100]))
    assert rare_class_metrics()(ignored) == pytest.approx(expected)
    none = rare_class_metrics()(EvalPrediction(logits, np.zeros(5, dtype=int)))
    assert none == pytest.approx({"average_precision": np.nan, "f1": 0.0}, nan_ok=True)


def test_a_class_that_is_rarer_in_use_than_in_the_rows():
    """Weights stand for copies: three rows of the class are 20 % beside twelve others."""
    logits = np.stack([np.zeros(5), MARGINS], 1)
    copies = np.where(RARE == 1, 1, 6)
    many = EvalPrediction(logits.repeat(copies, axis=0), RARE.repeat(copies))
    found = rare_class_metrics(1, share=0.2)(EvalPrediction(logits, RARE))
    assert found == pytest.approx(rare_class_metrics(1)(many))
    for share in (0.0, 1.0, 20):
        with pytest.raises(ValueError, match=f"share is {share}, expected a share between 0 and"):
            rare_class_metrics(1, share)
