"""The tokenizer of a comparison, its ids, and the spelling of the words that it lacks."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import datasets
import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerFast

from ...metrics.language_modeling import Spelling
from ...vectors.language_tokenizer import language_model_tokenizer
from .data import holds_unknown_words
from .scoring import Scored, TokenScorer, encode, score_documents

# A softmax over 2,000 pieces costs as much as a layer of 200 LSTM cells.
PIECES = 2000
# Words and characters that are rarer train the unknown word.
_MIN_FREQUENCY = 3


@dataclass(frozen=True)
class Vocabulary:
    """A tokenizer made from training documents.

    Attributes:
        tokenizer: The tokenizer.
        documents: The training documents.
    """

    tokenizer: PreTrainedTokenizerFast
    documents: list[str]

    @classmethod
    def of(cls, train: datasets.Dataset, pieces: int = PIECES) -> "Vocabulary":
        """Make the tokenizer of the training part, of the kind that its rows name.

        Args:
            train: The training part.
            pieces: The number of ids of a tokenizer of pieces.
        """
        kind, documents = train["tokenizer_kind"][0], train["text"][:]
        whole = kind in ("words", "whitespace", "characters") and not holds_unknown_words(train)
        tokenizer = language_model_tokenizer(
            documents,
            kind,
            vocab_size=pieces if kind in ("bpe", "unigram") else None,
            min_frequency=_MIN_FREQUENCY if whole else 1,
        )
        return cls(tokenizer, documents)

    @cached_property
    def ids(self) -> NDArray[np.int64]:
        """The ids of the training documents, one after the other, each with its first token."""
        return np.concatenate([encode(self.tokenizer, text) for text in self.documents])

    @cached_property
    def spelling(self) -> Spelling:
        """The price of unknown words, by the characters of the words of training."""
        words: Counter[str] = Counter()
        cut = self.tokenizer.backend_tokenizer.pre_tokenizer
        if self.tokenizer.unk_token_id is None or cut is None:
            return Spelling({"": 1})
        for text in self.documents:
            words.update(word for word, _ in cut.pre_tokenize_str(text))
        return Spelling(words)

    def score(self, documents: list[str], scorer: TokenScorer) -> list[Scored]:
        """Return the figures of documents by a model's log-probabilities."""
        return score_documents(documents, self.tokenizer, scorer, self.spelling)
