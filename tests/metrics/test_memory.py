"""Accuracy of sequences and errors of numbers, by hand."""

import math

import numpy as np
import pytest

from hf_recurrent.metrics import (
    RootMeanSquaredError,
    SequenceAccuracy,
    number_errors,
    sequence_accuracy,
)


def test_sequences() -> None:
    found = SequenceAccuracy().compute(
        predictions=[[1, 2], [3, 4], [5, 5]], references=[[1, 2], [3, 3], [6, 6]]
    )
    assert found == {"accuracy": 0.5, "sequence_accuracy": pytest.approx(1 / 3)}
    with pytest.raises(ValueError, match=r"shape \(2, 1\) and predictions \(1, 2\)"):
        sequence_accuracy([[1], [2]], [[1, 2]])


def test_numbers() -> None:
    metric = RootMeanSquaredError()
    assert metric.compute(predictions=[0.0, 3.0], references=[1.0, 1.0]) == {
        "rmse": pytest.approx(math.sqrt(2.5))
    }
    told = metric.compute(predictions=[0.0, 3.0], references=[1.0, 1.0], tolerance=1.0)
    assert told["within_tolerance"] == 0.5
    assert number_errors(np.ones((3, 1)), np.ones(3), 0.0) == {"rmse": 0.0, "within_tolerance": 1.0}
    with pytest.raises(ValueError, match="2 references and 1 prediction"):
        number_errors([1.0, 2.0], [1.0])
