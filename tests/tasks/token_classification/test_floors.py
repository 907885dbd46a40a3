import gzip
import json
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.tasks.token_classification.floors import FeatureCrf, MostFrequentTag

SENTENCES = [["The", "dog", "runs"], ["A", "cat", "sleeps"], [], ["The", "run", "ends"], ["Dogs"]]
TAGS = [["D", "N", "V"], ["D", "N", "V"], [], ["D", "N", "V"], ["N"]]
SHARED = Path(__file__).parents[4] / "shared/data/tagging"  # beside the repository, if at all


def accuracy(right, predicted) -> float:
    pairs = [p for a, b in zip(right, predicted, strict=True) for p in zip(a, b, strict=True)]
    return sum(a == b for a, b in pairs) / len(pairs)


@pytest.fixture(scope="module")
def crf() -> FeatureCrf:
    return FeatureCrf().fit(SENTENCES, TAGS, validation=(SENTENCES, TAGS), metric=accuracy)


@given(st.lists(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("XYZ")), max_size=5)))
def test_the_most_frequent_tag_is_that_of_a_count(rows) -> None:
    sentences = [[word for word, _ in row] for row in rows]
    tags = [[tag for _, tag in row] for row in rows]
    pairs = [pair for row in rows for pair in row]
    if not pairs:
        with pytest.raises(ValueError, match="no word to learn from"):
            MostFrequentTag().fit(sentences, tags)
        return
    order = "ZXY"
    floor = MostFrequentTag().fit(sentences, tags, labels=order)
    for word in "abcd":
        seen = [tag for w, tag in pairs if w == word] or [tag for _, tag in pairs]
        counts = Counter(seen)
        expected = max(order, key=lambda tag: counts[tag])  # max takes the first
        assert floor.predict([[word]]) == [[expected]]


def test_the_crf_learns_from_features(crf: FeatureCrf) -> None:
    assert crf.predict(SENTENCES) == TAGS
    # No word of it was seen with this ending and place but by its features.
    assert crf.predict([["The", "cow", "walks"], []]) == [["D", "N", "V"], []]
    assert crf.labels == ["D", "N", "V"]


def test_the_penalties_are_chosen_by_the_metric() -> None:
    pairs = [(5.0, 5.0), (0.0, 0.1), (0.0, 0.01)]
    floor = FeatureCrf().fit(
        SENTENCES, TAGS, validation=(SENTENCES, TAGS), metric=accuracy, penalties=pairs
    )
    assert [*floor.scores] == pairs
    assert floor.scores[floor.penalties] == 1.0 > floor.scores[5.0, 5.0]
    assert floor.penalties == (0.0, 0.1)  # the first of the equal ones
    worst = FeatureCrf().fit(
        SENTENCES,
        TAGS,
        validation=(SENTENCES, TAGS),
        metric=lambda right, predicted: -accuracy(right, predicted),
        penalties=pairs[::-1],
    )
    assert worst.penalties == (5.0, 5.0)
    assert accuracy(TAGS, worst.predict(SENTENCES)) < 1


def test_without_validation_the_first_pair_is_taken() -> None:
    floor = FeatureCrf().fit(SENTENCES, TAGS, penalties=[(0.0, 0.1), (5.0, 5.0)])
    assert floor.penalties == (0.0, 0.1)
    assert floor.scores == {}
    assert floor.predict(SENTENCES) == TAGS


def test_two_trainings_give_the_same(crf: FeatureCrf) -> None:
    again = FeatureCrf().fit(SENTENCES, TAGS, validation=(SENTENCES, TAGS), metric=accuracy)
    assert again._model == crf._model


def test_parameters_are_those_that_the_library_lists(crf: FeatureCrf) -> None:
    listed = crf._tagger.info()
    assert crf.number_of_parameters == len(listed.state_features) + len(listed.transitions) > 0
    assert FeatureCrf().number_of_parameters == 0
    assert MostFrequentTag().fit(SENTENCES, TAGS).number_of_parameters == 9 + 1


def test_tags_and_words_of_any_text() -> None:
    words, tags = [["\0", "a:b", "é", "\udcff", "x y"]], [["\0", "", "d:1", "日", "B-a b"]]
    for floor in (MostFrequentTag(), FeatureCrf()):
        assert floor.fit(words, tags).predict(words) == tags


