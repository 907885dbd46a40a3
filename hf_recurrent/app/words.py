"""Find neighbours and analogies of words, in word vectors and in input layers of models."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from gensim.models import KeyedVectors

from .._wording import counted
from ..vectors._keyed_vectors import look_up
from ..vectors.evaluation import neighbors
from ..vectors.from_model import vectors_from_model
from ..vectors.training.card import example_word
from .answers import Classifier

_ANALOGY = ("man", "king", "woman")
_MOST_SHOWN = 60  # characters of a word in a sentence
_MOST_COMPARED = 50_000  # frequent words, whose spellings are compared in a fraction of a second
_LIKE = 0.75  # least similarity of a near spelling


@dataclass(frozen=True)
class WordSet:
    """Word vectors as the page shows them.

    Attributes:
        name: Their name on the page.
        vectors: gensim KeyedVectors, compressed ones included.
    """

    name: str
    vectors: KeyedVectors

    @property
    def size(self) -> str:
        """Their size, in a few words."""
        return (
            f"{counted(len(self.vectors.index_to_key), 'word')}, "
            f"{counted(self.vectors.vector_size, 'dimension')}"
        )


@dataclass(frozen=True)
class Found:
    """The words that were found.

    Attributes:
        question: The words that were asked for, in the form that has a vector.
        words: Words with their cosines, the nearest first.
        error: Why nothing was found; else empty.
    """

    question: str = ""
    words: Sequence[tuple[str, float]] = ()
    error: str = ""


def near(words: WordSet, word: str, count: int = 10) -> Found:
    """Find the words nearest to a word; an unknown word becomes a sentence."""
    word = word.strip()
    if not word:
        return Found(error="Type a word.")
    try:
        (form,) = _forms(words, [word])
        return Found(form, neighbors(words.vectors, form, count=count))
    except ValueError as error:
        return Found(error=str(error))


def analogy(words: WordSet, first: str, second: str, third: str, count: int = 10) -> Found:
    """Find the words that are to the third as the second is to the first.

    They are nearest to second - first + third, each at length 1 (3CosAdd, Mikolov et al. 2013).
    """
    asked = [word.strip() for word in (first, second, third)]
    if not all(asked):
        return Found(
            error="Type three words: man, king, woman asks what is to woman as king to man."
        )
    try:
        a, b, c = _forms(words, asked)
        found = neighbors(words.vectors, [b, c], [a], count=count)
        return Found(f"{a} : {b} = {c} : ?", found)
    except ValueError as error:
        return Found(error=str(error))


def asked_first(words: WordSet) -> tuple[str, tuple[str, str, str] | None]:
    """Return a word and an analogy that the page asks for at first.

    The words are those that everybody tries; if one is unknown, the word is a frequent one and
    there is no analogy.
    """
    first, second, third = _ANALOGY
    known = [word in words.vectors for word in _ANALOGY]
    word = second if known[1] else example_word(words.vectors)
    return word, (first, second, third) if all(known) else None


def near_spellings(word: str, known: Sequence[str], count: int = 3) -> list[str]:
    """Return the frequent words that are spelled most like a word, the nearest first.

    Args:
        word: An unknown word.
        known: Known words, the most frequent first; only the first 50,000 are compared.
        count: Number of words at most.
    """
    low = word.lower()
    compared = [each for each in known[:_MOST_COMPARED] if abs(len(each) - len(low)) <= 2]
    return get_close_matches(low, compared, n=count, cutoff=_LIKE)


def sets_of_models(classifiers: Iterable[Classifier]) -> list[WordSet]:
    """Return the vectors of models' input layers, where each word has a row of its own."""
    found = []
    for classifier in classifiers:
        try:
            vectors = vectors_from_model(classifier.model, classifier.tokenizer)
        except ValueError:
            continue  # such as n-grams: a word's vector is made of more than its id
        found.append(WordSet(f"input layer of {classifier.name}", vectors))
    return found


def _forms(words: WordSet, asked: Sequence[str]) -> list[str]:
    """Return each word in the form that has a vector: unchanged, or else in another case.

    Raises:
        ValueError: If a word has no vector.
    """
    forms = []
    for word, row in zip(asked, look_up(asked, words.vectors), strict=True):
        if row < 0 and word not in words.vectors:
            shown = word if len(word) <= _MOST_SHOWN else f"{word[:_MOST_SHOWN]}…"
            like = near_spellings(word, words.vectors.index_to_key)
            hint = f" Near spellings: {', '.join(like)}." if like else ""
            raise ValueError(f"The word “{shown}” has no vector in {words.name}.{hint}")
        forms.append(words.vectors.index_to_key[row] if row >= 0 else word)
    return forms
