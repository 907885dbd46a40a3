"""The words of a text that are nearest to a word in its sentence."""

import heapq
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from .encoder import ContextualVectors, cut_words, unit, word_spans


class Occurrence(NamedTuple):
    """A word in a sentence, with its cosine to the word that was asked for."""

    cosine: float
    word: str
    sentence: str
    place: int

    def around(self, most: int) -> tuple[str, str]:
        """Return what is before and after the word, at most so many characters each."""
        start, end = word_spans(self.sentence)[self.place]
        before, after = self.sentence[:start], self.sentence[end:]
        return (
            before if len(before) <= most else f"…{before[-most:]}",
            after if len(after) <= most else f"{after[:most]}…",
        )


def neighbors_in_context(
    vectors: ContextualVectors,
    word: str,
    context: str,
    sentences: Sequence[str],
    *,
    layer: int = -1,
    count: int = 10,
) -> list[Occurrence]:
    """Return the words of a text whose vectors in their sentences are nearest, best first.

    The word itself in other sentences is one of them, and the textbook's claim is that it is near
    where it has the same meaning. Of the sentence that was given, nothing is returned.

    Args:
        vectors: The model.
        word: The word, of which the first place in the context is taken, in any case of letters.
        context: Its sentence.
        sentences: The sentences to search, read batch by batch.
        layer: The layer; negative numbers count from the last one.
        count: Number of words.

    Raises:
        ValueError: If the word is not in the context or beyond what the model reads, there are no
            sentences, or a number is out of range.
    """
    if count < 1:
        raise ValueError(f"count is {count}, expected at least 1")
    words, layer = cut_words(context), vectors.layer(layer)
    place = find_word(words, word, context)
    found = vectors(words)[layer]
    if place >= len(found):
        raise ValueError(
            f"{word!r} is word {place + 1} of its sentence, and the model reads {len(found)}"
        )
    query = unit(found[place])
    others = [each for each in sentences if each.strip() and each.strip() != context.strip()]
    if not others:
        raise ValueError("there are no other sentences to search, expected a text of some")
    cut = [cut_words(each) for each in others]
    best: list[Occurrence] = []
    for sentence, its_words, states in zip(others, cut, vectors.of_sentences(cut), strict=True):
        cosines = unit(states[layer]) @ query
        for at, cosine in enumerate(cosines.tolist()):
            if not its_words[at][0].isalnum():
                continue  # signs are near to everything
            item = Occurrence(cosine, its_words[at], sentence.strip(), at)
            if len(best) < count:
                heapq.heappush(best, item)
            else:
                heapq.heappushpop(best, item)
    return sorted(best, reverse=True)


def find_word(words: Sequence[str], word: str, sentence: str) -> int:
    """Return the first place of a word among the words of a sentence, in its own case if it is.

    Accents count as the same, composed or not.

    Raises:
        ValueError: If it is not there.
    """
    if word in words:
        return words.index(word)
    for form in (_composed, _folded):
        others = [form(each) for each in words]
        if form(word) in others:
            return others.index(form(word))
    raise ValueError(f"the word {word!r} is not in the sentence {sentence!r}")


def _composed(word: str) -> str:
    return unicodedata.normalize("NFC", word)


def _folded(word: str) -> str:
    return _composed(_composed(word).casefold())
