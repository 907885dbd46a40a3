"""Estimate the standard error of a test figure that is no share of rows."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from datasets import DatasetDict

from ..tasks.base import Task

GROUPS = 20


def standard_error(task: Task, predictions: Sequence[Any], data: DatasetDict) -> float | None:
    """Return the jackknife standard error of the main metric over groups of test rows.

    Each of 20 groups, every 20th row, is left out once. It is the "delete-a-group" jackknife
    (Kott, 2001), which judges the rows 20 times; a bootstrap as exact judges them more often.

    Returns:
        The error, or ``None`` for a share of rows, which has a formula, and for a metric that is
        not defined on all groups.
    """
    metric, places = task.chooser, np.arange(len(data["test"]))
    groups = min(GROUPS, len(places))
    if metric.is_share or groups < 2:
        return None
    values = []
    for group in range(groups):
        kept = places[places % groups != group]
        rows = data["test"].select(kept)
        judged = task.judge([predictions[i] for i in kept], rows, data["train"])
        values.append(judged.get(metric.key, math.nan))
    error = math.sqrt((groups - 1) * float(np.var(values)))
    return error if math.isfinite(error) else None
