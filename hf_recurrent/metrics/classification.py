"""``evaluate`` metrics for classification that need neither a network nor a script."""

from collections.abc import Sequence
from typing import Any, Literal

import datasets
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    f1_score,
    matthews_corrcoef,
)

from ._base import SimpleMetric

Average = Literal["binary", "macro", "micro", "weighted", "samples"]

_INPUTS = """
Args:
    predictions: Predicted class ids; with `config_name="multilabel"` rows of zeros and ones.
    references: True class ids, or rows of zeros and ones.
"""


class _ClassificationMetric(SimpleMetric):
    """Shared part of the metrics: integer predictions and references, or rows of them."""

    _inputs = _INPUTS

    @property
    def _value(self) -> Any:
        value = datasets.Value("int64")
        return datasets.Sequence(value) if self.config_name == "multilabel" else value


class Accuracy(_ClassificationMetric):
    """Share of right predictions; with several labels, of rows whose labels are all right.

    ``compute`` takes the options of ``sklearn.metrics.accuracy_score``.
    """

    _description = "Accuracy: the share of predictions that equal their reference."

    def _compute(
        self, predictions: Sequence[Any], references: Sequence[Any], **options: Any
    ) -> dict[str, float]:
        return {"accuracy": float(accuracy_score(references, predictions, **options))}


class F1(_ClassificationMetric):
    """Harmonic mean of precision and recall, 0 where both are 0.

    Args:
        average: How the classes become one number: "binary" scores the class ``pos_label`` alone,
            "macro" is the plain mean of the classes, "weighted" the mean by their frequency,
            "micro" counts all together, "samples" is the mean over the rows of several labels.
            ``compute`` takes another value for one call, and the other options of
            ``sklearn.metrics.f1_score``.
        **options: Those of ``evaluate.Metric``.
    """

    _description = "F1: the harmonic mean of precision and recall."

    def __init__(self, average: Average = "binary", **options: Any) -> None:
        super().__init__(**options)
        self.average = average

    def _compute(
        self,
        predictions: Sequence[Any],
        references: Sequence[Any],
        average: Average | None = None,
        **options: Any,
    ) -> dict[str, float]:
        options = {"average": average or self.average, "zero_division": 0} | options
        return {"f1": float(f1_score(references, predictions, **options))}


class Matthews(_ClassificationMetric):
    """Matthews' correlation of predictions and references, -1 to 1, for any number of classes.

    ``compute`` takes the options of ``sklearn.metrics.matthews_corrcoef``.
    """

    _description = "Matthews' correlation coefficient (Matthews 1975; Gorodkin 2004)."

    def _compute(
        self, predictions: Sequence[int], references: Sequence[int], **options: Any
    ) -> dict[str, float]:
        score = matthews_corrcoef(references, predictions, **options)
        return {"matthews_correlation": float(score)}


class AveragePrecision(SimpleMetric):
    """Mean precision over the ranks of the right rows, for a class that is rare.

    Rows are ranked by a score, and precision is taken at each row of the class: the area below the
    curve of precision by recall, without interpolation. It needs no threshold. Rows in random order
    have the share of the class. It is NaN where no row is of the class.
    """

    _description = "Average precision: the area below the curve of precision by recall."
    _inputs = """
Args:
    predictions: Scores of the class, such as its probability; only their order counts.
    references: True class ids.
"""

    @property
    def _value(self) -> Any:
        return {"predictions": datasets.Value("float64"), "references": datasets.Value("int64")}

    def _compute(
        self,
        predictions: Sequence[float],
        references: Sequence[int],
        pos_label: int = 1,
        sample_weight: Sequence[float] | None = None,
    ) -> dict[str, float]:
        right = [reference == pos_label for reference in references]
        if not any(right):
            return {"average_precision": float("nan")}
        score = average_precision_score(right, predictions, sample_weight=sample_weight)
        return {"average_precision": float(score)}
