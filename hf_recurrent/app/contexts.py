"""Words in their sentences, as the page shows them: what is near depends on the sentence."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..vectors.contextual import TWO_SENSES, ContextualVectors, Occurrence, neighbors_in_context

# How much of a sentence is shown on each side of a word.
_SHOWN = 45


@dataclass(frozen=True)
class ContextSet:
    """A model and the sentences that are searched with it.

    Attributes:
        name: Its name on the page.
        vectors: The model.
        sentences: The sentences; by default those of words with two senses that the package has.
    """

    name: str
    vectors: ContextualVectors
    sentences: Sequence[str] = field(default=tuple(row.sentence for row in TWO_SENSES))


@dataclass(frozen=True)
class FoundInContext:
    """The words that were found.

    Attributes:
        question: The word that was asked for.
        words: What was found, the nearest first: cosine, text before, word, text after.
        error: Why nothing was found; else empty.
    """

    question: str = ""
    words: Sequence[tuple[float, str, str, str]] = ()
    error: str = ""


def near_in_context(
    found_in: ContextSet, word: str, sentence: str, layer: int = -1, count: int = 8
) -> FoundInContext:
    """Find the words whose vectors are nearest to a word in its sentence.

    What cannot be asked becomes a sentence.
    """
    word, sentence = word.strip(), sentence.strip()
    if not word or not sentence:
        return FoundInContext(error="Type a sentence, and one of its words.")
    try:
        near = neighbors_in_context(
            found_in.vectors, word, sentence, found_in.sentences, layer=layer, count=count
        )
    except ValueError as error:
        return FoundInContext(error=str(error))
    return FoundInContext(f"{word}: {sentence}", [_shown(each) for each in near])


def _shown(each: Occurrence) -> tuple[float, str, str, str]:
    before, after = each.around(_SHOWN)
    return each.cosine, before, each.word, after
