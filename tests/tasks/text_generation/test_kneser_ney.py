"""The Kneser-Ney model: by hand, by a naive implementation, and its probabilities sum to 1."""

from collections import Counter, defaultdict
from itertools import product

import numpy as np
import pytest

from hf_recurrent.tasks.text_generation.kneser_ney import KneserNey, _discounts

A, B, C, D = range(4)
TEXT = [A, B, A, C, A, B]


def test_a_bigram_model_by_hand() -> None:
    # Few counts: the discounts are 0.5, 1 and 1.5. A follows B and C, B and C follow A alone, so a
    # unigram has the shares 2/4, 1/4, 1/4. Discounted: 1/4, 1/8, 1/8, and 1/2 for all four alike.
    model = KneserNey(TEXT, vocab_size=4, order=2)
    unigram = [1 / 4 + 1 / 8, 1 / 8 + 1 / 8, 1 / 8 + 1 / 8, 1 / 8]
    # After A: B twice and C once. Discounted: 1/3 and 1/6, and 1/2 for the unigram.
    after_a = [unigram[A] / 2, 1 / 3 + unigram[B] / 2, 1 / 6 + unigram[C] / 2, unigram[D] / 2]
    # After B: A once. Discounted: 1/2, and 1/2 for the unigram.
    after_b = [1 / 2 + unigram[A] / 2, *(p / 2 for p in unigram[B:])]
    assert model.distribution([]) == pytest.approx(unigram)
    assert model.distribution([D, A]) == pytest.approx(after_a)
    assert model.distribution([B]) == pytest.approx(after_b)
    assert model.distribution([D]) == pytest.approx(unigram)
    found = np.exp(model.log_probabilities([A, B, A, D, C]))
    by_hand = [unigram[A], after_a[B], after_b[A], after_a[D], unigram[C]]
    assert found == pytest.approx(by_hand)
    assert np.exp(model.log_probabilities([A, B, A], skip=1)) == pytest.approx(by_hand[1:3])


def test_discounts_of_chen_and_goodman_by_hand() -> None:
    # n1 to n4 are 4, 2, 1, 1, so n1 / (n1 + 2 n2) is a half.
    counts = np.array([1, 1, 1, 1, 2, 2, 3, 4, 9])
    assert _discounts(counts) == pytest.approx(
        (1 - 2 * 0.5 * 2 / 4, 2 - 3 * 0.5 * 1 / 2, 3 - 4 * 0.5 * 1 / 1)
    )
    assert _discounts(np.array([5, 6])) == (0.5, 1.0, 1.5)


def naive(text: list[int], vocab_size: int, order: int):
    """Return the probability of a token after a context, by dictionaries and recursion."""
    grams = {
        n: Counter(tuple(text[i : i + n]) for i in range(len(text) - n + 1))
        for n in range(1, order + 1)
    }
    counts = {order: grams[order]}
    for n in range(1, order):
        counts[n] = Counter(gram[1:] for gram in grams[n + 1])
    followers = {n: defaultdict(dict) for n in counts}
    for n, own in counts.items():
        for gram, number in own.items():
            followers[n][gram[:-1]][gram[-1]] = number
    discounts = {n: (0, *_discounts(np.array([*own.values()]))) for n, own in counts.items()}

    def probability(token: int, context: tuple[int, ...]) -> float:
        n = len(context) + 1
        shorter = probability(token, context[1:]) if context else 1 / vocab_size
        after = followers[n].get(context)
        if not after:
            return shorter
        total = sum(after.values())
        left = sum(discounts[n][min(number, 3)] for number in after.values())
        own = after.get(token, 0)
        return (own - discounts[n][min(own, 3)] + left * shorter) / total

    return probability


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_fast_equals_naive_and_sums_to_one(order: int) -> None:
    random = np.random.default_rng(order)
    text = [int(token) for token in random.zipf(1.6, 900) if token < 30]
    model, by_hand = KneserNey(text, 32, order), naive(text, 32, order)
    assert model.order == order
    unseen = [int(token) for token in random.integers(0, 32, 40)]
    for read in (text[:60], unseen):
        wanted = [
            by_hand(token, tuple(read[max(place - order + 1, 0) : place]))
            for place, token in enumerate(read)
        ]
        assert np.exp(model.log_probabilities(read)) == pytest.approx(wanted, rel=1e-9)
    for context in ([], [1], [31, 2], text[10:14], unseen[:4], unseen[:9]):
        found = model.distribution(context)
        assert found.sum() == pytest.approx(1, abs=1e-12)
        assert found.min() > 0
        last = context[len(context) - order + 1 :] if order > 1 else []
        wanted = [by_hand(token, tuple(last)) for token in range(32)]
        assert found == pytest.approx(wanted, rel=1e-9)


def test_probabilities_of_all_texts_of_three_tokens_sum_to_one() -> None:
    model = KneserNey(TEXT, 4, 3)
    total = sum(np.exp(model.log_probabilities(text).sum()) for text in product(range(4), repeat=3))
    assert total == pytest.approx(1)


def test_a_text_shorter_than_an_n_gram_is_enough() -> None:
    model = KneserNey([2], 4, 5)
    assert np.exp(model.log_probabilities([2, 2, 1])).min() > 0
    assert model.distribution([2, 2]).sum() == pytest.approx(1)


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(ValueError, match="There is no text"):
        KneserNey([], 4)
    with pytest.raises(ValueError, match="The ids are 0 to 4, expected 0 to 3"):
        KneserNey([0, 4], 4)
    with pytest.raises(ValueError, match="order is 0"):
        KneserNey([0], 4, order=0)
    with pytest.raises(ValueError, match="The ids are -1 to 0"):
        KneserNey([0], 4).log_probabilities([-1, 0])
