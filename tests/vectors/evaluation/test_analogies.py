"""Analogies against a loop over the words, and gensim."""

import math

import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.test.utils import datapath
from hypothesis import given, settings
from hypothesis import strategies as st

from hf_recurrent.vectors.compression import CompressedKeyedVectors
from hf_recurrent.vectors.evaluation import (
    Analogies,
    answer_analogies,
    evaluate_analogies,
    load_word_set,
)
from hf_recurrent.vectors.evaluation import analogies as module

from ..files import make_vectors

METHODS = ["3cosadd", "3cosmul"]
WORDS = [*"abcdefghijkl", "A", "B", "M"]


@pytest.fixture(params=[2048, 4])
def blocks(request, monkeypatch) -> None:
    # With four words and three questions at once there are many blocks.
    monkeypatch.setattr(module, "_WORDS_AT_ONCE", request.param)
    monkeypatch.setattr(module, "_QUESTIONS_AT_ONCE", 512 if request.param > 4 else 3)
    monkeypatch.setattr(module, "_COSINES_AT_ONCE", 1 << 24 if request.param > 4 else 30)


def brute_force(vectors: KeyedVectors, a: str, b: str, c: str, method: str, limit=None) -> str:
    """Tries every word but those asked for, whatever their case."""
    words = vectors.index_to_key[:limit]
    x, y, z = (vectors[word].astype(np.float64) for word in (a, b, c))

    def cosine(u: np.ndarray, v: np.ndarray) -> float:
        return float(u @ v / np.linalg.norm(u) / np.linalg.norm(v))

    def score(word: str) -> float:
        v = vectors[word].astype(np.float64)
        to_a, to_b, to_c = cosine(v, x), cosine(v, y), cosine(v, z)
        if method == "3cosadd":
            return to_b - to_a + to_c
        return (1 + to_b) / 2 * (1 + to_c) / 2 / ((1 + to_a) / 2 + 1e-6)

    asked = {word.upper() for word in (a, b, c)}
    return max((word for word in words if word.upper() not in asked), key=score)


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("limit", [None, 9])
def test_every_word_is_tried(method, limit) -> None:
    vectors = make_vectors(WORDS, 4)
    letters = WORDS[:limit]
    questions = [(a, b, c) for a in letters for b in letters[:5] for c in letters[3:8]]
    found = answer_analogies(vectors, questions, method=method, limit=limit)
    assert found == [brute_force(vectors, *question, method, limit) for question in questions]


@given(
    seed=st.integers(0, 10_000),
    questions=st.lists(st.tuples(*[st.sampled_from(WORDS)] * 4), min_size=1, max_size=12),
)
@settings(max_examples=30)
def test_scores_count_the_right_answers(seed, questions) -> None:
    vectors = make_vectors(WORDS, 3, seed)
    half = len(questions) // 2
    sections = {"meaning": tuple(questions[:half]), "gram1": tuple(questions[half:])}
    for method in METHODS:
        score = evaluate_analogies(vectors, Analogies("x", sections), method=method)
        for section, (name, asked) in zip(score.sections, sections.items(), strict=True):
            right = [
                brute_force(vectors, a, b, c, method).upper() == d.upper() for a, b, c, d in asked
            ]
            assert (section.name, section.right, section.known) == (name, sum(right), len(asked))
        assert score.total.right == score.semantic.right + score.syntactic.right


@pytest.mark.usefixtures("blocks")
def test_gensim_gives_the_same(tmp_path) -> None:
    file = load_word_set("google-analogies")
    sections = {name: questions[:60] for name, questions in file.sections.items()}
    words = dict.fromkeys(w for questions in sections.values() for q in questions for w in q)
    # Vectors that often know the answer: d is b - a + c and noise; some words are missing.
    generator = np.random.default_rng(1)
    known = {word: generator.normal(size=20) for word in words}
    for questions in sections.values():
        for a, b, c, d in questions:
            known[d] = known[b] - known[a] + known[c] + generator.normal(size=20) * 1.5
    kept = [word for number, word in enumerate(words) if number % 11]
    upper = [word.upper() for word in kept[:40]]
    vectors = KeyedVectors(20)
    rows = [known[word] for word in kept] + [known[word] * 0.9 + 0.1 for word in kept[:40]]
    vectors.add_vectors([*kept, *upper], np.array(rows, dtype=np.float32))
    path = tmp_path / "questions.txt"
    lines = [
        f": {name}\n" + "".join(f"{' '.join(q)}\n" for q in qs) for name, qs in sections.items()
    ]
    path.write_text("".join(lines))
    analogies = Analogies("part", sections)
    for limit, fold in ((300_000, True), (300_000, False), (300, True)):
        share, expected = vectors.evaluate_word_analogies(
            str(path), restrict_vocab=limit, case_insensitive=fold
        )
        case = "gensim" if fold else "exact"
        score = evaluate_analogies(vectors, analogies, limit=limit, case=case)
        assert score.total.accuracy == pytest.approx(share)
        assert 0 < score.total.right < score.total.known < score.total.questions
        for section, theirs in zip(score.sections, expected[:-1], strict=True):
            assert section.right == len(theirs["correct"])
            assert section.known - section.right == len(theirs["incorrect"])
    questions = [q[:3] for q in sections["family"] if all(word in vectors for word in q[:3])]
    found = answer_analogies(vectors, questions, method="3cosmul", case="exact")
    assert found == [
        vectors.most_similar_cosmul(positive=[b, c], negative=[a], topn=1)[0][0]
        for a, b, c in questions
    ]


def test_unknown_questions_are_counted_apart() -> None:
    vectors = make_vectors(["a", "b", "c", "d"])
    questions = (("a", "b", "c", "d"), ("a", "b", "c", "zzz"), ("zzz", "b", "c", "d"))
    score = evaluate_analogies(vectors, Analogies("x", {"gram": questions}))
    # Three of the four words are asked for, so the fourth is the answer.
    assert score.total.accuracy == 1
    assert score.total.accuracy_all == pytest.approx(1 / 3)
    assert math.isnan(score.semantic.accuracy)
    assert answer_analogies(vectors, [q[:3] for q in questions]) == ["d", "d", None]
    assert answer_analogies(make_vectors(["a", "b"]), [("a", "b", "a")]) == [None]
    assert answer_analogies(vectors, []) == []


def test_vectors_of_zeros_and_compressed_ones() -> None:
    vectors = make_vectors(WORDS, 8)
    vectors.vectors[3] = 0
    questions = [("a", "b", "c"), ("d", "b", "c")]
    for method in METHODS:
        found = answer_analogies(vectors, questions, method=method)
        assert all(word in WORDS for word in found)
        small = CompressedKeyedVectors.compress(vectors, "fp16")
        assert answer_analogies(small, questions, method=method) == found


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match="method must be one of 3cosadd, 3cosmul, not 'add'"):
        answer_analogies(make_vectors(["a"]), [("a", "a", "a")], method="add")


def test_all_google_analogies_are_read() -> None:
    analogies = load_word_set("google-analogies")
    assert len(analogies.sections) == 14
    assert sum(map(len, analogies.sections.values())) == 19_544
    assert datapath("questions-words.txt")
