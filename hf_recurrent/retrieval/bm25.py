"""BM25 with stemmed words, the floor of every search."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._extras import require

_PURPOSE = "BM25"
# Common values; those of Lucene's own default are 1.2 and 0.75.
K1, B = 1.5, 0.75


class Bm25:
    """Scores of texts for a query by BM25 (Robertson et al. 1994), in Lucene's form.

    Words are stemmed by Snowball and words of bm25s's English stop list are left out.

    Args:
        texts: The texts to search.
        k1: How soon repeated words stop to count more.
        b: How much the length of a text counts.
        language: Language of the stemmer, as Snowball names it; ``None`` for no stemming. The stop
            list is for English only.

    Raises:
        ImportError: If bm25s or PyStemmer is not installed.
        ValueError: If no text has a word.

    Example:
        >>> Bm25(["flow past a plate", "heat of a cone"]).scores("flows").argmax()
        np.int64(0)
    """

    def __init__(
        self,
        texts: Sequence[str],
        k1: float = K1,
        b: float = B,
        language: str | None = "english",
    ) -> None:
        self._library = require("bm25s", "retrieval", _PURPOSE)
        stemmer = require("Stemmer", "retrieval", _PURPOSE)
        self._stemmer = None if language is None else stemmer.Stemmer(language)
        self._stop_list = "en" if language == "english" else None
        self.size = len(texts)
        words = self._words(texts)
        if not any(words):
            raise ValueError(f"None of the {self.size:,} texts has a word to search for.")
        self._index = self._library.BM25(k1=k1, b=b, method="lucene")
        self._index.index(words, show_progress=False)
        self._known: Any = self._index.vocab_dict

    @property
    def size_in_bytes(self) -> int:
        """The size of the scores of all words, without the words themselves."""
        return sum(
            int(part.nbytes) for part in self._index.scores.values() if hasattr(part, "nbytes")
        )

    def scores(self, query: str) -> NDArray[np.float32]:
        """Return the score of each text (texts,); zeros if no word of the query is known."""
        (words,) = self._words([query])
        known = [word for word in words if word in self._known]
        if not known:
            return np.zeros(self.size, np.float32)
        found: NDArray[np.float32] = self._index.get_scores(known)
        return found

    def _words(self, texts: Sequence[str]) -> list[list[str]]:
        words: list[list[str]] = self._library.tokenize(
            list(texts),
            stopwords=self._stop_list,
            stemmer=self._stemmer,
            return_ids=False,
            show_progress=False,
        )
        return words
