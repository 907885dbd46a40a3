"""Hard negatives: none is a positive, the margin holds, and false ones are counted."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from datasets import Dataset
from sentence_transformers.util import mine_hard_negatives
from transformers import TrainingArguments

from hf_recurrent import StaticEmbeddingModel
from hf_recurrent.retrieval import Bm25, HardNegatives, to_sentence_transformer, train_encoder
from hf_recurrent.vectors import tokenizer_from_vectors
from tests.vectors.files import make_vectors

ANCHORS = ["wing in a slipstream", "wing in a slipstream", "heat of a cone"]
POSITIVES = ["lift of a wing in a slipstream", "propeller near a wing", "heat transfer of cones"]
CORPUS = [
    *POSITIVES,
    "the slipstream of a wing",
    "wing weight",
    "cones in flow",
    "paint",
    "",
]
WORDS = sorted({word for text in (*ANCHORS, *CORPUS) for word in text.split()})


def negatives_of(found: HardNegatives) -> list[str]:
    return found.dataset["negative"][:]


def encoder():
    vectors = make_vectors(WORDS, 8)
    model, tokenizer = StaticEmbeddingModel.from_vectors(vectors), tokenizer_from_vectors(vectors)
    return to_sentence_transformer(model, tokenizer)


@pytest.mark.parametrize("method", ["model", "bm25", "random"])
def test_no_negative_is_a_positive_and_choices_change(method) -> None:
    found = HardNegatives(ANCHORS, POSITIVES, CORPUS, encoder(), method=method, relative_margin=0)
    seen = set()
    for epoch in range(6):
        found.refresh(epoch)
        rows = found.dataset[:]
        assert rows["anchor"] == ANCHORS
        assert rows["positive"] == POSITIVES
        for anchor, negative in zip(ANCHORS, rows["negative"], strict=True):
            right = [p for a, p in zip(ANCHORS, POSITIVES, strict=True) if a == anchor]
            assert negative in CORPUS[:-1]
            assert negative not in right
        seen.add(tuple(rows["negative"]))
    assert len(seen) > 1
    assert [each["epoch"] for each in found.history] == list(range(6))


def test_bm25_keeps_away_what_scores_nearly_as_much_as_the_positive() -> None:
    # For the second pair the first negative scores far more than its positive, so it may be right.
    scores = Bm25(CORPUS[:-1]).scores(ANCHORS[0])
    assert scores[3] > scores[1] > 0
    for margin in (0.0, 0.4):
        found = HardNegatives(ANCHORS, POSITIVES, CORPUS, method="bm25", relative_margin=margin)
        for _ in range(5):
            found.refresh()
            for place, negative in enumerate(negatives_of(found)[:2]):
                own = scores[CORPUS.index(negative)]
                assert own <= scores[place] * (1 - margin) or found.history[-1]["random"]
    assert found.history[0]["random"] > 0


@pytest.mark.parametrize("method", ["model", "bm25"])
def test_few_negatives_are_random_where_many_documents_are_too_near(method) -> None:
    # More documents than the depth score above the margin. None of those below is very near.
    near = [f"slipstream wing {word}" for word in WORDS]
    far = [f"wing {first} paint weight" for first in ("cones", "heat", "lift", "flow")]
    anchor, positive = "slipstream wing", "propeller slipstream wing near"
    corpus = [*near, positive, *far, *(["transfer cones"] * 2)]
    vectors = make_vectors(WORDS, 64)
    model = StaticEmbeddingModel.from_vectors(vectors)
    own = to_sentence_transformer(model, tokenizer_from_vectors(vectors))
    found = HardNegatives([anchor], [positive], corpus, own, method=method, depth=4)
    for _ in range(5):
        found.refresh()
        assert negatives_of(found)[0] in far
    assert sum(each["random"] for each in found.history) == 0


def test_the_nearest_equals_that_of_sentence_transformers() -> None:
    random = np.random.default_rng(0)
    documents = [" ".join(random.choice(WORDS, 6)) for _ in range(30)]
    anchors = [" ".join(random.choice(WORDS, 3)) for _ in range(12)]
    positives = documents[:12]
    pairs, own = Dataset.from_dict({"anchor": anchors, "positive": positives}), encoder()
    found = HardNegatives(anchors, positives, documents, own, depth=1)
    found.refresh()
    mined = mine_hard_negatives(
        pairs,
        own,
        corpus=documents,
        range_max=len(documents),  # the margin is applied to all documents
        relative_margin=0.05,
        num_negatives=1,
        verbose=False,
    )
    rows = zip(*(mined[name][:] for name in mined.column_names), strict=True)
    expected = {(anchor, positive): negative for anchor, positive, negative in rows}
    assert len(expected) == 12 - found.history[0]["random"] > 9
    for anchor, positive, negative in zip(anchors, positives, negatives_of(found), strict=True):
        assert expected.get((anchor, positive), negative) == negative


@pytest.mark.parametrize("method", ["model", "bm25", "random"])
def test_further_right_documents_are_never_chosen(method) -> None:
    # The anchor is a title, its positive the text, and the document both.
    right = {"heat of a cone": {"heat of a cone heat transfer of cones"}}
    corpus = [*right["heat of a cone"], "heat wing", "cones in flow"]
    anchors, positives = ["heat of a cone"], ["heat transfer of cones"]
    found = HardNegatives(anchors, positives, corpus, encoder(), method=method, right=right)
    for _ in range(12):
        found.refresh()
        assert negatives_of(found)[0] in corpus[1:]
    with pytest.raises(ValueError, match="1 of them are right for one anchor"):
        HardNegatives(anchors, positives, corpus[:1], method="bm25", right=right)


@pytest.mark.parametrize("method", ["model", "bm25", "random"])
def test_the_anchor_is_no_negative_of_its_own(method) -> None:
    # As in a corpus of questions, of which others are positives; that of the third is no document.
    corpus = [*ANCHORS, *POSITIVES[:2], "wing in flow", "heat of paint"]
    found = HardNegatives(ANCHORS, POSITIVES, corpus, encoder(), method=method)
    for _ in range(6):
        found.refresh()
        pairs = zip(ANCHORS, negatives_of(found), strict=True)
        assert all(anchor != negative for anchor, negative in pairs)


def test_columns_of_tables_are_taken() -> None:
    given = pd.DataFrame({"anchor": ANCHORS, "positive": POSITIVES})
    found = HardNegatives(given["anchor"], given["positive"].values, pd.Series(CORPUS), encoder())
    assert found.dataset["anchor"][:] == ANCHORS


def test_false_ones_are_counted_against_judgements() -> None:
    judged = {ANCHORS[2]: {"cones in flow"}}
    found = HardNegatives(ANCHORS[2:], POSITIVES[2:], CORPUS[2:6:3], method="bm25", judged=judged)
    found.refresh()
    assert negatives_of(found) == ["cones in flow"]
    assert found.history[-1]["false"] == 1


def test_a_trainer_gets_new_ones_in_each_epoch() -> None:
    model = encoder()
    mined = HardNegatives(ANCHORS, POSITIVES, CORPUS, model, method="model", every=2)
    assert isinstance(mined.dataset, Dataset)
    values = {"epochs": 3, "batch_size": 2, "learning_rate": 1e-2}
    before = model[0].embedding.weight.detach().clone()
    train_encoder(model, mined.dataset, values, callbacks=[mined])
    assert [each["epoch"] for each in mined.history] == [0, 2]
    assert not np.array_equal(before, model[0].embedding.weight.detach())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"method": "best"}, "method must be one of model, bm25, random"),
        ({"relative_margin": 1}, "relative_margin is 1, expected 0 up to 1"),
        ({"depth": 0}, "depth is 0, expected at least 1"),
        ({"method": "model"}, "which needs the encoder"),
        ({"corpus": POSITIVES[:2]}, "there are no negatives"),
        ({"positives": POSITIVES[:2]}, "3 anchors and 2 positives"),
        ({"positives": [*POSITIVES[:2], None]}, "positives holds None at place 3"),
        ({"corpus": "paint"}, "corpus must be several texts"),
    ],
)
def test_bad_arguments_are_one_sentence(change, told: str) -> None:
    given = {"positives": POSITIVES, "corpus": CORPUS, "method": "bm25"} | change
    with pytest.raises(ValueError, match=told):
        HardNegatives(ANCHORS, **given)


def test_workers_that_keep_the_first_negatives_are_refused(tmp_path: Path) -> None:
    mined = HardNegatives(ANCHORS, POSITIVES, CORPUS, method="bm25")
    workers = {"dataloader_num_workers": 1, "dataloader_persistent_workers": True}
    with pytest.raises(ValueError, match="keep the negatives of the first epoch"):
        mined.on_train_begin(TrainingArguments(str(tmp_path), **workers), None, None)


def test_bm25_stems_and_answers_unknown_words_with_zeros() -> None:
    bm25 = Bm25(CORPUS)
    assert bm25.scores("the wings")[[0, 1, 3, 4]].all()
    assert not bm25.scores("qwerty").any()
    assert not bm25.scores("").any()
    assert bm25.size_in_bytes > 0
    assert not Bm25(CORPUS, language=None).scores("wings").any()
    with pytest.raises(ValueError, match="None of the 2 texts has a word"):
        Bm25(["", "the"])
