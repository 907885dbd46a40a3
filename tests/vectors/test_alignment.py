from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from scipy.stats import ortho_group

from hf_recurrent.vectors.alignment import (
    align,
    mutual_neighbors,
    normalized_rows,
    procrustes,
    read_dictionary,
)

from .files import make_vectors, write

ENGLISH = [f"en{number}" for number in range(400)]
SPANISH = [f"es{number}" for number in range(400)]


def two_languages(noise: float, dimension: int = 20) -> tuple[KeyedVectors, KeyedVectors]:
    """Make vectors, and the same turned, shifted and disturbed, the words in another order."""
    source, target = make_vectors(ENGLISH, dimension), KeyedVectors(dimension)
    generator = np.random.default_rng(1)
    turned = source.vectors @ ortho_group.rvs(dimension, random_state=2).astype(np.float32)
    turned = turned + noise * generator.normal(size=turned.shape).astype(np.float32)
    order = generator.permutation(400)
    target.add_vectors([SPANISH[row] for row in order], turned[order])
    return source, target


def translated(source: KeyedVectors, target: KeyedVectors) -> float:
    """The share of words whose nearest neighbour is their translation, one by one."""
    nearest = [target.similar_by_vector(source[word], topn=1)[0][0] for word in ENGLISH]
    return float(np.mean([word == other for word, other in zip(SPANISH, nearest, strict=True)]))


def test_procrustes_is_the_best_of_the_orthogonal_matrices() -> None:
    generator = np.random.default_rng(0)
    rows, others = generator.normal(size=(2, 30, 4))
    best = procrustes(rows, others)
    np.testing.assert_allclose(best @ best.T, np.eye(4), atol=1e-6)
    error = np.square(rows @ best - others).sum()
    for seed in range(300):
        other = ortho_group.rvs(4, random_state=seed)
        small = procrustes(np.eye(4), best + 0.05 * generator.normal(size=(4, 4)))
        assert error < np.square(rows @ other - others).sum()
        assert error <= np.square(rows @ small - others).sum() + 1e-6


def test_mutual_neighbours_are_those_of_the_formula() -> None:
    generator = np.random.default_rng(0)
    rows, others = (normalized_rows(generator.normal(size=(n, 6))) for n in (40, 50))
    cosines = rows @ others.T
    near = np.sort(cosines, axis=1)[:, -10:].mean(axis=1)
    near_others = np.sort(cosines, axis=0)[-10:].mean(axis=0)
    csls = 2 * cosines - near[:, None] - near_others
    expected = [
        (i, j)
        for i in range(40)
        for j in range(50)
        if csls[i].argmax() == j and csls[:, j].argmax() == i
    ]
    assert list(map(tuple, mutual_neighbors(rows, others))) == expected
    plain = [
        (i, j) for i in range(40) for j in [cosines[i].argmax()] if cosines[:, j].argmax() == i
    ]
    assert expected != plain


def test_a_turn_is_undone() -> None:
    source, target = two_languages(noise=0.0)
    aligned = align(source, target, zip(ENGLISH[:40], SPANISH[:40], strict=True), refinements=0)
    assert translated(aligned.source, aligned.target) == 1
    for word, other in zip(ENGLISH, SPANISH, strict=True):
        np.testing.assert_allclose(aligned.source[word], aligned.target[other], atol=1e-4)
    assert (aligned.seed_pairs, aligned.given_pairs) == (40, 40)


def test_refinement_finds_what_few_pairs_do_not() -> None:
    source, target = two_languages(noise=1.0)
    pairs = [*zip(ENGLISH[:15], SPANISH[:15], strict=True), ("en3", "missing"), ("other", "es3")]
    before = align(source, target, pairs, refinements=0)
    after = align(source, target, pairs, refinements=5)
    assert (after.seed_pairs, after.given_pairs) == (15, 17)
    assert translated(before.source, before.target) < 0.8
    assert translated(after.source, after.target) > 0.9
    assert len(after.found_pairs) == len(after.mean_cosines) == 5
    assert after.found_pairs[-1] > after.found_pairs[0]
    assert after.mean_cosines[-1] > after.mean_cosines[0]


