"""What a token is in the text, where composing has taken marks off its end."""

import unicodedata


def surface_of(text: str, start: int, end: int) -> str:
    """Return the part of a text that a token stands for.

    The ``tokenizers`` library gives a composed character the place of its first code point, so the
    offsets of a token end before a mark, or a Korean letter, that was composed into its last
    character. What would be composed belongs to the token.

    Args:
        text: the text, before it was normalised.
        start: where the token begins, as the library says.
        end: where it ends, likewise.
    """
    if text.isascii():
        return text[start:end]
    length = len(unicodedata.normalize("NFC", text[start:end]))
    while start < end < len(text):
        longer = unicodedata.normalize("NFC", text[start : end + 1])
        if len(longer) > length:
            break
        length, end = len(longer), end + 1
    return text[start:end]
