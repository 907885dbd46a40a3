"""The metrics of rankings against an implementation that was written apart from them."""

import math
import random
from typing import Any

import numpy as np
import pytest
import pytrec_eval

from hf_recurrent.metrics import MeanAveragePrecision, NormalizedDiscountedGain, RecallAtK
from hf_recurrent.retrieval.ranking import fuse, paired_p_value, top, unit_rows


def naive(ranking: list[str], grades: dict[str, float], k: int) -> dict[str, float]:
    """Walk down a ranking, place by place."""
    relevant = [key for key in grades if grades[key] > 0]
    binary = graded = precisions = 0.0
    hits = early = 0
    for place, key in enumerate(ranking, start=1):
        if grades.get(key, 0) <= 0:
            continue
        hits += 1
        precisions += hits / place
        if place <= k:
            early += 1
            binary += 1 / math.log2(1 + place)
            graded += grades[key] / math.log2(1 + place)
    best = sorted((grades[key] for key in relevant), reverse=True)[:k]
    ideal = sum(1 / math.log2(2 + i) for i in range(len(best)))
    ideal_graded = sum(grade / math.log2(2 + i) for i, grade in enumerate(best))
    return {
        f"ndcg_at_{k}": binary / ideal,
        f"graded_ndcg_at_{k}": graded / ideal_graded,
        "map": precisions / len(relevant),
        f"recall_at_{k}": early / len(relevant),
    }


def run(seed: int) -> tuple[list[list[str]], list[dict[str, Any]]]:
    draw = random.Random(seed)
    rankings, judged = [], []
    for _ in range(5):
        documents = [f"d{i}" for i in range(draw.randint(3, 40))]
        rankings.append(draw.sample(documents, draw.randint(0, len(documents))))
        known = draw.sample(documents, draw.randint(1, len(documents)))
        grades = [float(draw.randint(0, 4)) for _ in known]
        grades[0] = 2.0
        judged.append({"documents": known, "grades": grades})
    return rankings, judged


@pytest.mark.parametrize("seed", range(6))
def test_random_runs_are_judged_as_by_the_naive_walk(seed: int) -> None:
    rankings, judged = run(seed)
    k = 1 + 3 * seed
    grades = [dict(zip(each["documents"], each["grades"], strict=True)) for each in judged]
    walked = [naive(*each, k) for each in zip(rankings, grades, strict=True)]
    expected = {key: np.mean([each[key] for each in walked]) for key in walked[0]}
    given: dict[str, Any] = {"predictions": rankings, "references": judged}
    found = NormalizedDiscountedGain().compute(**given, k=k)
    found |= MeanAveragePrecision().compute(**given) | RecallAtK().compute(**given, k=k)
    assert found == pytest.approx(expected, abs=1e-12)


def test_random_runs_are_judged_as_by_trec_eval() -> None:
    rankings, judged = run(7)
    names = [f"q{number}" for number in range(len(rankings))]
    runs = {
        name: {key: float(-place) for place, key in enumerate(ranking)}
        for name, ranking in zip(names, rankings, strict=True)
    }
    qrels = {
        name: {key: int(g) for key, g in zip(own["documents"], own["grades"], strict=True)}
        for name, own in zip(names, judged, strict=True)
    }
    # It leaves out queries without a ranking, which count as 0 here.
    found = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg_cut.10", "map", "recall.100"}).evaluate(
        {name: own for name, own in runs.items() if own}
    )
    expected = {
        ours: sum(each[theirs] for each in found.values()) / len(names)
        for ours, theirs in (
            ("graded_ndcg_at_10", "ndcg_cut_10"),
            ("map", "map"),
            ("recall_at_100", "recall_100"),
        )
    }
    given: dict[str, Any] = {"predictions": rankings, "references": judged}
    own = NormalizedDiscountedGain().compute(**given) | RecallAtK().compute(**given)
    own |= MeanAveragePrecision().compute(**given)
    assert {key: own[key] for key in expected} == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("ranking", "judged", "told"),
    [
        (["a", "a"], {"documents": ["a"], "grades": [1.0]}, "twice in its ranking"),
        (["a"], {"documents": ["a", "a"], "grades": [1.0, 2.0]}, "twice in its judgements"),
        (["a"], {"documents": ["a"], "grades": [0.0]}, "no relevant document"),
    ],
)
def test_bad_runs_are_refused(ranking: list[str], judged: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        MeanAveragePrecision().compute(predictions=[ranking], references=[judged])


def test_rankings_leave_out_what_is_never_found() -> None:
    assert top([1.0, 3.0, -np.inf, 3.0], 10).tolist() == [1, 3, 0]
    assert top([1.0, 3.0, 2.0], 2).tolist() == [1, 2]
    assert top([np.nan, 1.0, -np.inf, 2.0], 1).tolist() == [3]
    assert top([-np.inf, np.nan], 1).tolist() == []


def test_the_first_places_are_those_of_a_stable_sort() -> None:
    scores = np.random.default_rng(0).integers(0, 6, 50).astype(float)  # many are equal
    scores[::7] = -np.inf
    places = sorted(np.flatnonzero(np.isfinite(scores)), key=lambda place: -scores[place])
    for size in (1, 2, 9, len(places), 60):
        assert top(scores, size).tolist() == places[:size]


def test_fused_scores_count_each_system_alike() -> None:
    first, second = [1.0, 0.0, 0.0], [0.0, 0.0, 500.0]
    assert top(fuse(first, second, 0.4), 3).tolist() == [0, 2, 1]
    assert top(fuse(first, second, 0.6), 3).tolist() == [2, 0, 1]
    assert fuse(first, [-np.inf] * 3, 0.5).argmax() == 0
    assert np.isfinite(fuse([0.0, 0.0], [1.0, -np.inf])).all()
    assert not unit_rows([[0.0, 0.0]]).any()


def test_the_test_over_queries_equals_a_count_of_all_exchanges() -> None:
    first, second = [0.9, 0.8, 0.7, 0.2, 0.6], [0.5, 0.6, 0.6, 0.3, 0.1]
    differences = np.subtract(first, second)
    signs = np.array(np.meshgrid(*[[-1, 1]] * 5)).reshape(5, -1).T
    exact = np.mean(np.abs(signs @ differences) >= abs(differences.sum()) - 1e-12)
    assert paired_p_value(first, second) == pytest.approx(exact, abs=0.01)
    assert paired_p_value(first, first) == 1
    with pytest.raises(ValueError, match="5 and 4 queries"):
        paired_p_value(first, second[:4])
