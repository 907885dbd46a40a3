"""Analogies: a is to b as c is to what?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from gensim.models import KeyedVectors

from ..._wording import check_choice
from .._csls import unit_rows
from .lookup import Case, WordLookup, rows_of, unit_blocks
from .word_sets import Analogies

AnalogyMethod: TypeAlias = Literal["3cosadd", "3cosmul"]
# Avoids a division by 0, as in the paper and in gensim.
_EPSILON = 1e-6
# Blocks of this size (4 MiB of scores) were the fastest of those tried.
_QUESTIONS_AT_ONCE, _WORDS_AT_ONCE = 512, 2048
_COSINES_AT_ONCE = 1 << 24  # float32: 64 MiB


@dataclass(frozen=True)
class SectionScore:
    """The number of right answers to the questions of a section.

    Attributes:
        name: Name of the section.
        right: Right answers.
        known: Questions whose four words all have a vector.
        questions: All questions.
    """

    name: str
    right: int
    known: int
    questions: int

    @property
    def accuracy(self) -> float:
        """Share of right answers among the known questions, NaN where there are none."""
        return self.right / self.known if self.known else float("nan")

    @property
    def accuracy_all(self) -> float:
        """Share of right answers among all questions; unknown questions count as wrong."""
        return self.right / self.questions if self.questions else float("nan")


@dataclass(frozen=True)
class AnalogyScore:
    """The number of right answers to the questions of a set.

    Attributes:
        name: Name of the set.
        method: How they were answered.
        sections: The sections in their order.
    """

    name: str
    method: str
    sections: tuple[SectionScore, ...]

    @property
    def total(self) -> SectionScore:
        """All sections together."""
        return self._sum("total", lambda name: True)

    @property
    def semantic(self) -> SectionScore:
        """The sections about meaning: those whose name does not begin with "gram"."""
        return self._sum("semantic", lambda name: not name.startswith("gram"))

    @property
    def syntactic(self) -> SectionScore:
        """The sections about grammar, whose name begins with "gram" (Mikolov 2013)."""
        return self._sum("syntactic", lambda name: name.startswith("gram"))

    def _sum(self, name: str, wanted: Callable[[str], bool]) -> SectionScore:
        chosen = [section for section in self.sections if wanted(section.name)]
        return SectionScore(
            name,
            sum(section.right for section in chosen),
            sum(section.known for section in chosen),
            sum(section.questions for section in chosen),
        )


def evaluate_analogies(
    vectors: KeyedVectors,
    analogies: Analogies,
    *,
    method: AnalogyMethod = "3cosadd",
    limit: int | None = None,
    case: Case = "fold",
) -> AnalogyScore:
    """Count the right answers to analogies by section.

    A question with a word that has no vector of its own is unknown. Subwords of fastText do not
    help, because the answer is chosen among the words of the vectors. "3cosadd" with the same
    ``limit`` and the case "gensim" returns the result of gensim's ``evaluate_word_analogies``.

    Args:
        vectors: gensim KeyedVectors, those of fastText and compressed ones included.
        analogies: The questions.
        method: See ``answer_analogies``.
        limit: Number of words to use, the most frequent first; None for all. gensim uses 300,000.
            With fewer words the known questions are easier.
        case: How words are found (``WordLookup``).

    Raises:
        ValueError: If an argument is unknown.
    """
    lookup = WordLookup(vectors, limit, case)
    questions = [question for section in analogies.sections.values() for question in section]
    rows = lookup.rows(word for question in questions for word in question).reshape(-1, 4)
    known = np.all(rows >= 0, axis=1)
    right = np.zeros(len(rows), dtype=bool)
    answers = _answer(lookup, rows[known, :3], method)
    right[known] = [
        answer >= 0 and lookup.same(answer, expected)
        for answer, expected in zip(answers.tolist(), rows[known, 3].tolist(), strict=True)
    ]
    sections, start = [], 0
    for name, section in analogies.sections.items():
        part = slice(start, start + len(section))
        start += len(section)
        sections.append(
            SectionScore(name, int(right[part].sum()), int(known[part].sum()), len(section))
        )
    return AnalogyScore(analogies.name, method, tuple(sections))


def answer_analogies(
    vectors: KeyedVectors,
    questions: Sequence[tuple[str, str, str]],
    *,
    method: AnalogyMethod = "3cosadd",
    limit: int | None = None,
    case: Case = "fold",
) -> list[str | None]:
    """Answer questions "a is to b as c is to ...".

    The answer is never one of the three words. Where ``case`` is "fold" or "gensim", it is not
    another form of one of them either.

    Args:
        vectors: gensim KeyedVectors, those of fastText and compressed ones included.
        questions: Three words each.
        method: "3cosadd" takes the word d with the greatest cos(d, b) - cos(d, a) + cos(d, c)
            (Mikolov 2013), "3cosmul" that with the greatest cos(d, b) cos(d, c) / (cos(d, a) + e),
            cosines shifted to 0 to 1 and e = 1e-6 (Levy and Goldberg 2014, equation 4).
        limit: Number of words to choose from, the most frequent first; None for all.
        case: How words are found (``WordLookup``).

    Returns:
        The answers; None for a question with an unknown word, or where no word is left.

    Raises:
        ValueError: If an argument is unknown.
    """
    lookup = WordLookup(vectors, limit, case)
    rows = lookup.rows(word for question in questions for word in question).reshape(-1, 3)
    known = np.all(rows >= 0, axis=1)
    answers: list[str | None] = [None] * len(rows)
    for position, row in zip(
        np.flatnonzero(known), _answer(lookup, rows[known], method), strict=True
    ):
        answers[position] = lookup.words[row] if row >= 0 else None
    return answers


def _answer(lookup: WordLookup, questions: np.ndarray, method: str) -> np.ndarray:
    """Return the row of each answer to questions ``(questions, 3)``; -1 where no word is left.

    Cosines with the vocabulary are computed once for each word of the questions, not for each
    question. The scores are sums (or products) of them.
    """
    check_choice("method", method, get_args(AnalogyMethod))
    best = np.full(len(questions), -np.inf, dtype=np.float32)
    answers = np.full(len(questions), -1, dtype=np.int64)
    if not len(questions):
        return answers
    words, places = np.unique(questions, return_inverse=True)
    queries = unit_rows(rows_of(lookup.vectors, words))
    parts = _parts(lookup, words, places.reshape(questions.shape))
    size = max(1, min(_WORDS_AT_ONCE, _COSINES_AT_ONCE // len(words)))
    for start, block in unit_blocks(lookup.vectors, len(lookup.words), size):
        cosines = queries @ block.T
        if method == "3cosmul":
            cosines = (cosines + 1) / 2
        for part in parts:
            b, a = cosines[part.b], cosines[part.a]
            offsets = b - a if method == "3cosadd" else b / (a + np.float32(_EPSILON))
            scores = offsets[part.offset]
            if method == "3cosadd":
                scores += cosines[part.c]
            else:
                scores *= cosines[part.c]
            part.exclude(scores, start)
            found = scores.argmax(axis=1)
            values = scores[np.arange(len(scores)), found]
            # The first of equal scores stays.
            better = np.flatnonzero(values > best[part.span])
            best[part.span][better] = values[better]
            answers[part.span][better] = found[better] + start
    return answers


@dataclass(frozen=True)
class _Part:
    """Some questions: their words, and the rows that are no answer.

    Attributes:
        span: Their place among all questions.
        a: Place of the first word of each different pair (a, b).
        b: Place of its second word.
        offset: The pair of each question.
        c: Place of the third word of each question.
        excluded: Rows that are no answer, sorted.
        excluded_from: The question of each excluded row.
    """

    span: slice
    a: np.ndarray
    b: np.ndarray
    offset: np.ndarray
    c: np.ndarray
    excluded: np.ndarray
    excluded_from: np.ndarray

    def exclude(self, scores: np.ndarray, start: int) -> None:
        """Exclude the rows of a block that are no answer."""
        first, last = np.searchsorted(self.excluded, (start, start + scores.shape[1]))
        scores[self.excluded_from[first:last], self.excluded[first:last] - start] = -np.inf


def _parts(lookup: WordLookup, words: np.ndarray, places: np.ndarray) -> list[_Part]:
    """Split questions, given as places in ``words``, into parts."""
    forms = lookup.forms(words.tolist())
    parts = []
    for start in range(0, len(places), _QUESTIONS_AT_ONCE):
        chosen = places[start : start + _QUESTIONS_AT_ONCE]
        pairs, offset = np.unique(chosen[:, :2], axis=0, return_inverse=True)
        excluded = np.array(
            sorted(
                (form, question)
                for question, row in enumerate(words[chosen].tolist())
                for word in row
                for form in forms[word]
            )
        )
        parts.append(
            _Part(
                span=slice(start, start + len(chosen)),
                a=pairs[:, 0],
                b=pairs[:, 1],
                offset=offset.reshape(-1),
                c=chosen[:, 2],
                excluded=excluded[:, 0],
                excluded_from=excluded[:, 1],
            )
        )
    return parts
