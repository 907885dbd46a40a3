"""The shared part of the metrics: predictions and references of one type."""

from typing import Any

import datasets
import evaluate


class SimpleMetric(evaluate.Metric):
    """A metric whose subclasses name its description, its inputs and their type.

    The type is one for predictions and references, or a dictionary with one for each.
    """

    _description = ""
    _inputs = ""
    _value: Any = None

    def _info(self) -> evaluate.MetricInfo:
        value = self._value
        both = value if isinstance(value, dict) else {"predictions": value, "references": value}
        return evaluate.MetricInfo(
            description=self._description,
            citation="",
            inputs_description=self._inputs,
            features=datasets.Features(both),
        )
