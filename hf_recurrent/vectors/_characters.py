"""Characters as a part of an input layer, beside word vectors."""

from collections.abc import Sequence

from transformers import PreTrainedTokenizerFast

from ..models.characters import CharIds, alphabet_of
from ..models.tokenization_characters import CharTokenizer
from ..models.tokenization_extra_inputs import ExtraInputTokenizer
from ._look_ups import Part

__all__ = ["KINDS", "character_part", "check_characters", "with_characters"]

# The kinds of input layers by the names that users give.
KINDS = {"cnn": "char_cnn", "lstm": "char_lstm"}


def check_characters(characters: str) -> None:
    """Raise ``ValueError`` if the kind is unknown."""
    if characters not in KINDS:
        raise ValueError(f"characters is {characters!r}, expected None, {' or '.join(KINDS)}.")


def with_characters(
    tokenizer: PreTrainedTokenizerFast, texts: Sequence[str] | None
) -> PreTrainedTokenizerFast:
    """Return the tokenizer itself if it gives ``char_ids``, else one made from it that does.

    Raises:
        ValueError: If the alphabet must come from texts, and there are none.
    """
    if _char_ids_of(tokenizer) is not None:
        return tokenizer
    if texts is None:
        raise ValueError("characters need texts, for their alphabet.")
    return CharTokenizer.from_tokenizer(tokenizer, alphabet=alphabet_of(texts))


def character_part(characters: str, tokenizer: PreTrainedTokenizerFast) -> Part:
    """Return the fields of the part, which has no weights yet."""
    given = _char_ids_of(tokenizer)
    assert given is not None
    return {"kind": KINDS[characters], "num_characters": given.num_characters}, {}


def _char_ids_of(tokenizer: PreTrainedTokenizerFast) -> CharIds | None:
    if not isinstance(tokenizer, ExtraInputTokenizer):
        return None
    found = tokenizer.extra_input(CharIds.name)
    assert found is None or isinstance(found, CharIds)
    return found
