"""The inner loop of GloVe, compiled. Importing this module needs numba."""

import numpy as np

from ._compiled import compiled


@compiled
def train_records(
    rows: np.ndarray,
    columns: np.ndarray,
    logarithms: np.ndarray,
    weights: np.ndarray,
    words: np.ndarray,
    contexts: np.ndarray,
    learning_rate: np.float32,
) -> np.float32:
    """Train on records, one after the other.

    The loss of a record is weight / 2 * (word . context + biases - logarithm)^2. AdaGrad divides
    each step by the root of a sum: its first value, and the squares of learning rate times gradient
    of all earlier steps.

    Args:
        rows: int32, ``(records,)``, the word of each record.
        columns: int32, ``(records,)``, its context.
        logarithms: float32, log X.
        weights: float32, f(X).
        words: float32, ``(words, 2, dimension + 1)``: the vectors with their biases, and their sums
            of squares. Changed in place, as are the contexts.
        contexts: float32, the same for the contexts.
        learning_rate: float32.

    Returns:
        The sum of the losses, each measured before its step.
    """
    dimension = words.shape[2] - 1
    total = np.float32(0)
    for record in range(len(rows)):
        word, word_sums = words[rows[record], 0], words[rows[record], 1]
        context, context_sums = contexts[columns[record], 0], contexts[columns[record], 1]
        product = np.float32(0)
        for k in range(dimension):
            product += word[k] * context[k]
        error = product + word[dimension] + context[dimension] - logarithms[record]
        step = weights[record] * error
        total += step * error
        step *= learning_rate
        for k in range(dimension):
            word_step, context_step = step * context[k], step * word[k]
            word[k] -= word_step / np.sqrt(word_sums[k])
            context[k] -= context_step / np.sqrt(context_sums[k])
            word_sums[k] += word_step * word_step
            context_sums[k] += context_step * context_step
        word[dimension] -= step / np.sqrt(word_sums[dimension])
        context[dimension] -= step / np.sqrt(context_sums[dimension])
        word_sums[dimension] += step * step
        context_sums[dimension] += step * step
    return np.float32(0.5) * total
