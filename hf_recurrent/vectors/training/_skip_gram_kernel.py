"""The inner loop of skip-gram with negatives shared within a window, compiled.

Importing this module needs numba.
"""

from typing import Any

import numpy as np

from ._compiled import compiled, inlined

# Beyond it, the sigmoid is cut off: it is 0 or 1 to four digits.
_LARGEST = np.float32(9.9)
_LEAST = np.float32(1e-30)


@inlined
def _next(state: Any) -> Any:
    """Draw 64 random bits (xorshift; Marsaglia, 2003)."""
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    state ^= state << np.uint64(17)
    return state


@inlined
def _below(state: Any, end: Any) -> Any:
    """Turn the upper half of random bits into a whole number below ``end``."""
    return np.int64(((state >> np.uint64(32)) * np.uint64(end)) >> np.uint64(32))


@inlined
def _sigmoid(x: Any) -> Any:
    """Return 1 / (1 + exp(-x)) to five digits: a continued fraction of tanh(x / 2) (Lambert)."""
    y = np.float32(0.5) * min(max(x, -_LARGEST), _LARGEST)
    z = y * y
    above = np.float32(135135) + z * (np.float32(17325) + z * (np.float32(378) + z))
    below = np.float32(62370) + z * (np.float32(3150) + np.float32(28) * z)
    return np.float32(0.5) + np.float32(0.5) * y * above / (np.float32(135135) + z * below)


@compiled
def train_block(
    words: np.ndarray,
    lengths: np.ndarray,
    kept: np.ndarray,
    alias: np.ndarray,
    threshold: np.ndarray,
    inputs: np.ndarray,
    outputs: np.ndarray,
    window: int,
    negatives: int,
    rates: tuple[np.float32, np.float32],
    seed: int,
) -> tuple[float, int]:
    """Train on some sentences, one word after the other.

    A word is the target of all words of its window, together with negatives that are drawn once for
    the window (Ji et al., 2016). The output vectors of a window are read once before it and written
    once after it.

    Args:
        words: int32, all sentences in one row.
        lengths: int32, the number of words of each sentence.
        kept: uint64, ``(words,)``: a word is kept if 32 random bits are below this.
        alias: int32, ``(words,)``, the word to take instead if 32 random bits are not below the
            threshold (the alias method: Walker, 1977).
        threshold: uint64, ``(words,)``.
        inputs: float32, ``(words, dimension)``, changed in place.
        outputs: float32, ``(words, dimension)``, changed in place.
        window: The largest distance; each word draws its own, from 1 to this.
        negatives: Number of negatives.
        rates: The learning rate at the beginning and at the end.
        seed: Seed of the random numbers.

    Returns:
        The sum of -log sigmoid of all pairs and negatives, and the number of pairs.
    """
    dimension = inputs.shape[1]
    sentence = np.empty(max(1, lengths.max()), dtype=np.int32)
    chosen = np.empty(negatives + 1, dtype=np.int32)
    rows = np.empty((negatives + 1, dimension), dtype=np.float32)
    changes = np.empty((negatives + 1, dimension), dtype=np.float32)
    steps = np.empty(negatives + 1, dtype=np.float32)
    state = np.uint64(seed) | np.uint64(1)
    for _ in range(8):  # a seed of few bits becomes a state of many
        state = _next(state)
    loss, pairs, place = 0.0, 0, 0
    for length in lengths:
        rate = rates[0] + (rates[1] - rates[0]) * np.float32(place / len(words))
        count = 0
        for k in range(place, place + length):
            state = _next(state)
            if (state >> np.uint64(32)) < kept[words[k]]:
                sentence[count] = words[k]
                count += 1
        place += length
        for center in range(count):
            state = _next(state)
            reach = 1 + _below(state, window)
            first, last = max(0, center - reach), min(count, center + reach + 1)
            if last - first < 2:
                continue
            chosen[0] = sentence[center]
            size = 1
            for _ in range(negatives):
                state = _next(state)
                negative = _below(state, len(alias))
                state = _next(state)
                if (state >> np.uint64(32)) >= threshold[negative]:
                    negative = np.int64(alias[negative])
                if negative != chosen[0]:  # the others are passed over, as in word2vec.c
                    chosen[size] = negative
                    size += 1
            for row in range(size):
                output = outputs[chosen[row]]
                for k in range(dimension):
                    rows[row, k] = output[k]
                    changes[row, k] = np.float32(0)
            for context in range(first, last):
                if context == center:
                    continue
                pairs += 1
                source = inputs[sentence[context]]
                probability = np.float32(1)
                for row in range(size):
                    product = np.float32(0)
                    for k in range(dimension):
                        product += source[k] * rows[row, k]
                    steps[row] = product
                for row in range(size):
                    if row == 0:
                        right = _sigmoid(steps[row])
                        steps[row] = rate * (np.float32(1) - right)
                    else:
                        wrong = _sigmoid(steps[row])
                        right = np.float32(1) - wrong
                        steps[row] = -rate * wrong
                    probability = max(probability * right, _LEAST)
                loss -= np.log(probability)
                for row in range(size):
                    step = steps[row]
                    for k in range(dimension):
                        changes[row, k] += step * source[k]
                for row in range(size):
                    step = steps[row]
                    for k in range(dimension):
                        source[k] += step * rows[row, k]
            for row in range(size):
                output = outputs[chosen[row]]
                for k in range(dimension):
                    output[k] += changes[row, k]
    return loss, pairs
