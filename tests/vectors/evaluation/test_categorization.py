import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.vectors.evaluation import Categories, evaluate_categorization, load_word_set
from hf_recurrent.vectors.evaluation.categorization import purity

from ..files import make_vectors

ITEMS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=30)


@given(ITEMS)
def test_purity_is_its_formula(items) -> None:
    right = 0
    for cluster in {c for _, c in items}:
        inside = [label for label, c in items if c == cluster]
        right += max(inside.count(label) for label in inside)
    labels, clusters = (np.array(side) for side in zip(*items, strict=True))
    assert purity(labels, clusters) == pytest.approx(right / len(items))


def grouped(noise: float):
    """Make 40 words of 4 groups around a direction each, of any length."""
    generator = np.random.default_rng(0)
    words = [f"{group}{number}" for group in "abcd" for number in range(10)]
    vectors = make_vectors(words, 6)
    rows = np.repeat(np.eye(4, 6), 10, axis=0) + generator.normal(size=(40, 6)) * noise
    vectors.vectors[:] = rows * generator.uniform(0.1, 9, (40, 1))
    groups = {g: tuple(w for w in words if w[0] == g) for g in "abcd"}
    return vectors, Categories("groups", groups | {"a": (*groups["a"], "unknown")})


def test_groups_that_lie_apart_are_found_and_others_are_not() -> None:
    score = evaluate_categorization(*grouped(0.05))
    assert (score.purity, score.spread) == (1, 0)
    assert (score.known, score.words, score.categories) == (40, 41, 4)
    assert score.largest_share == 0.25
    noisy = evaluate_categorization(*grouped(5.0))
    assert 0.25 <= noisy.purity < 0.7


def test_seeds_repeat() -> None:
    vectors, categories = grouped(1.0)
    first, again = (evaluate_categorization(vectors, categories, seeds=(3, 4)) for _ in range(2))
    assert first == again
    assert evaluate_categorization(vectors, categories, seeds=(3,)).spread == 0


def test_one_category_with_known_words_is_no_score() -> None:
    vectors, categories = grouped(1.0)
    score = evaluate_categorization(vectors, categories, limit=10)
    assert math.isnan(score.purity)
    assert (score.known, score.categories) == (10, 1)
    score = evaluate_categorization(make_vectors(["x"]), categories)
    assert math.isnan(score.purity)
    assert (score.known, score.largest_share) == (0, 0)


def test_equal_vectors_make_no_noise(recwarn) -> None:
    vectors, categories = grouped(1.0)
    vectors.vectors[:] = 1
    assert evaluate_categorization(vectors, categories).purity == 0.25
    assert not recwarn.list


def test_no_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one seed"):
        evaluate_categorization(*grouped(1.0), seeds=())


def test_the_categories_of_the_analogies() -> None:
    categories = load_word_set("google-categories").categories
    assert set(categories) == {
        "capital", "country", "currency", "city", "state", "family", "nationality",
    }  # fmt: skip
    assert {"Athens", "Paris"} <= set(categories["capital"])
    assert "euro" in categories["currency"]
    everything = [word for words in categories.values() for word in words]
    assert len(everything) == len(set(everything)) > 350