def test_one_tag_alone() -> None:
    assert FeatureCrf().fit([["a", "b"]], [["X", "X"]]).predict([["c"]]) == [["X"]]


@pytest.mark.parametrize("kind", [MostFrequentTag, FeatureCrf])
def test_saved_equals_loaded(kind, crf: FeatureCrf, tmp_path) -> None:
    floor = crf if kind is FeatureCrf else kind().fit(SENTENCES, TAGS, labels="VND")
    folder = tmp_path / "é"
    floor.save(folder)
    loaded = kind.load(folder)
    text = [["The", "unknown", "thing", "runs"], ["sleeps"]]
    assert loaded.predict(text) == floor.predict(text)
    assert loaded.number_of_parameters == floor.number_of_parameters
    assert loaded.labels == floor.labels
    if kind is FeatureCrf:
        assert (loaded.penalties, loaded.scores) == (crf.penalties, crf.scores)


def test_damaged_folders_end_in_one_sentence(crf: FeatureCrf, tmp_path) -> None:
    crf.save(tmp_path)
    with pytest.raises(ValueError, match=r"floor\.json: expected a MostFrequentTag as its save"):
        MostFrequentTag.load(tmp_path)
    weights = tmp_path / "weights.crfsuite"
    weights.write_bytes(weights.read_bytes()[:-7])
    with pytest.raises(ValueError, match=r"\(weights\.crfsuite is damaged\)"):
        FeatureCrf.load(tmp_path)
    for text in ("", "[]", "{}", '{"class": "FeatureCrf", "labels": 3}'):
        (tmp_path / "floor.json").write_text(text)
        with pytest.raises(ValueError, match=r"floor\.json: expected a FeatureCrf"):
            FeatureCrf.load(tmp_path)
    with pytest.raises(FileNotFoundError):
        FeatureCrf.load(tmp_path / "none")
    MostFrequentTag().fit(SENTENCES, TAGS).save(tmp_path)
    stored = json.loads((tmp_path / "floor.json").read_text())
    (tmp_path / "floor.json").write_text(json.dumps({**stored, "of_others": 3}))
    with pytest.raises(ValueError, match="a tag has no label"):
        MostFrequentTag.load(tmp_path)


@pytest.mark.parametrize("kind", [MostFrequentTag, FeatureCrf])
def test_bad_input_ends_in_one_sentence(kind) -> None:
    with pytest.raises(ValueError, match="Nothing has been fitted"):
        kind().predict([["a"]])
    with pytest.raises(ValueError, match="There are 2 sentences and tags of 1: expected as many"):
        kind().fit([["a"], ["b"]], [["X"]])
    with pytest.raises(ValueError, match="Sentence 2 has 2 words and 1 tag: expected as many"):
        kind().fit([["a"], ["b", "c"]], [["X"], ["X"]])
    with pytest.raises(ValueError, match="all sentences are empty"):
        kind().fit([[]], [[]])
    with pytest.raises(ValueError, match="labels lacks a tag of the training part: 'X'"):
        kind().fit([["a"]], [["X"]], labels=["Y"])


def test_bad_settings_of_the_crf() -> None:
    with pytest.raises(ValueError, match="metric is missing"):
        FeatureCrf().fit(SENTENCES, TAGS, validation=(SENTENCES, TAGS))
    with pytest.raises(ValueError, match="penalties is empty"):
        FeatureCrf().fit(SENTENCES, TAGS, penalties=[])
    with pytest.raises(ValueError, match="Sentence 1 has 1 word and 0 tags"):
        FeatureCrf().fit(SENTENCES, TAGS, validation=([["a"]], [[]]), metric=accuracy)


def test_a_missing_library_names_the_extra(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pycrfsuite", None)
    with pytest.raises(ImportError, match=r"pycrfsuite: pip install 'hf-recurrent\[crf-features\]"):
        FeatureCrf().fit(SENTENCES, TAGS)


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
    lower = MostFrequentTag().fit(*train)
    floor = FeatureCrf().fit(*train, max_iterations=40)
    reached = [accuracy(test[1], each.predict(test[0])) for each in (lower, floor)]
    assert 0.7 < reached[0] < 0.8
    assert reached[0] + 0.08 < reached[1] < 0.95
