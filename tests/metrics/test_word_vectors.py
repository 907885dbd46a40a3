"""The metrics of word vectors against their formulas, the evaluation, and inside `evaluate`."""

import math
import statistics

import evaluate
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from hf_recurrent.metrics import AnalogyAccuracy, PrecisionAtK, WordSimilarity
from hf_recurrent.vectors.evaluation import (
    Analogies,
    WordPairs,
    answer_analogies,
    evaluate_analogies,
    evaluate_similarity,
)

from ..vectors.files import make_vectors

NUMBERS = st.one_of(st.just(math.nan), st.integers(0, 5).map(float))
WORDS = st.sampled_from(["", "a", "A", "b"])


def compute(metric, predictions, references, **options) -> dict[str, float]:
    return metric.compute(predictions=predictions, references=references, **options)


@given(st.lists(st.tuples(NUMBERS, st.integers(0, 5)), min_size=1, max_size=15))
def test_similarity_is_its_formula(pairs) -> None:
    predictions, references = zip(*pairs, strict=True)
    found = compute(WordSimilarity(keep_in_memory=True), predictions, references)
    known = [(p, r) for p, r in pairs if not math.isnan(p)]
    assert found["unknown_share"] == pytest.approx(1 - len(known) / len(pairs))
    middle = statistics.median(p for p, _ in known) if known else 0
    filled = [(middle if math.isnan(p) else p, r) for p, r in pairs]
    for name, counted in (("spearman", known), ("spearman_all", filled)):
        if any(len({pair[side] for pair in counted}) < 2 for side in (0, 1)):
            assert math.isnan(found[name])
        else:
            first, second = zip(*counted, strict=True)
            assert found[name] == pytest.approx(spearmanr(first, second).statistic)


@given(st.lists(st.tuples(WORDS, WORDS.filter(bool)), min_size=1, max_size=15))
def test_analogies_are_their_formula(pairs) -> None:
    predictions, references = zip(*pairs, strict=True)
    metric = AnalogyAccuracy(keep_in_memory=True)
    for ignore_case in (False, True):
        found = compute(metric, predictions, references, ignore_case=ignore_case)
        right = sum(p == r or (ignore_case and p.lower() == r.lower()) for p, r in pairs)
        answered = sum(p != "" for p in predictions)
        assert found["analogy_accuracy_all"] == pytest.approx(right / len(pairs))
        assert found["unanswered_share"] == pytest.approx(1 - answered / len(pairs))
        if answered:
            assert found["analogy_accuracy"] == pytest.approx(right / answered)
        else:
            assert math.isnan(found["analogy_accuracy"])


def test_precision_at_k() -> None:
    predictions = [["a", "b", "c"], ["x"], [], ["b", "a"]]
    references = [["c", "b"], ["x", "y"], ["a"], ["z"]]
    metric = PrecisionAtK(keep_in_memory=True)
    expected = {"precision_at_1": 1 / 4, "precision_at_5": 2 / 4}
    assert compute(metric, predictions, references) == expected
    assert compute(metric, predictions, references, ks=[2]) == {"precision_at_2": 2 / 4}
    assert compute(PrecisionAtK(ks=[1], keep_in_memory=True), predictions, references) == {
        "precision_at_1": 1 / 4
    }


def test_the_evaluation_gives_the_same() -> None:
    vectors = make_vectors([*"abcdefgh"], 4)
    pairs = WordPairs("x", (("a", "b"), ("c", "d"), ("e", "f"), ("a", "zz")), (2.0, 1.0, 3.0, 4.0))
    score = evaluate_similarity(vectors, pairs)
    cosines = [vectors.similarity(a, b) if b != "zz" else math.nan for a, b in pairs.pairs]
    found = compute(WordSimilarity(keep_in_memory=True), cosines, pairs.ratings)
    assert found["spearman"] == pytest.approx(score.spearman)
    assert found["spearman_all"] == pytest.approx(score.spearman_all)
    assert found["unknown_share"] == pytest.approx(score.unknown_share)

    questions = [(a, b, c, d) for a in "ab" for b in "cd" for c in "ef" for d in ("g", "h", "zz")]
    total = evaluate_analogies(vectors, Analogies("x", {"s": tuple(questions)})).total
    known = [question if question[3] != "zz" else None for question in questions]
    answers = answer_analogies(vectors, [question[:3] for question in questions])
    predictions = [answer if asked else "" for answer, asked in zip(answers, known, strict=True)]
    references = [question[3] for question in questions]
    found = compute(AnalogyAccuracy(keep_in_memory=True), predictions, references)
    assert 0 < total.right < total.known
    assert found["analogy_accuracy"] == pytest.approx(total.accuracy)
    assert found["analogy_accuracy_all"] == pytest.approx(total.accuracy_all)


class CountedPairs(WordSimilarity):
    """Another metric of the same inputs."""

    def _compute(self, predictions, references):
        return {"pairs": len(predictions), "unknown_share": 0.0}


def test_combine(tmp_path) -> None:
    metrics = [cls(cache_dir=str(tmp_path)) for cls in (WordSimilarity, CountedPairs)]
    combined = evaluate.combine({"words": metrics[0], "count": metrics[1]})
    for batch in (([1.0, 2.0], [1.0, 3.0]), ([math.nan, 5.0], [2.0, 4.0])):
        combined.add_batch(predictions=batch[0], references=batch[1])
    found = combined.compute()
    assert found["spearman"] == pytest.approx(1)
    assert found["pairs"] == 4
    assert found["words_unknown_share"] == 0.25
    for metric, rows in ((AnalogyAccuracy, ["a", "b"]), (PrecisionAtK, [["a"], ["b", "c"]])):
        combined = evaluate.combine([metric(cache_dir=str(tmp_path))])
        combined.add_batch(predictions=rows, references=rows)
        assert 1.0 in combined.compute().values()


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="references must be finite ratings"):
        compute(WordSimilarity(keep_in_memory=True), [1.0, 2.0], [1.0, math.nan])
    for ks in ([], [0]):
        with pytest.raises(ValueError, match="ks must be whole numbers from 1 on"):
            compute(PrecisionAtK(ks=ks, keep_in_memory=True), [["a"]], [["a"]])
