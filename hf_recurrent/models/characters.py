"""The characters of words: an alphabet of code points, and the ids of a word's characters.

Why code points and not bytes: a window of three then covers three letters of any script, and not
just one Chinese character. A rare character is one unknown character, and not three or four bytes
whose meaning must be learnt. The price: characters that are not in the training words all look the
same. They share the id of the unknown character, which is trained on the rare characters.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from transformers.utils import logging

from .extra_inputs import Encoded, ExtraInput

logger = logging.get_logger(__name__)

# Special ids. The first character of the alphabet has the next id.
PADDING, UNKNOWN, BEGIN, END = range(4)
NUM_SPECIAL = 4
# Default number of characters of a word that are read.
LONGEST_WORD = 30
# Default for how often a character must occur in the training words to get an id. Characters that
# occur once train the unknown character.
MIN_FREQUENCY = 2


def alphabet_of(texts: Iterable[str], min_frequency: int = MIN_FREQUENCY) -> str:
    """Return the characters of texts without white space, the most frequent first.

    Texts are composed first (NFC). Characters of equal frequency are sorted by code point.

    Args:
        texts: The training texts or words.
        min_frequency: How often a character must occur in them; rarer ones are left out.

    Raises:
        ValueError: If ``min_frequency`` is below 1.

    Example:
        >>> alphabet_of(["noon", "on", "Ω"])
        'no'
    """
    if min_frequency < 1:
        raise ValueError(f"min_frequency is {min_frequency}, expected at least 1")
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(unicodedata.normalize("NFC", text))
    kept = [c for c, n in counts.items() if n >= min_frequency and not c.isspace()]
    return "".join(sorted(kept, key=lambda c: (-counts[c], c)))


@lru_cache(maxsize=64)
def _ids(alphabet: str) -> dict[str, int]:
    return {character: i for i, character in enumerate(alphabet, start=NUM_SPECIAL)}


@lru_cache(maxsize=1 << 16)
def char_ids(word: str, alphabet: str, longest_word: int) -> tuple[int, ...]:
    """Return the ids of a word's characters, between the ids for its begin and its end.

    Example:
        >>> char_ids("note", "no", 40)
        (2, 4, 5, 1, 1, 3)
    """
    characters = unicodedata.normalize("NFC", word)
    if len(characters) > longest_word:
        logger.warning_once(
            f"Of words with more than {longest_word} characters only the first {longest_word} are "
            "read: a larger longest_word of the tokenizer keeps all."
        )
    ids = _ids(alphabet)
    inner = (ids.get(character, UNKNOWN) for character in characters[:longest_word])
    return (BEGIN, *inner, END)


class CharIds(ExtraInput):
    """The ids of the characters of each token, as written in the text.

    The tokenizer's lower-casing is not applied. So a model can see capitals even if its word
    vectors are lower case. Padding and special tokens have no characters; an unknown word has its
    own.
    """

    name = "char_ids"
    setting = "characters"

    def __init__(self, tokenizer: Any, settings: Any) -> None:
        if not isinstance(settings, dict):
            raise ValueError(
                "the tokenizer lacks the setting 'characters' (alphabet, longest_word): make it by "
                "CharTokenizer.from_tokenizer"
            )
        self.tokenizer = tokenizer
        self.settings: dict[str, Any] = settings
        self.alphabet, self.longest_word = settings["alphabet"], settings["longest_word"]
        self.width: int = self.longest_word + 2

    @property
    def num_characters(self) -> int:
        """The number of ids, including the special ones."""
        return NUM_SPECIAL + len(self.alphabet)

    def of_word(self, word: str) -> tuple[int, ...]:
        """Return the ids of the characters of a word."""
        return char_ids(word, self.alphabet, self.longest_word)

    def values(self, encoded: Encoded) -> Iterator[list[tuple[int, ...]]]:
        """Yield, for each encoding, the ids of the characters of its tokens."""
        unknown = self.tokenizer.unk_token
        without = set(self.tokenizer.all_special_ids) - {self.tokenizer.unk_token_id}
        for encoding, sample in encoded.each():
            surfaces = encoded.surfaces(encoding, sample)
            yield [
                self.of_word(surface)
                if surface and surface != unknown and token_id not in without
                else ()
                for token_id, surface in zip(encoding.ids, surfaces, strict=True)
            ]
