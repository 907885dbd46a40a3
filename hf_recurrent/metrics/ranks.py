"""Spearman's correlation, for the metrics and the evaluation of word vectors."""

import numpy as np
from scipy.stats import spearmanr


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Return Spearman's correlation; NaN where all values of a side are equal."""
    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(spearmanr(first, second).statistic)
