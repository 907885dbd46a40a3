"""Translation against a loop over words and translations."""

import math

import numpy as np
import pytest

from hf_recurrent.vectors.evaluation import evaluate_translation

from ..files import make_vectors

SOURCE = [f"s{number}" for number in range(40)]
TARGET = [f"t{number}" for number in range(30)]


def sides(noise: float = 2.0):
    source, target = make_vectors(SOURCE, 5), make_vectors(TARGET, 5, seed=1)
    generator = np.random.default_rng(2)
    source.vectors[:30] = target.vectors + generator.normal(size=(30, 5)) * noise
    return source, target


DICTIONARY = [
    *((f"s{number}", f"t{number}") for number in range(25)),
    ("s0", "t3"),
    ("s1", "missing"),
    ("s30", "missing"),
    ("missing", "t4"),
]


def cosine(u: np.ndarray, v: np.ndarray) -> float:
    return float(u @ v / np.linalg.norm(u) / np.linalg.norm(v))


def brute_force(source, target, method: str, k: int, neighborhood: int) -> tuple[int, int]:
    """Return how many words were translated right among the first k, and how many were covered."""
    right = covered = 0
    for word in dict.fromkeys(s for s, _ in DICTIONARY):
        answers = {t for s, t in DICTIONARY if s == word and t in target.key_to_index}
        if word not in source.key_to_index or not answers:
            continue
        covered += 1
        scores = {}
        for other in target.index_to_key:
            score = cosine(source[word], target[other])
            if method == "csls":
                near = sorted(cosine(source[s], target[other]) for s in source.index_to_key)
                far = sorted(cosine(source[word], target[t]) for t in target.index_to_key)
                score = 2 * score - np.mean(near[-neighborhood:]) - np.mean(far[-neighborhood:])
            scores[other] = score
        first = sorted(scores, key=lambda other: -scores[other])[:k]
        right += bool(answers & set(first))
    return right, covered


@pytest.mark.parametrize("method", ["nearest", "csls"])
def test_every_word_is_tried(method) -> None:
    source, target = sides()
    score = evaluate_translation(
        source, target, DICTIONARY, method=method, ks=(1, 5), neighborhood=4
    )
    assert (score.covered, score.words) == (25, 27)
    for k in (1, 5):
        right, covered = brute_force(source, target, method, k, 4)
        assert score.precision[k] == pytest.approx(right / covered)
        assert score.precision_all[k] == pytest.approx(right / 27)
    assert 0 < score.precision[1] < score.precision[5] < 1


def test_any_right_translation_counts() -> None:
    source, target = sides(noise=0.0)
    assert evaluate_translation(source, target, [("s0", "t0")]).precision[1] == 1
    assert evaluate_translation(source, target, [("s0", "t1")]).precision[1] == 0
    assert evaluate_translation(source, target, [("s0", "t1"), ("s0", "t0")]).precision[1] == 1


def test_hubs_lose_their_lead() -> None:
    # t0 is near to all sources, and the nearest even to those that belong to another.
    source, target = make_vectors(["s0", "s1", "s2"], 4), make_vectors(["t0", "t1", "t2"], 4)
    source.vectors[:] = [[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0]]
    target.vectors[:] = [[1, 0.5, 0.5, 0], [0, 1, 0, 0.5], [0, 0, 1, 0.5]]
    pairs = [("s1", "t1"), ("s2", "t2")]
    nearest = evaluate_translation(source, target, pairs)
    csls = evaluate_translation(source, target, pairs, method="csls", neighborhood=2)
    assert nearest.precision[1] == 0
    assert csls.precision[1] == 1


def test_case_and_limit() -> None:
    source, target = sides(noise=0.0)
    assert evaluate_translation(source, target, [("S0", "T0")]).covered == 0
    folded = evaluate_translation(source, target, [("S0", "T0")], case="fold")
    assert (folded.covered, folded.precision[1]) == (1, 1)
    # The nearest word is another form of the translation.
    target.add_vectors(["T0"], 2 * target.vectors[:1] + 0.01)
    for translation in ("T0", "t0"):
        folded = evaluate_translation(source, target, [("S0", translation)], case="fold")
        assert (folded.covered, folded.precision[1]) == (1, 1)
    assert evaluate_translation(source, target, DICTIONARY, limit=10).covered == 10


def test_nothing_covered_is_no_score() -> None:
    score = evaluate_translation(*sides(), [("a", "b")])
    assert math.isnan(score.precision[1])
    assert score.coverage == 0
    assert score.precision_all == {1: 0, 5: 0}


def test_bad_arguments() -> None:
    source, target = sides()
    with pytest.raises(ValueError, match="have 5 dimensions and the target vectors 3"):
        evaluate_translation(source, make_vectors(TARGET), DICTIONARY)
    with pytest.raises(ValueError, match="'nearest' or 'csls', not 'far'"):
        evaluate_translation(source, target, DICTIONARY, method="far")
    with pytest.raises(ValueError, match="holds no words"):
        evaluate_translation(source, target, [])
    with pytest.raises(ValueError, match="at least 1"):
        evaluate_translation(source, target, DICTIONARY, ks=())
