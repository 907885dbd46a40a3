"""How much the vectors of a word differ from sentence to sentence (Ethayarajh 2019)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .encoder import ContextualVectors, cut_words, unit

_LEAST = 5


@dataclass(frozen=True)
class Spread:
    """Mean cosines by layer, from layer 0 on.

    Attributes:
        self_similarity: Of a word with itself in other sentences, the mean over words. It is 1
            where a word has one vector.
        baseline: Of words picked at random from different sentences. In a layer whose vectors all
            point in one direction, any two words are similar.
        words: The self-similarity of each word.
        occurrences: How many vectors they are from.
    """

    self_similarity: tuple[float, ...]
    baseline: tuple[float, ...]
    words: dict[str, tuple[float, ...]]
    occurrences: int

    @property
    def adjusted(self) -> tuple[float, ...]:
        """The self-similarity above the baseline."""
        pairs = zip(self.self_similarity, self.baseline, strict=True)
        return tuple(similarity - baseline for similarity, baseline in pairs)


def context_spread(
    vectors: ContextualVectors,
    sentences: Sequence[str],
    *,
    words: Sequence[str] | None = None,
    most_words: int = 200,
    contexts: int = 20,
    pairs: int = 1000,
    seed: int = 0,
) -> Spread:
    """Measure the self-similarity of words over their contexts, by layer, beside its baseline.

    Definitions are those of Ethayarajh (2019), "How Contextual are Contextualized Word
    Representations?": the self-similarity of a word is the mean cosine of all pairs of its vectors
    in different sentences, and the baseline of a layer (its anisotropy) the mean cosine of words
    that are picked at random.

    Args:
        vectors: The model.
        sentences: The text.
        words: The words, in lower case; by default some that are in at least five sentences.
        most_words: Largest number of words, if they are not given.
        contexts: Largest number of sentences of each word.
        pairs: Number of random pairs for the baseline.
        seed: Seed of all choices.

    Raises:
        ValueError: If no word, or a given one, is in enough sentences, or a number is too small.
    """
    for name, value, least in (
        ("most_words", most_words, 1),
        ("contexts", contexts, 2),
        ("pairs", pairs, 1),
    ):
        if value < least:
            raise ValueError(f"{name} is {value}, expected at least {least}")
    draw = np.random.default_rng(seed)
    cut = [cut_words(each) for each in dict.fromkeys(filter(None, map(str.strip, sentences)))]
    chosen = _choose(cut, words, most_words, contexts, draw)
    random = _random_places(cut, 2 * pairs, draw)
    wanted = {sentence for places in [*chosen.values(), random] for sentence, _ in places}
    order = sorted(wanted)
    found = {}
    for number, states in zip(
        order, vectors.of_sentences([cut[number] for number in order]), strict=True
    ):
        found[number] = unit(states)

    def is_read(place: tuple[int, int]) -> bool:
        return place[1] < found[place[0]].shape[1]

    def at(places: Iterable[tuple[int, int]]) -> np.ndarray:
        return np.stack([found[s][:, p] for s, p in places], axis=1)

    read = ((word, [*filter(is_read, places)]) for word, places in chosen.items())
    by_word = ((word, _mean_cosine(at(places))) for word, places in read if len(places) > 1)
    similar = dict(by_word)
    both = [
        pair
        for pair in zip(random[:pairs], random[pairs:], strict=True)
        if is_read(pair[0]) and is_read(pair[1])
    ]
    if not similar or not both:
        raise ValueError("no word is within what the model reads of two sentences")
    left, right = map(at, zip(*both, strict=True))
    baseline = np.einsum("lnd,lnd->ln", left, right).mean(axis=1)
    return Spread(
        tuple(np.mean([*similar.values()], axis=0).tolist()),
        tuple(baseline.tolist()),
        {word: tuple(value.tolist()) for word, value in similar.items()},
        sum(map(len, chosen.values())),
    )


def _choose(
    sentences: Sequence[Sequence[str]],
    words: Sequence[str] | None,
    most: int,
    contexts: int,
    draw: np.random.Generator,
) -> dict[str, list[tuple[int, int]]]:
    """Return where each word is: a place in each of some sentences."""
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, sentence in enumerate(sentences):
        first: dict[str, int] = {}
        for place, word in enumerate(sentence):
            first.setdefault(word.lower(), place)
        for word, place in first.items():
            places[word].append((number, place))
    if words is None:
        known = sorted(w for w, found in places.items() if w.isalpha() and len(found) >= _LEAST)
        if not known:
            raise ValueError(f"no word is in {_LEAST} different sentences, expected a longer text")
        picked = [known[i] for i in sorted(draw.permutation(len(known))[:most])]
    else:
        picked = [*dict.fromkeys(word.lower() for word in words)]
        rare = next((word for word in picked if len(places.get(word, ())) < 2), None)
        if rare is not None:
            raise ValueError(f"the word {rare!r} is not in two different sentences of the text")
    return {
        word: [places[word][i] for i in draw.permutation(len(places[word]))[:contexts]]
        for word in picked
    }


def _random_places(
    sentences: Sequence[Sequence[str]], number: int, draw: np.random.Generator
) -> list[tuple[int, int]]:
    """Return places of words picked at random, one after the other from different sentences."""
    lengths = np.array([len(sentence) for sentence in sentences], dtype=float)
    picked = draw.choice(len(sentences), number, p=lengths / lengths.sum())
    half = number // 2
    for place in np.flatnonzero(picked[:half] == picked[half : 2 * half]):
        picked[place] = (picked[place] + 1) % len(sentences)
    return [(int(each), int(draw.integers(len(sentences[each])))) for each in picked]


def _mean_cosine(rows: np.ndarray) -> np.ndarray:
    """Return the mean cosine of all pairs of unit vectors (layers, number, width), by layer."""
    number = rows.shape[1]
    squares = np.square(rows.sum(axis=1, dtype=np.float64)).sum(axis=-1)
    own = np.square(rows, dtype=np.float64).sum(axis=(1, 2))
    mean: np.ndarray = (squares - own) / (number * (number - 1))
    return mean
