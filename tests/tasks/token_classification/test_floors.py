import gzip
import itertools
import json
import sys
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import datasets
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.model_rows import Work
from hf_recurrent.tasks.token_classification.fitting import fit_feature_crf
from hf_recurrent.tasks.token_classification.floors import (
    PENALTIES,
    FeatureCrf,
    FeatureCrfTrainer,
    MostFrequentTag,
)

SENTENCES = [["The", "dog", "runs"], ["A", "cat", "sleeps"], [], ["The", "run", "ends"], ["Dogs"]]
TAGS = [["D", "N", "V"], ["D", "N", "V"], [], ["D", "N", "V"], ["N"]]
SHARED = Path(__file__).parents[4] / "shared/data/tagging"  # beside the repository, if at all


LABELS = ["D", "N", "V"]


def accuracy(right, predicted) -> float:
    pairs = [p for a, b in zip(right, predicted, strict=True) for p in zip(a, b, strict=True)]
    return sum(a == b for a, b in pairs) / len(pairs)


def train_crf(sentences, tags, labels=LABELS, c1=0.0, c2=0.1, **options) -> FeatureCrf:
    return FeatureCrfTrainer(sentences, tags, labels).train(c1, c2, **options)


@pytest.fixture(scope="module")
def crf() -> FeatureCrf:
    return train_crf(SENTENCES, TAGS)


@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("XYZ")), max_size=5), min_size=1
    )
)
def test_the_most_frequent_tag_is_that_of_a_count(rows) -> None:
    sentences = [[word for word, _ in row] for row in rows]
    tags = [[tag for _, tag in row] for row in rows]
    pairs = [pair for row in rows for pair in row]
    order = "ZXY"
    floor = MostFrequentTag(sentences, tags, order)
    for word in "abcd":
        seen = [tag for w, tag in pairs if w == word] or [tag for _, tag in pairs]
        counts = Counter(seen)
        expected = max(order, key=lambda tag: counts[tag])  # max takes the first
        assert floor.predict([[word]]) == [[expected]]


def test_the_crf_learns_from_features(crf: FeatureCrf) -> None:
    assert crf.predict(SENTENCES) == TAGS
    # No word of it was seen with this ending and place but by its features.
    assert crf.predict([["The", "cow", "walks"], []]) == [["D", "N", "V"], []]


def test_one_trainer_takes_several_penalties() -> None:
    trainer = FeatureCrfTrainer(SENTENCES, TAGS, LABELS)
    strong, weak = trainer.train(5.0, 5.0), trainer.train(0.0, 0.1)
    assert accuracy(TAGS, strong.predict(SENTENCES)) < accuracy(TAGS, weak.predict(SENTENCES)) == 1


def test_two_trainings_give_the_same(crf: FeatureCrf) -> None:
    assert train_crf(SENTENCES, TAGS).model == crf.model


def test_parameters_are_those_that_the_library_lists(crf: FeatureCrf) -> None:
    listed = crf._tagger.info()
    assert crf.number_of_parameters == len(listed.state_features) + len(listed.transitions) > 0
    assert MostFrequentTag(SENTENCES, TAGS, LABELS).number_of_parameters == 9 + 1


@pytest.mark.parametrize("make", [MostFrequentTag, train_crf])
def test_tags_and_words_of_any_text(make, tmp_path: Path) -> None:
    words, tags = [["\0", "a:b", "é", "\udcff", "x y"]], [["\0", "", "d:1", "日", "B-a b"]]
    floor = make(words, tags, tags[0])
    assert floor.predict(words) == tags
    floor.save(tmp_path)


def test_one_tag_alone() -> None:
    assert train_crf([["a", "b"]], [["X", "X"]], ["X"]).predict([["c"]]) == [["X"]]


def test_what_is_saved_is_all_that_tags(crf: FeatureCrf, tmp_path: Path) -> None:
    crf.save(tmp_path)
    labels = json.loads((tmp_path / "floor.json").read_text())["labels"]
    loaded = FeatureCrf((tmp_path / "weights.crfsuite").read_bytes(), labels)
    assert loaded.predict([["The", "thing"]]) == crf.predict([["The", "thing"]])
    MostFrequentTag(SENTENCES, TAGS, LABELS).save(tmp_path)
    saved = json.loads((tmp_path / "floor.json").read_text())
    assert saved["labels"][saved["of_word"]["The"]] == "D"
    assert saved["labels"][saved["of_others"]] == "N"


def test_a_missing_library_names_the_extra(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pycrfsuite", None)
    with pytest.raises(ImportError, match=r"pycrfsuite: pip install 'hf-recurrent\[crf-features\]"):
        FeatureCrfTrainer(SENTENCES, TAGS, LABELS)


def read_ewt(part: str, most: int):
    path = SHARED / f"ud_ewt_{part}.conllu.gz"
    if not path.exists():
        pytest.skip("the shared data is not here")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        blocks = file.read().strip().split("\n\n")[:most]
    rows = [
        [line.split("\t") for line in block.split("\n") if line.split("\t")[0].isdecimal()]
        for block in blocks
    ]
    return [[row[1] for row in rows_] for rows_ in rows], [[r[3] for r in rows_] for rows_ in rows]


def test_the_crf_beats_the_most_frequent_tag_on_real_sentences() -> None:
    train, test = read_ewt("train", 300), read_ewt("test", 200)
    labels = sorted({tag for tags in train[1] for tag in tags})
    lower = MostFrequentTag(*train, labels)
    floor = train_crf(*train, labels, c1=0.02, c2=0.01, max_iterations=40)
    reached = [accuracy(test[1], each.predict(test[0])) for each in (lower, floor)]
    assert 0.7 < reached[0] < 0.8
    assert reached[0] + 0.08 < reached[1] < 0.95


def test_the_time_of_training_is_that_of_the_chosen_penalties(monkeypatch) -> None:
    names = datasets.ClassLabel(names=["A", "B"])
    features = datasets.Features(
        tokens=datasets.List(datasets.Value("string")), tags=datasets.List(names)
    )
    rows = datasets.Dataset.from_dict({"tokens": [["a", "b"]] * 3, "tags": [[0, 1]] * 3}, features)
    task = get_task("token-classification").for_data(rows)
    work = SimpleNamespace(
        data={"train": rows, "validation": rows}, task=task, score=lambda predict: 1.0
    )
    clock = itertools.count(step=10.0)  # each look at the clock is 10 seconds after the last
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    found = fit_feature_crf(cast(Work, work))
    assert len(found.trials) == len(PENALTIES)
    assert found.training_seconds == 20.0