def test_a_refinement_keeps_the_pairs_of_the_dictionary() -> None:
    """Among a few words, few of which are in the dictionary, against the formula by hand."""
    source, target = two_languages(noise=1.0)
    pairs = list(zip(ENGLISH[100:140], SPANISH[100:140], strict=True))
    seed = [(source.key_to_index[word], target.key_to_index[other]) for word, other in pairs]
    rows, others = normalized_rows(source.vectors), normalized_rows(target.vectors)

    def mapping_of(found: list[tuple[int, int]]) -> np.ndarray:
        return procrustes(
            *(
                side[list(at)]
                for side, at in zip((rows, others), zip(*found, strict=True), strict=True)
            )
        )

    mapping = mapping_of(seed)
    for refinements in (1, 2):
        mutual = list(map(tuple, mutual_neighbors(rows[:50] @ mapping, others[:50]).tolist()))
        mapping = mapping_of([*seed, *mutual])
        aligned = align(source, target, pairs, refinements=refinements, refinement_words=50)
        np.testing.assert_allclose(aligned.mapping, mapping, atol=1e-5)
        assert not np.allclose(mapping_of(mutual), mapping, atol=0.05)


@pytest.mark.parametrize("center", [True, False])
def test_the_similarities_within_the_source_stay(center: bool) -> None:
    source, target = two_languages(noise=1.0)
    before = source.vectors.copy()
    aligned = align(source, target, zip(ENGLISH, SPANISH, strict=True), center=center)
    np.testing.assert_allclose(aligned.mapping @ aligned.mapping.T, np.eye(20), atol=1e-5)
    rows = normalized_rows(source.vectors, center)
    np.testing.assert_allclose(
        aligned.source.vectors @ aligned.source.vectors.T, rows @ rows.T, atol=1e-5
    )
    if not center:
        assert aligned.source.similarity("en1", "en2") == pytest.approx(
            source.similarity("en1", "en2"), abs=1e-5
        )
    assert np.array_equal(source.vectors, before)


def test_what_is_known_of_the_words_goes_along() -> None:
    source, target = two_languages(noise=0.1)
    source.expandos["count"] = np.arange(400)
    aligned = align(source, target, [("en1", "es1")])
    assert aligned.source.get_vecattr("en7", "count") == 7
    assert aligned.source.index_to_key == ENGLISH


def test_wrong_arguments_are_named(tmp_path: Path) -> None:
    source, target = two_languages(noise=0.1)
    with pytest.raises(ValueError, match="20 dimensions and target 3"):
        align(source, make_vectors(SPANISH, 3), [("en1", "es1")])
    with pytest.raises(ValueError, match="refinements is -1"):
        align(source, target, [("en1", "es1")], refinements=-1)
    with pytest.raises(ValueError, match="refinement_words is 0"):
        align(source, target, [("en1", "es1")], refinement_words=0)
    with pytest.raises(ValueError, match="Of the 2 pairs of the dictionary none"):
        align(source, target, [("es1", "en1"), ("es2", "en2")])
    with pytest.raises(OSError, match="nothing"):
        align(source, target, tmp_path / "nothing.tsv")


def test_a_dictionary_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "the\tel\r\n\nNew York\tNueva York\nand y\n")
    assert read_dictionary(path) == [("the", "el"), ("New York", "Nueva York"), ("and", "y")]
    source, target = two_languages(noise=0.0)
    seed = write(tmp_path, "".join(f"{a}\t{b}\n" for a, b in zip(ENGLISH, SPANISH, strict=True)))
    assert align(source, target, seed).seed_pairs == 400


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("the\tel\nthe\tla\tlas\n", "line 2"),
        ("the el\nand\n", "line 2"),
        ("the\t\n", "line 1"),
        ("\n", "holds no pair"),
        (b"the\tel\nse\xf1or\tsir\n", "UTF-8"),
    ],
)
def test_a_damaged_dictionary_is_refused(text, sentence, tmp_path: Path) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ValueError, match=sentence) as caught:
        read_dictionary(path)
    assert str(path) in str(caught.value)
