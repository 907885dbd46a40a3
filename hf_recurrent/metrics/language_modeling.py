"""``evaluate`` metrics for language models that need neither a network nor a script."""

import math
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import datasets
import evaluate

from .._wording import counted

_CODE_POINTS = 0x110000
_LOG_PROBABILITIES = datasets.Sequence(datasets.Value("float64"))

_PREDICTIONS = """
Args:
    predictions: The natural logarithm of the probability of each token, a list for each text.
"""


class Spelling:
    """Probabilities of words that a model does not know, by their characters.

    Each character has its share of the characters of the training words, and each word has an end
    mark, which is one more character. One count is reserved for all characters that the training
    words lack, each of which has the same part of it. So the probabilities of all words sum to 1.

    Args:
        words: The number of each word of the training text.

    Raises:
        ValueError: If there are no words.

    Example:
        >>> round(Spelling({"aa": 1, "b": 1}).bits("ab"), 3)  # shares 2/6, 1/6 and 2/6
        5.755
    """

    def __init__(self, words: Mapping[str, int]) -> None:
        letters: Counter[str] = Counter()
        for word, number in words.items():
            for letter in word:
                letters[letter] += number
        ends = sum(words.values())
        if not ends:
            raise ValueError("There are no words to learn spelling from.")
        total = letters.total() + ends + 1
        self._end = math.log2(total / ends)
        self._bits = {letter: math.log2(total / number) for letter, number in letters.items()}
        self._new = math.log2(total) + math.log2(_CODE_POINTS - len(letters))

    def bits(self, word: str) -> float:
        """Return the bits that a word costs, its end mark included."""
        return sum(self._bits.get(letter, self._new) for letter in word) + self._end


class Perplexity(evaluate.Metric):
    """The exponential of the mean negative log-likelihood of a token, over all texts.

    Results are ``perplexity``, ``loss`` (the mean, in nats) and ``tokens`` (their number).
    Perplexities are comparable only for equal tokens of equal texts.

    Example:
        >>> Perplexity().compute(predictions=[[-1.0, -3.0], [-2.0]])["loss"]
        2.0
    """

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description="Perplexity of a language model on texts.",
            citation="",
            inputs_description=_PREDICTIONS,
            features=datasets.Features(predictions=_LOG_PROBABILITIES),
        )

    def _compute(self, predictions: Sequence[Sequence[float]]) -> dict[str, float]:
        tokens = sum(map(len, predictions))
        if not tokens:
            raise ValueError("The texts have no tokens, so they have no perplexity.")
        loss = -math.fsum(math.fsum(text) for text in predictions) / tokens
        perplexity = math.exp(loss) if loss < math.log(sys.float_info.max) else math.inf
        return {"perplexity": perplexity, "loss": loss, "tokens": tokens}


class BitsPerCharacter(evaluate.Metric):
    """The bits that a model needs for a character of texts, whatever its tokens are.

    ``compute`` takes ``unknown``, the words of each text that the model read as its unknown word,
    and ``spelling``, a ``Spelling``. A model then pays for the spelling of these words, beside what
    it pays for the unknown word itself; without that, a model that knows few words would look
    best. A character is a code point.

    Example:
        >>> found = BitsPerCharacter().compute(predictions=[[-1.386]], references=["ab"])
        >>> round(found["bits_per_character"], 2)
        1.0
    """

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description="Bits a character of a language model on texts.",
            citation="",
            inputs_description=f"{_PREDICTIONS}    references: The texts, as many.\n",
            features=datasets.Features(
                predictions=_LOG_PROBABILITIES, references=datasets.Value("string")
            ),
        )

    def _compute(
        self,
        predictions: Sequence[Sequence[float]],
        references: Sequence[str],
        unknown: Sequence[Iterable[str]] | None = None,
        spelling: Spelling | None = None,
    ) -> dict[str, float]:
        characters = sum(map(len, references))
        if not characters:
            raise ValueError("The texts are empty, so nothing can be divided by their length.")
        bits = -math.fsum(math.fsum(text) for text in predictions) / math.log(2)
        if unknown is not None:
            if spelling is None:
                raise ValueError("unknown and spelling go together, and spelling is missing.")
            if len(unknown) != len(references):
                raise ValueError(
                    f"There are unknown words of {counted(len(unknown), 'text')}, and "
                    f"{counted(len(references), 'text')}."
                )
            bits += math.fsum(spelling.bits(word) for words in unknown for word in words)
        return {"bits_per_character": bits / characters}


class UnknownShare(evaluate.Metric):
    """The share of tokens that are the unknown word; ``compute`` takes ``unk_token_id``.

    Example:
        >>> UnknownShare().compute(predictions=[[4, 1, 4], [7]], unk_token_id=4)
        {'unknown_share': 0.5}
    """

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description="The share of unknown words.",
            citation="",
            inputs_description="Args:\n    predictions: The ids of the tokens of each text.\n",
            features=datasets.Features(predictions=datasets.Sequence(datasets.Value("int64"))),
        )

    def _compute(
        self, predictions: Sequence[Sequence[int]], unk_token_id: int | None
    ) -> dict[str, Any]:
        tokens = sum(map(len, predictions))
        if not tokens:
            raise ValueError("The texts have no tokens.")
        unknown = sum(one == unk_token_id for text in predictions for one in text)
        return {"unknown_share": unknown / tokens}
