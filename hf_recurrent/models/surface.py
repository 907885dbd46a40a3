"""The part of a text that belongs to a token, with combining marks at its end."""

import unicodedata


def surface_of(text: str, start: int, end: int) -> str:
    """Return the part of a text that belongs to a token.

    The ``tokenizers`` library gives a composed character the offsets of its first code point. So if
    the last character of a token was composed, the offsets end before the mark, or Korean letter,
    that was composed into it. This function adds those code points to the token.

    Args:
        text: The text before normalisation.
        start: The start of the token, according to the library.
        end: The end of the token, likewise.
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
