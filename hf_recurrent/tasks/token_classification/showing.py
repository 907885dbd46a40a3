"""What is shown of a tagger: its answers to texts."""

from collections.abc import Iterator, Sequence

from transformers import AutoModelForTokenClassification
from transformers.tokenization_utils_base import VERY_LARGE_INTEGER

from ..loading import load_head
from .encoding import tag

__all__ = ["answer_lines"]

_BATCH = 32


def answer_lines(
    source: str, texts: Sequence[str], trust_remote_code: bool = False, explain: bool = False
) -> Iterator[str]:
    """Yield each text as its words with their tags, of a CRF those of the best path."""
    if explain:
        raise ValueError(
            f"'{source}' tags words, and has no weights of words to show: leave out --attention."
        )
    model, tokenizer = load_head(
        source,
        AutoModelForTokenClassification,
        title="tagging",
        part="classifier of tokens",
        noun="a tagger",
        trust_remote_code=trust_remote_code,
    )
    most = tokenizer.model_max_length
    for first in range(0, len(texts), _BATCH):
        batch = [text.split() for text in texts[first : first + _BATCH]]
        limit = most if most < VERY_LARGE_INTEGER else None
        for words, tags in zip(batch, tag(model, tokenizer, batch, limit), strict=True):
            yield " ".join(f"{word}/{own}" for word, own in zip(words, tags, strict=True))
