"""The floors against sums by hand and by loops, and against the figures that are known."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from hf_recurrent.metrics.recommendation import rank_metrics
from hf_recurrent.tasks.next_item_recommendation.catalog import Catalog
from hf_recurrent.tasks.next_item_recommendation.data import load_sessions
from hf_recurrent.tasks.next_item_recommendation.floors import (
    ItemNeighbors,
    Popularity,
    Rules,
    SessionPopularity,
    scorer_of,
)
from hf_recurrent.tasks.next_item_recommendation.neighbors import SessionNeighbors
from hf_recurrent.tasks.next_item_recommendation.ranking import (
    Query,
    Session,
    best,
    rank_sessions,
)
from hf_recurrent.tasks.next_item_recommendation.sessions import whole_training

ITEMS = 9


def sessions(number: int = 30) -> list[np.ndarray]:
    random = np.random.default_rng(1)
    return [random.integers(0, ITEMS - 1, random.integers(2, 7)) for _ in range(number)]


HISTORY = np.array([3, 1, 3, 2])


def test_popularity() -> None:
    counts = Counter(int(item) for ids in sessions() for item in ids)
    assert Popularity(sessions(), ITEMS).scores(HISTORY).tolist() == [
        counts[i] for i in range(ITEMS)
    ]
    found = SessionPopularity(sessions(), ITEMS).scores(HISTORY)
    most = max(counts.values())
    assert found == pytest.approx(
        [[3, 1, 3, 2].count(item) + counts[item] / (most + 1) for item in range(ITEMS)]
    )


def test_item_neighbors() -> None:
    sets = [set(ids.tolist()) for ids in sessions()]
    have = {item: {n for n, told in enumerate(sets) if item in told} for item in range(ITEMS)}
    expected = [
        0.0
        if item == 2
        else len(have[item] & have[2]) / ((len(have[item]) + 20) * (len(have[2]) + 20)) ** 0.5
        for item in range(ITEMS)
    ]
    assert ItemNeighbors(sessions(), ITEMS).scores(HISTORY) == pytest.approx(expected)


@pytest.mark.parametrize("steps", [1, 3])
def test_rules(steps: int) -> None:
    expected = np.zeros(ITEMS)
    for ids in sessions():
        for place, item in enumerate(ids):
            for later in range(place + 1, min(place + steps, len(ids) - 1) + 1):
                if item == 2:
                    expected[ids[later]] += 1 / (later - place)
    assert Rules(sessions(), ITEMS, steps).scores(HISTORY) == pytest.approx(expected, abs=2e-6)


def test_session_neighbors() -> None:
    weights = {3: 1 / 2, 1: 1 / 3, 2: 1.0}
    found = []
    for number, ids in enumerate(sessions()):
        own = set(ids.tolist())
        shared = own & weights.keys()
        if shared:
            similarity = sum(weights[item] for item in shared) / len(own) ** 0.5
            factor = max(weights[item] for item in shared)
            found.append((number, similarity, similarity * factor, own))
    nearest = sorted(found[-20:], key=lambda each: (-each[1], -each[0]))[:15]
    expected = np.zeros(ITEMS)
    for _, _, score, own in nearest:
        expected[list(own)] += score
    model = SessionNeighbors(sessions(), ITEMS, neighbors=15, newest=20)
    assert model.scores(HISTORY) == pytest.approx(expected, abs=2e-6)
    alone = SessionNeighbors([np.array([0, 1])], ITEMS).scores(np.array([5]))
    assert best(alone[None])[0][:2] == [0, 1]


def test_ranks_of_targets_and_what_is_recommended() -> None:
    catalog = Catalog(["a", "b", "c", "d"], [4, 3, 2, 1])
    model = Popularity([np.array([0, 0, 0, 1, 1, 2])], 4)
    told = [Session(["a", "x", "c", "b"], 3), Session(["x", "d"], 1), Session(["a", "b", "d"], 1)]
    kept = rank_sessions(told, scorer_of(model), catalog, False)
    assert [each.ranks for each in kept] == [[3, 2], [], [4]]
    assert kept[0].recommended == [["a", "b", "c"]] * 2  # nobody has had d
    dropped = rank_sessions(told, scorer_of(model), catalog, True)
    assert [each.ranks for each in dropped] == [[2, 1], [], [4]]
    assert dropped[0].recommended == [["b", "c"], ["b"]]


def test_of_equal_scores_the_lowest_ids_are_best() -> None:
    scores = np.array([1.0, 2.0] * 500)
    unknown = np.where(np.arange(1000) < 3, scores, -np.inf)
    no_numbers = np.full(1000, np.nan)
    assert best(np.stack([scores, unknown, no_numbers])) == [[*range(1, 41, 2)], [1, 0, 2], []]
    assert best(scores[None, :3]) == [[1, 0, 2]]


def test_pieces_of_scores_are_put_in_order() -> None:
    def scorer(queries):
        assert queries[0] == Query(pytest.approx([0, 1, 0]), 1)
        yield 0, 1, np.array([[5.0, 1.0]])
        yield 0, 0, np.array([[5.0, 1.0]])

    (found,) = rank_sessions([Session("aba", 2)], scorer, Catalog(["a", "b"], [2, 1]), False)
    assert found.ranks == [2, 1]


# Recall and MRR at 20, as a second implementation found them.
KNOWN = {
    ("yoochoose-slice", "popularity"): (0.089, 0.026),
    ("yoochoose-slice", "session popularity"): (0.381, 0.265),
    ("yoochoose-slice", "item-kNN"): (0.408, 0.186),
    ("yoochoose-slice", "Markov"): (0.591, 0.343),
    ("yoochoose-slice", "rules"): (0.623, 0.346),
    ("yoochoose-slice", "VS-kNN"): (0.681, 0.366),
    ("movielens-small", "popularity"): (0.041, 0.010),
    ("movielens-small", "session popularity"): (0.020, 0.002),
    ("movielens-small", "item-kNN"): (0.116, 0.033),
    ("movielens-small", "item-kNN, unseen"): (0.136, 0.042),
    ("movielens-small", "Markov"): (0.086, 0.027),
    ("movielens-small", "rules"): (0.105, 0.033),
    ("movielens-small", "rules, unseen"): (0.115, 0.037),
    ("movielens-small", "VS-kNN"): (0.084, 0.0137),
}
MAKE = {
    "popularity": Popularity,
    "session popularity": SessionPopularity,
    "item-kNN": ItemNeighbors,
    "Markov": lambda told, items: Rules(told, items, 1),
    "rules": Rules,
    "VS-kNN": SessionNeighbors,
}


@pytest.fixture(scope="module")
def loaded(real_data: Path) -> dict:
    return {}


@pytest.mark.slow  # the tests by hand cover each floor
@pytest.mark.parametrize(("dataset", "floor"), KNOWN)
def test_the_known_figures_are_met(dataset: str, floor: str, loaded, real_data: Path) -> None:
    if dataset not in loaded:
        loaded[dataset] = load_sessions(dataset, data_dir=real_data)
    data = loaded[dataset]
    rows = whole_training([*data["train"]], [*data["validation"]])
    catalog = Catalog.of(rows)
    name, _, unseen = floor.partition(", ")
    model = MAKE[name]([catalog.known(row["items"]) for row in rows], len(catalog.items))
    test = data["test"]
    told = [Session(*each) for each in zip(test["items"], test["targets"], strict=True)]
    found = rank_sessions(told, scorer_of(model), catalog, bool(unseen))
    figures = rank_metrics([rank for each in found for rank in each.ranks])
    measured = (figures["recall_at_20"], figures["mrr_at_20"])
    assert measured == pytest.approx(KNOWN[dataset, floor], abs=0.0007)
