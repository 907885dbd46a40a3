"""The characters that ELMo reads: the bytes of a word between two marks, in a row of one length.

The ids are those of the original (``UnicodeCharsVocabulary`` of bilm-tf), with 1 added, as it adds
1 where it makes batches: 0 is then the id of a token that is not there.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from transformers.utils import logging

from .extra_inputs import Encoded, ExtraInput

logger = logging.get_logger(__name__)

# Ids 1 to 256 are the bytes 0 to 255.
BEGIN_OF_SENTENCE, END_OF_SENTENCE, BEGIN_OF_WORD, END_OF_WORD, FILLING = range(257, 262)
NUM_CHARACTERS = 262
# How many ids a word has in the published models.
LONGEST_WORD = 50
# The words of the boundaries of a sentence.
BEGIN, END = "<S>", "</S>"
_MARKS = {BEGIN: BEGIN_OF_SENTENCE, END: END_OF_SENTENCE}


@lru_cache(maxsize=1 << 16)
def elmo_char_ids(word: str, longest_word: int = LONGEST_WORD) -> tuple[int, ...]:
    """Return the ids of a word's characters, ``longest_word`` of them.

    These are the mark of a word's begin, the bytes of the word in UTF-8, the mark of its end, and
    the id that fills the rest. Of a longer word the first ``longest_word`` - 2 bytes are read,
    which may end within a character. The words ``<S>`` and ``</S>`` have the marks of a sentence
    in place of their bytes.

    Example:
        >>> elmo_char_ids("né", 7)
        (259, 111, 196, 170, 260, 261, 261)
    """
    if word in _MARKS:
        inner = [_MARKS[word]]
    else:
        inner = [byte + 1 for byte in word.encode("utf-8", "ignore")]
    most = longest_word - 2
    if len(inner) > most:
        logger.warning_once(
            f"Of words with more than {most} bytes only the first {most} are read, as the model "
            "was trained."
        )
    ids = (BEGIN_OF_WORD, *inner[:most], END_OF_WORD)
    return ids + (FILLING,) * (longest_word - len(ids))


class ElmoCharIds(ExtraInput):
    """The ids of the characters of each token, as ELMo reads them.

    Words are read as they were written, so the tokenizer's lower-casing and its vocabulary do not
    matter. Padding and tokens that the tokenizer adds have no characters.
    """

    name = "char_ids"
    setting = "elmo_characters"

    def __init__(self, tokenizer: Any, settings: Any) -> None:
        if not isinstance(settings, dict):
            raise ValueError(
                "the tokenizer lacks the setting 'elmo_characters' (max_characters_per_token): "
                "make it by ElmoTokenizer.from_tokenizer"
            )
        self.settings: dict[str, Any] = settings
        self.width: int = settings["max_characters_per_token"]

    def of_word(self, word: str) -> tuple[int, ...]:
        """Return the ids of the characters of a word."""
        return elmo_char_ids(word, self.width)

    def values(self, encoded: Encoded) -> Iterator[list[tuple[int, ...]]]:
        """Yield, for each encoding, the ids of the characters of its tokens."""
        for encoding, sample in encoded.each():
            surfaces = encoded.surfaces(encoding, sample)
            yield [self.of_word(surface) if surface else () for surface in surfaces]
