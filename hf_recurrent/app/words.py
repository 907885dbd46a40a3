"""Neighbours and analogies of words, in sets of word vectors and in the input layers of models."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gensim.models import KeyedVectors

from .._wording import counted
from ..vectors._sets import look_up
from ..vectors.evaluation import neighbours
from ..vectors.from_model import vectors_from_model
from .answers import Classifier

__all__ = ["Found", "WordSet", "analogy", "near", "sets_of_models"]

_MOST_SHOWN = 60  # characters of a word in a sentence


@dataclass(frozen=True)
class WordSet:
    """Word vectors as the page shows them.

    Attributes:
        name: What they are called on the page.
        vectors: gensim KeyedVectors, compressed ones included.
    """

    name: str
    vectors: KeyedVectors

    @property
    def told(self) -> str:
        """Their size, in a few words."""
        return (
            f"{counted(len(self.vectors.index_to_key), 'word')}, "
            f"{counted(self.vectors.vector_size, 'dimension')}"
        )


@dataclass(frozen=True)
class Found:
    """What was found.

    Attributes:
        question: What was asked, in the forms that the vectors have.
        words: Words with their cosines, the nearest first.
        error: Why nothing was found; empty where something was.
    """

    question: str = ""
    words: Sequence[tuple[str, float]] = ()
    error: str = ""


def near(words: WordSet, word: str, count: int = 10) -> Found:
    """Finds the words nearest to a word; one that is unknown is a sentence."""
    word = word.strip()
    if not word:
        return Found(error="Type a word.")
    try:
        (form,) = _forms(words, [word])
        return Found(form, neighbours(words.vectors, form, count=count))
    except ValueError as error:
        return Found(error=str(error))


def analogy(words: WordSet, first: str, second: str, third: str, count: int = 10) -> Found:
    """Finds the words that are to the third what the second is to the first.

    The nearest to second - first + third, each at length 1 (3CosAdd, Mikolov et al. 2013).
    """
    asked = [word.strip() for word in (first, second, third)]
    if not all(asked):
        return Found(
            error="Type three words: man, king, woman asks what is to woman as king to man."
        )
    try:
        a, b, c = _forms(words, asked)
        found = neighbours(words.vectors, [b, c], [a], count=count)
        return Found(f"{a} : {b} = {c} : ?", found)
    except ValueError as error:
        return Found(error=str(error))


def sets_of_models(classifiers: Iterable[Classifier]) -> list[WordSet]:
    """Gives the vectors of the input layers of models, as far as they have one for each word."""
    found = []
    for classifier in classifiers:
        try:
            vectors = vectors_from_model(classifier.model, classifier.tokenizer)
        except ValueError:
            continue  # such as n-grams, where the vector of a word is made of more than its id
        found.append(WordSet(f"input layer of {classifier.name}", vectors))
    return found


def _forms(words: WordSet, asked: Sequence[str]) -> list[str]:
    """Gives each word in the form that the vectors have: as it is, else in another case.

    Raises:
        ValueError: If one has no vector.
    """
    forms = []
    for word, row in zip(asked, look_up(asked, words.vectors), strict=True):
        if row < 0 and word not in words.vectors:
            shown = word if len(word) <= _MOST_SHOWN else f"{word[:_MOST_SHOWN]}…"
            raise ValueError(f"The word “{shown}” has no vector in {words.name}.")
        forms.append(words.vectors.index_to_key[row] if row >= 0 else word)
    return forms
