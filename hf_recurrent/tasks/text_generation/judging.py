"""The figures of a language model on documents."""

import math
from collections.abc import Sequence

import datasets

from ..fitted import Fitted
from .data import holds_unknown_words
from .scoring import Scored
from .writing import prompt_of

_SAMPLE_TOKENS = 60


def judge(
    predictions: Sequence[Scored], rows: datasets.Dataset, train: datasets.Dataset
) -> dict[str, float]:
    """Return perplexity, bits a character, and the share of unknown words.

    They are those of ``Perplexity``, ``BitsPerCharacter`` and ``UnknownShare``, from sums over
    documents. A text whose rare words were replaced by ``<unk>`` has no spelling of these words,
    and so no bits a character.
    """
    told = [Scored(*each) for each in predictions]
    tokens = sum(each.tokens for each in told)
    loss = -math.fsum(each.log_probability for each in told)
    found = {
        "perplexity": math.exp(min(loss / tokens, 700.0)),
        "unknown_share": sum(each.unknown for each in told) / tokens,
    }
    if not holds_unknown_words(train):
        bits = loss / math.log(2) + math.fsum(each.spelling_bits for each in told)
        found["bits_per_character"] = bits / sum(map(len, rows["text"]))
    return found


def samples(fitted: Fitted, rows: datasets.Dataset) -> list[dict[str, str]]:
    """Return a continuation of the first test document's beginning."""
    if fitted.write is None:
        return []
    prompt = prompt_of(rows["text"][0])
    return [{"prompt": prompt, "continuation": fitted.write(prompt, _SAMPLE_TOKENS)}]
