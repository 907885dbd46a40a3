"""IBM model 1 against a worked example and against the textbook's loop."""

import random
from collections import defaultdict

import pytest

from hf_recurrent.tasks.translation.lexicon import joined, learn_lexicon, translated, words_of

# The example of Koehn (Statistical Machine Translation, 2010, 4.2.4), without an empty word.
HOUSE = (
    [["das", "haus"], ["das", "buch"], ["ein", "buch"]],
    [["the", "house"], ["the", "book"], ["a", "book"]],
)


def table(lexicon) -> dict[tuple[str, str], float]:
    return {
        (lexicon.sources[a], lexicon.targets[b]): float(share)
        for (a, b), share in zip(lexicon.cells, lexicon.probabilities, strict=True)
    }


def by_hand(sources, targets, iterations: int) -> dict[tuple[str, str], float]:
    """Run the loop of the textbook, a count at a time."""
    chances = defaultdict(lambda: 1.0)
    for _ in range(iterations):
        counts, totals = defaultdict(float), defaultdict(float)
        for source, target in zip(sources, targets, strict=True):
            for word in target:
                norm = sum(chances[one, word] for one in ["", *source])
                for one in ["", *source]:
                    counts[one, word] += chances[one, word] / norm
                    totals[one] += chances[one, word] / norm
        chances = defaultdict(float, {(a, b): c / totals[a] for (a, b), c in counts.items()})
    return dict(chances)


@pytest.mark.parametrize(
    ("iterations", "the", "house"), [(1, 0.5, 0.5), (2, 0.6364, 0.5714), (3, 0.7479, 0.6534)]
)
def test_a_worked_example(iterations: int, the: float, house: float) -> None:
    found = table(learn_lexicon(*HOUSE, iterations, with_none=False))
    assert found["das", "the"] == pytest.approx(the, abs=1e-4)
    assert found["haus", "house"] == pytest.approx(house, abs=1e-4)
    assert ("das", "a") not in found


def test_it_is_the_textbook_with_repeated_words_and_the_empty_word() -> None:
    draw = random.Random(0)
    sources = [draw.choices("abcdef", k=draw.randint(1, 6)) for _ in range(30)]
    targets = [draw.choices("uvwxyz", k=draw.randint(1, 6)) for _ in range(30)]
    found, expected = table(learn_lexicon(sources, targets, 4)), by_hand(sources, targets, 4)
    assert found.keys() == expected.keys()
    assert all(found[key] == pytest.approx(expected[key], abs=1e-12) for key in found)
    best = learn_lexicon(sources, targets, 4).best()
    assert set(best) == set("abcdef")
    for word, translation in best.items():
        assert expected[word, translation] == pytest.approx(
            max(share for (one, _), share in expected.items() if one == word)
        )


def test_sentences_without_words_or_with_too_many_are_left_out() -> None:
    sources, targets = [[], ["x"], ["a"] * 51, ["b"]], [["q"], [], ["r"], ["s"]]
    assert learn_lexicon(sources, targets).best() == {"b": "s"}
    with pytest.raises(ValueError, match="No pair has 1 to 50 words on both sides"):
        learn_lexicon([["a"]], [[]])


def test_words_and_texts() -> None:
    text = "“Don't (you) go,” it's 3.5 ¿no?"
    assert " ".join(words_of(text)) == "“ Don't ( you ) go , ” it's 3 . 5 ¿ no ?"
    assert joined(["¿", "is", "it", "(", "a", ")", "dog", "?"]) == "¿is it (a) dog?"
    assert joined(["ein", "hund", "."]) == "Ein hund."
    assert joined([]) == ""
    assert translated(["A", "dog"], {"a": "ein"}) == ["ein", "dog"]
