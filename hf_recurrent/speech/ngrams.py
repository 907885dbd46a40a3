"""Word n-grams with back-off (Katz 1987), their ARPA files, and what a beam search asks of a model.

Probabilities are natural logarithms; an ARPA file has those of base 10.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from .._whole import write_whole
from .arpa import BEGIN, END, LN10, NEVER, UNKNOWN, read_arpa


class WordScorer(Protocol):
    """A language model that a beam search can ask, word by word."""

    def begin(self) -> Any:
        """Return the state before the first word."""

    def score(self, state: Any, word: str) -> tuple[float, Any]:
        """Return the log-probability of a word after a state, and the state after it."""

    def end(self, state: Any) -> float:
        """Return the log-probability that the text ends here."""


class NgramModel:
    """Word n-grams with back-off.

    Args:
        log_probabilities: That of the last word of each n-gram after the others.
        back_offs: The factor of each context, as a logarithm, for words that never followed it.

    Example:
        >>> from hf_recurrent.speech import NgramModel
        >>> model = NgramModel.from_texts(["go on", "go back"], order=2)
        >>> score, state = model.score(model.begin(), "go")
        >>> 0.5 < 2.718 ** score < 1
        True
    """

    def __init__(
        self,
        log_probabilities: dict[tuple[str, ...], float],
        back_offs: dict[tuple[str, ...], float],
    ) -> None:
        self.log_probabilities, self.back_offs = log_probabilities, back_offs
        self.order = max((len(ngram) for ngram in log_probabilities), default=1)

    def begin(self) -> tuple[str, ...]:
        """Return the state before the first word: the last words that were read."""
        return (BEGIN,)[: self.order - 1]

    def score(self, state: tuple[str, ...], word: str) -> tuple[float, tuple[str, ...]]:
        """Return the log-probability of a word after a state, and the state after it."""
        known = word if (word,) in self.log_probabilities else UNKNOWN
        after = (*state, known)[-(self.order - 1) :] if self.order > 1 else ()
        return self._log_probability(state, known), after

    def end(self, state: tuple[str, ...]) -> float:
        """Return the log-probability that the text ends here."""
        return self._log_probability(state, END)

    def _log_probability(self, context: tuple[str, ...], word: str) -> float:
        total = 0.0
        while True:
            found = self.log_probabilities.get((*context, word))
            if found is not None:
                return total + found
            if not context:
                return total + NEVER
            total += self.back_offs.get(context, 0.0)
            context = context[1:]

    @classmethod
    def from_texts(cls, texts: Iterable[str], order: int = 3) -> "NgramModel":
        """Count n-grams and smooth them by interpolation (Witten and Bell 1991).

        Raises:
            ValueError: If the order is below 1, or there is no text.
        """
        if order < 1:
            raise ValueError(f"order is {order}, expected at least 1")
        counts: list[dict[tuple[str, ...], Counter[str]]] = [
            defaultdict(Counter) for _ in range(order)
        ]
        for text in texts:
            words = [BEGIN, *text.split(), END]
            for place in range(1, len(words)):
                for size in range(min(order, place + 1)):
                    counts[size][tuple(words[place - size : place])][words[place]] += 1
        if not counts[0]:
            raise ValueError("there is no text to count n-grams in")
        followers = counts[0][()]
        words_known = [*followers, UNKNOWN]
        found: dict[tuple[str, ...], float] = {}
        rests: dict[tuple[str, ...], float] = {}
        share = 1 / len(words_known)
        for size, contexts in enumerate(counts):
            for context, after in contexts.items():
                total, kinds = sum(after.values()), len(after)
                if size:
                    rests[context] = math.log(kinds / (total + kinds))
                for word in after if size else words_known:
                    shorter = math.exp(found[(*context[1:], word)]) if size else share
                    mixed = (after[word] + kinds * shorter) / (total + kinds)
                    found[(*context, word)] = math.log(mixed)
        return cls(found, rests)

    @classmethod
    def from_arpa(cls, file: str | Path) -> "NgramModel":
        """Read an ARPA file, which may be compressed; see ``read_arpa`` for what is refused."""
        return cls(*read_arpa(file))

    def save_arpa(self, file: str | Path) -> None:
        r"""Write an ARPA file, whole or not at all."""
        by_size: dict[int, list[tuple[str, ...]]] = defaultdict(list)
        for ngram in {**self.log_probabilities, **self.back_offs}:
            by_size[len(ngram)].append(ngram)
        lines = ["\\data\\", *(f"ngram {size}={len(by_size[size])}" for size in sorted(by_size))]
        for size in sorted(by_size):
            lines += ["", f"\\{size}-grams:"]
            for ngram in sorted(by_size[size]):
                score = self.log_probabilities.get(ngram, NEVER) / LN10
                rest = self.back_offs.get(ngram)
                tail = "" if rest is None else f"\t{rest / LN10:.9g}"
                lines.append(f"{score:.9g}\t{' '.join(ngram)}{tail}")
        write_whole(Path(file), "\n".join([*lines, "", "\\end\\", ""]))
