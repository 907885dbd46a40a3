"""Evaluation by several sets, and the scores as the lines of a table."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeAlias

from gensim.models import KeyedVectors
from tqdm.auto import tqdm

from .analogies import AnalogyMethod, AnalogyScore, evaluate_analogies
from .categorization import CategorizationScore, evaluate_categorization
from .cross_lingual import CrossLingualScore
from .lookup import Case
from .similarity import SimilarityScore, evaluate_similarity
from .word_sets import Analogies, Categories, WordPairs

Score: TypeAlias = SimilarityScore | AnalogyScore | CategorizationScore | CrossLingualScore


@dataclass(frozen=True)
class ScoreLine:
    """A line of the table.

    Attributes:
        name: The set, or a part of it.
        measure: The measure, such as "spearman".
        score: The score over the known items, None where there are too few of them.
        score_all: The score over all items; the class of the score documents how unknown items
            count.
        known: Number of known pairs, questions or words.
        total: Number of all pairs, questions or words.
        part: Whether the line is a part of the set above it.
    """

    name: str
    measure: str
    score: float | None
    score_all: float | None
    known: int
    total: int
    part: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the line for a JSON file."""
        return asdict(self)


def evaluate_vectors(
    vectors: KeyedVectors,
    sets: Sequence[WordPairs | Analogies | Categories],
    *,
    methods: Sequence[AnalogyMethod] = ("3cosadd",),
    limit: int | None = None,
    case: Case = "fold",
) -> list[Score]:
    """Evaluate vectors by several sets.

    Args:
        vectors: gensim KeyedVectors, those of fastText and compressed ones included.
        sets: The sets, as ``load_word_set`` returns them.
        methods: How analogies are answered; there is one score for each method.
        limit: Number of words to use, the most frequent first; None for all.
        case: How words are found (``WordLookup``).

    Raises:
        ValueError: If an argument is unknown.
    """
    scores: list[Score] = []
    for word_set in tqdm(sets, desc="judging", unit=" sets", leave=False, disable=None):
        if isinstance(word_set, WordPairs):
            scores.append(evaluate_similarity(vectors, word_set, limit=limit, case=case))
        elif isinstance(word_set, Categories):
            scores.append(evaluate_categorization(vectors, word_set, limit=limit, case=case))
        else:
            scores += [
                evaluate_analogies(vectors, word_set, method=method, limit=limit, case=case)
                for method in methods
            ]
    return scores


def score_lines(scores: Sequence[Score], sections: bool = True) -> list[ScoreLine]:
    """Return the lines of a table.

    Args:
        scores: The scores.
        sections: Whether each section of the analogies has a line, after the lines for all
            sections, the semantic ones and the syntactic ones.
    """
    return [line for score in scores for line in _lines(score, sections)]


def _lines(score: Score, sections: bool) -> Iterator[ScoreLine]:
    if isinstance(score, SimilarityScore):
        yield _line(
            score.name, "spearman", score.spearman, score.spearman_all, score.known, score.pairs
        )
    elif isinstance(score, CategorizationScore):
        yield _line(score.name, "purity", score.purity, score.purity_all, score.known, score.words)
    elif isinstance(score, CrossLingualScore):
        for k, precision in score.precision.items():
            measure = f"precision at {k}, {score.method}"
            everything = score.precision_all[k]
            yield _line("translation", measure, precision, everything, score.covered, score.words)
    else:
        measure = f"accuracy, {score.method}"
        parts = [part for part in (score.semantic, score.syntactic) if part.questions]
        shown = [*(parts if len(parts) > 1 else ()), *(score.sections if sections else ())]
        for place, part in enumerate((replace(score.total, name=score.name), *shown)):
            accuracies = (part.accuracy, part.accuracy_all)
            line = _line(part.name, measure, *accuracies, part.known, part.questions)
            yield replace(line, part=place > 0)


def _line(
    name: str, measure: str, score: float, score_all: float, known: int, total: int
) -> ScoreLine:
    first, second = (None if math.isnan(value) else value for value in (score, score_all))
    return ScoreLine(name, measure, first, second, known, total)


def score_table(lines: Sequence[ScoreLine]) -> str:
    """Return the lines as text in columns."""
    rows = [("set", "measure", "score", "known", "with unknown")]
    rows += [
        (
            f"  {line.name}" if line.part else line.name,
            line.measure,
            _three_digits(line.score),
            f"{line.known:,} of {line.total:,}",
            _three_digits(line.score_all),
        )
        for line in lines
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def _three_digits(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
