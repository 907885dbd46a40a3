"""Answers of a tagger, for the command line and the page."""

from collections.abc import Iterator, Sequence

from transformers import AutoModelForTokenClassification, PreTrainedModel, PreTrainedTokenizerBase
from transformers.tokenization_utils_base import VERY_LARGE_INTEGER

from ..base import Answerer
from ..loading import load_head
from .encoding import tag, tag_n_best, tags_of_tokens

_BATCH = 32


def answer_lines(
    source: str, texts: Sequence[str], trust_remote_code: bool = False, explain: bool = False
) -> Iterator[str]:
    """Yield each text as its words with their tags; for a CRF those of the best path."""
    if explain:
        raise ValueError(
            f"'{source}' tags words, and has no weights of words to show: leave out --attention."
        )
    model, tokenizer, limit = _load(source, trust_remote_code)
    for batch in _batches(texts):
        for words, tags in zip(batch, tag(model, tokenizer, batch, limit), strict=True):
            yield _line(words, tags)


def n_best_lines(
    source: str, texts: Sequence[str], n: int, trust_remote_code: bool = False
) -> Iterator[str]:
    """Yield for each text its best paths of tags after their probabilities, the best first."""
    model, tokenizer, limit = _load(source, trust_remote_code)
    if not getattr(model.config, "crf", False):
        raise ValueError(f"'{source}' has no CRF, and scores no paths of tags: leave out --n-best.")
    for batch in _batches(texts):
        found = tag_n_best(model, tokenizer, batch, n, limit)
        for words, paths in zip(batch, found, strict=True):
            for probability, tags in paths:
                yield f"{probability:.3f}  {_line(words, tags)}"


class TagAnswerer(Answerer):
    """A tagger for the page.

    Args:
        source: A folder, or an id of the Hub.
        trust_remote_code: Whether code in the model's folder may run.

    Raises:
        OSError: If there is no such model, or it cannot be read completely.
        ValueError: If it is not a tagger.
    """

    def __init__(self, source: str, trust_remote_code: bool = False) -> None:
        self.model, self.tokenizer, _ = _load(source, trust_remote_code)

    def tags(self, text: str, most_tokens: int | None) -> list[str]:
        """Return the tag of each token that begins a word; "" for other tokens and for "O"."""
        cut = {"truncation": True, "max_length": most_tokens} if most_tokens is not None else {}
        return tags_of_tokens(self.model, self.tokenizer, text, **cut)


def _load(
    source: str, trust_remote_code: bool = False
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase, int | None]:
    """Load a tagger and its tokenizer; return them with the number of ids to cut after."""
    model, tokenizer = load_head(
        source,
        AutoModelForTokenClassification,
        title="tagging",
        part="classifier of tokens",
        noun="a tagger",
        trust_remote_code=trust_remote_code,
    )
    most = tokenizer.model_max_length
    return model, tokenizer, most if most < VERY_LARGE_INTEGER else None


def _batches(texts: Sequence[str]) -> Iterator[list[list[str]]]:
    for first in range(0, len(texts), _BATCH):
        yield [text.split() for text in texts[first : first + _BATCH]]


def _line(words: Sequence[str], tags: Sequence[str]) -> str:
    return " ".join(f"{word}/{own}" for word, own in zip(words, tags, strict=True))
