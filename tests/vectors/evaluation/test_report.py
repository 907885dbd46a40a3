"""The table of scores, from scores made by hand."""

import pytest

from hf_recurrent.vectors.evaluation import (
    AnalogyScore,
    CategorizationScore,
    CrossLingualScore,
    SectionScore,
    SimilarityScore,
    evaluate_analogies,
    evaluate_similarity,
    evaluate_vectors,
    load_word_set,
    score_lines,
    score_table,
)

from ..files import make_vectors

NAN = float("nan")
SCORES = [
    SimilarityScore("ws353", 0.5, 0.4, 3, 0, 4),
    SimilarityScore("men", NAN, NAN, 0, 0, 3000),
    AnalogyScore(
        "google",
        "3cosmul",
        (SectionScore("family", 1, 2, 4), SectionScore("gram1", 0, 0, 1)),
    ),
    CategorizationScore("groups", 0.75, 0.1, 0.2, 8, 10, 3),
    CrossLingualScore("csls", {1: 0.5, 5: 0.75}, 1, 2),
]


def test_lines() -> None:
    found = [
        (x.name, x.measure, x.score, x.score_all, x.known, x.total) for x in score_lines(SCORES)
    ]
    assert found == [
        ("ws353", "spearman", 0.5, 0.4, 3, 4),
        ("men", "spearman", None, None, 0, 3000),
        ("google", "accuracy, 3cosmul", 0.5, 0.2, 2, 5),
        ("semantic", "accuracy, 3cosmul", 0.5, 0.25, 2, 4),
        ("syntactic", "accuracy, 3cosmul", None, 0.0, 0, 1),
        ("family", "accuracy, 3cosmul", 0.5, 0.25, 2, 4),
        ("gram1", "accuracy, 3cosmul", None, 0.0, 0, 1),
        ("groups", "purity", 0.75, pytest.approx(0.6), 8, 10),
        ("translation", "precision at 1, csls", 0.5, 0.25, 1, 2),
        ("translation", "precision at 5, csls", 0.75, 0.375, 1, 2),
    ]
    short = [line.name for line in score_lines(SCORES, sections=False)]
    assert short == [
        "ws353", "men", "google", "semantic", "syntactic", "groups", "translation", "translation",
    ]  # fmt: skip


def test_the_table_is_in_columns() -> None:
    rows = score_table(score_lines(SCORES)).split("\n")
    assert len({len(row) for row in rows}) == 1
    assert rows[1].split() == ["ws353", "spearman", "0.500", "3", "of", "4", "0.400"]
    assert rows[2].split() == ["men", "spearman", "-", "0", "of", "3,000", "-"]
    assert rows[4].startswith("  semantic")


def test_all_sets_at_once() -> None:
    names = ("ws353", "google-categories", "google-analogies")
    sets = [load_word_set(name) for name in names]
    words = [word for pair in sets[0].pairs[:60] for word in pair]
    vectors = make_vectors(list(dict.fromkeys([*words, "father", "euro", "Paris", "Athens"])), 4)
    scores = evaluate_vectors(vectors, sets, methods=("3cosadd", "3cosmul"), case="exact")
    assert [score.name for score in scores] == [*names, names[2]]
    assert scores[0] == evaluate_similarity(vectors, sets[0], case="exact")
    assert scores[3] == evaluate_analogies(vectors, sets[2], method="3cosmul", case="exact")
    placed = [word for words in sets[1].categories.values() for word in words]
    assert scores[1].known == len(set(placed) & set(vectors.index_to_key)) > 3
