"""Text from outside, made safe for a terminal and for one line of Markdown."""

import re
import unicodedata

# Characters that join letters in some scripts and in emoji.
_JOINERS = "\u200c\u200d"
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def printable(text: str) -> str:
    r"""Return a text with visible escapes for characters that control a terminal or hide text.

    Control characters including line breaks, marks that change the direction of a text, and
    surrogates become escapes such as ``\x1b``; other characters do not change.
    """
    if text.isprintable():
        return text
    return "".join(_escaped(sign) if _is_hidden(sign) else sign for sign in text)


def is_utf8(text: str) -> bool:
    """Check whether a text can be written as UTF-8; invalid bytes of an argument cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def one_line(text: str) -> str:
    """Return a text on one line, without characters that control a terminal or hide text."""
    flat = " ".join(text.split())
    return flat if flat.isprintable() else "".join(s for s in flat if not _is_hidden(s))


def _is_hidden(sign: str) -> bool:
    return sign not in _JOINERS and unicodedata.category(sign) in _HIDDEN


def _escaped(sign: str) -> str:
    return re.sub("^'|'$", "", ascii(sign))
