"""Words of others, made safe for a terminal and for one line of Markdown."""

import re
import unicodedata

__all__ = ["is_utf8", "one_line", "printable"]

# Signs that join letters in some scripts and in emoji.
_JOINERS = "\u200c\u200d"
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def printable(text: str) -> str:
    r"""Write what steers a terminal, or hides text, as an escape that is seen.

    Control characters, line breaks among them, marks that turn the direction of a text, and
    surrogates become such as ``\x1b``; all other characters stay.
    """
    if text.isprintable():
        return text
    return "".join(_escaped(sign) if _is_hidden(sign) else sign for sign in text)


def is_utf8(text: str) -> bool:
    """Tell whether a text can be written: bytes of arguments that were not UTF-8 cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def one_line(text: str) -> str:
    """Put a text on one line, without what steers a terminal or hides text."""
    flat = " ".join(text.split())
    return flat if flat.isprintable() else "".join(s for s in flat if not _is_hidden(s))


def _is_hidden(sign: str) -> bool:
    return sign not in _JOINERS and unicodedata.category(sign) in _HIDDEN


def _escaped(sign: str) -> str:
    return re.sub("^'|'$", "", ascii(sign))
