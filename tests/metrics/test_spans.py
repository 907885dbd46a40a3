import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import precision_recall_fscore_support
from seqeval.metrics.v1 import precision_recall_fscore_support as strict_scores
from seqeval.scheme import BILOU, IOB1, IOB2, IOBES, IOE1, IOE2
from transformers import EvalPrediction

from hf_recurrent.metrics.schemes import SCHEMES
from hf_recurrent.metrics.spans import span_scores, spans_of, tagging_metrics

KINDS = ("PER", "LOC")
STRICT = {
    "IOB1": (IOB1, "BI"),
    "IOB2": (IOB2, "BI"),
    "IOE1": (IOE1, "IE"),
    "IOE2": (IOE2, "IE"),
    "IOBES": (IOBES, "BIES"),
    "BILOU": (BILOU, "BILU"),
}


def tags(prefixes: str) -> st.SearchStrategy[str]:
    return st.sampled_from(["O", *(f"{p}-{kind}" for p in prefixes for kind in KINDS)])


@st.composite
def corpora(draw, prefixes: str):
    lengths = draw(st.lists(st.integers(1, 8), min_size=1, max_size=4))
    sides = [
        [draw(st.lists(tags(prefixes), min_size=n, max_size=n)) for n in lengths] for _ in range(2)
    ]
    return sides[0], sides[1]


def by_type(scores):
    return [[getattr(scores.by_type[k], name) for k in sorted(scores.by_type)] for name in NAMES]


NAMES = ("precision", "recall", "f1", "support")


@given(corpora("BIES"))
def test_the_default_mode_is_that_of_seqeval(corpus) -> None:
    right, found = corpus
    scores = span_scores(right, found)
    if not scores.by_type:
        return
    wanted = precision_recall_fscore_support(right, found, average="micro", zero_division=0)
    assert (scores.precision, scores.recall, scores.f1) == pytest.approx(wanted[:3])
    wanted = precision_recall_fscore_support(right, found, average=None, zero_division=0)
    for own, its in zip(by_type(scores), wanted, strict=True):
        assert own == pytest.approx(list(its))


@pytest.mark.parametrize("scheme", list(STRICT))
@given(data=st.data())
def test_the_strict_mode_is_that_of_seqeval(scheme: str, data) -> None:
    form, prefixes = STRICT[scheme]
    right, found = data.draw(corpora(prefixes))
    scores = span_scores(right, found, scheme)
    if not scores.by_type:
        return
    wanted = strict_scores(right, found, average="micro", scheme=form, zero_division=0)
    assert (scores.precision, scores.recall, scores.f1) == pytest.approx(wanted[:3])
    wanted = strict_scores(right, found, average=None, scheme=form, zero_division=0)
    # It lists each type of the right and the predicted spans, as ours do.
    for own, its in zip(by_type(scores), wanted, strict=True):
        assert own == pytest.approx(list(its))


@given(corpora("BIES"))
def test_bilou_is_read_as_the_same_tags_of_bioes(corpus) -> None:
    letters = {"E": "L", "S": "U"}
    right, found = (
        [[letters.get(tag[0], tag[0]) + tag[1:] for tag in tags] for tags in side]
        for side in corpus
    )
    assert span_scores(right, found) == span_scores(*corpus)


def test_every_scheme_is_compared() -> None:
    assert STRICT.keys() == SCHEMES.keys()


def test_spans_by_hand() -> None:
    assert spans_of(["B-A", "I-A", "I-B", "O", "I-B"]) == [("A", 0, 2), ("B", 2, 3), ("B", 4, 5)]
    assert spans_of(["B-A", "I-A", "I-B", "O", "I-B"], "IOB2") == [("A", 0, 2)]
    assert spans_of(["S-A", "B-A", "I-A", "E-A", "B-A"], "IOBES") == [("A", 0, 1), ("A", 1, 4)]
    assert spans_of([]) == []
    nothing = span_scores([["O"]], [["O"]])
    assert (nothing.precision, nothing.recall, nothing.f1, nothing.support) == (0, 0, 0, 0)


def test_what_does_not_fit_is_one_sentence() -> None:
    with pytest.raises(ValueError, match="scheme is 'IOB3', expected None or one of IOB1, IOB2"):
        spans_of(["O"], "IOB3")
    with pytest.raises(ValueError, match="a tag begins with 'S', and IOB2 has I, O, B only"):
        spans_of(["O", "S-A"], "IOB2")
    with pytest.raises(ValueError, match="sentence 2 has 1 right tag and 2 predicted"):
        span_scores([["O"], ["O"]], [["O"], ["O", "O"]])


def test_the_path_of_a_crf_is_scored_and_ignored_labels_are_left_out() -> None:
    names = ["O", "B-A", "I-A"]
    labels = np.array([[1, 2, -100], [0, -100, 1]])
    logits = np.zeros((2, 3, 3))
    logits[..., 0] = 1
    path = np.array([[1, 2, 0], [0, 1, -100]])
    metrics = tagging_metrics(names, True)
    assert metrics(EvalPrediction(logits, labels))["accuracy"] == 0.25
    told = metrics(EvalPrediction((logits, np.where(path < 0, 0, path)), labels))
    assert told["accuracy"] == 0.75
    assert (told["precision"], told["recall"], told["f1"]) == (1.0, 0.5, pytest.approx(2 / 3))
    assert tagging_metrics(names, False)(EvalPrediction(logits, labels)).keys() == {"accuracy"}
    assert metrics(EvalPrediction(logits.argmax(-1), labels)) == metrics(
        EvalPrediction(logits, labels)
    )


def test_the_strict_figure_of_a_trainer_is_of_the_scheme_of_the_names() -> None:
    names = ["O", "B-A", "E-A", "S-A"]
    labels = np.array([[1, 2, 3]])
    logits = np.eye(4)[labels]
    assert tagging_metrics(names, True)(EvalPrediction(logits, labels))["f1_strict"] == 1.0


def test_spans_of_a_single_type_need_no_name() -> None:
    assert spans_of(["B", "I", "B", "O", "I"]) == [("_", 0, 2), ("_", 2, 3), ("_", 4, 5)]
    assert spans_of(["B", "I", "B", "O", "I"], "IOB2") == [("_", 0, 2), ("_", 2, 3)]
