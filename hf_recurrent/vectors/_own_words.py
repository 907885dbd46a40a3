"""Words of a set of vectors that the common way to cut text would cut or change."""

import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from tokenizers import Regex, normalizers, pre_tokenizers

from .._wording import counted
from ._pre_tokenizers import EMOJI
from ._preparation import Preparation, has_form

# More would make the pattern slow to read and to match.
_MOST, _LONGEST = 5000, 60
_SHOWN = 5
_SPECIALS = ("<unk>", "</s>", "[PAD]")
_TAG = re.compile(r"</?\w+>")
_MARKED = re.compile(r"[^\W\d_].*[#@+]|[#@+].*[^\W\d_]")
_SMILEY = re.compile(r"[:;=][-'o^]?[()\[\]{}|/\\*dpo$@3]|<3+|</3|\^[_.-]?\^|-_+-|>[._]<")
_WORDLIKE = re.compile(r"[^\W_]")
_NO_PLACE = re.compile(r"[\s\x00-\x1f\ud800-\udfff]")


def with_own_words(words: Sequence[str], preparation: Preparation) -> tuple[Preparation, list[str]]:
    """Find the words of a set that the common way to cut text would break.

    The common way cuts a word such as "c++", so that no text can reach it. Such a word is added to
    the pattern if a piece of it would be unknown, or if it is a tag ("<user>"), a smiley, or has
    letters and one of the signs # @ +. In these cases few other words are missed by that.

    Args:
        words: The words of the vectors, the most frequent first.
        preparation: How text is cut in general.

    Returns:
        The preparation, with the pattern of the added words, and with emoji kept together if the
        words have any; and the words that are still cut or changed. Words that the model of
        "chinese" cuts are not among them.
    """
    preparation = replace(preparation, own="")
    letters = _letters(words, preparation)
    odd = [word for word in words if not _is_plain(word, preparation, letters)]
    lost = _lost(odd, preparation.normalizer(), preparation.split())
    if not lost or preparation.pre_tokenizer == "whitespace":
        return preparation, [word for word, _ in lost]
    emoji = preparation.emoji or _has_emoji(lost)
    changed = emoji != preparation.emoji
    if changed:
        preparation = replace(preparation, emoji=True)
        lost = _lost([word for word, _ in lost], preparation.normalizer(), preparation.split())
    known = set(words)
    normalize = preparation.normalizer().normalize_str
    own = [
        word
        for word, pieces in lost
        if 0 < len(word) <= _LONGEST and not _NO_PLACE.search(word)
        if normalize(word) == word and _is_own(word, pieces, known)
    ][:_MOST]
    preparation = replace(preparation, own=_pattern(own))
    if own or changed:  # the pattern may cut other words
        lost = _lost(odd, preparation.normalizer(), preparation.split())
    return preparation, [word for word, _ in lost]


def warn_of_unreachable(lost: Sequence[str], total: int, stacklevel: int = 2) -> None:
    """Warn once of the words that no text can reach, with their number and a few of them."""
    if remark := remark_on_unreachable(lost, total):
        warnings.warn(remark, stacklevel=stacklevel + 1)


def remark_on_unreachable(lost: Sequence[str], total: int) -> str:
    """Return the sentence that counts the words that no text can reach, "" if there are none."""
    if not lost:
        return ""
    shown = ", ".join(
        repr(word if len(word) <= 40 else f"{word[:37]}...") for word in lost[:_SHOWN]
    )
    more = f" and {len(lost) - _SHOWN:,} more" if len(lost) > _SHOWN else ""
    one = len(lost) == 1
    return (
        f"{len(lost):,} of the {counted(total, 'word')} {'is' if one else 'are'} out of reach of "
        f"any text, for the tokenizer cuts or changes {'it' if one else 'them'}: {shown}{more}."
    )


def _letters(words: Iterable[str], preparation: Preparation) -> set[str]:
    """Return the letters of words that stay as they are and never end a word."""
    if preparation.pre_tokenizer == "chinese":
        return set()
    normalize = preparation.normalizer().normalize_str
    within_words = pre_tokenizers.Split(Regex(r"\w"), behavior="removed", invert=True)
    return {
        character
        for character in set("".join(words))
        if character.isalpha()
        and normalize(character) == character
        and within_words.pre_tokenize_str(character)
    }


def _is_plain(word: str, preparation: Preparation, letters: set[str]) -> bool:
    """Check quickly whether every way to cut text leaves a word whole."""
    if word and letters.issuperset(word):
        return word.isascii() or has_form(word, preparation.normal_form)
    if not (word.isascii() and word.isalnum()):
        return word in _SPECIALS  # they are found before text is cut
    if preparation.lowercase and word != word.lower():
        return False
    return preparation.pre_tokenizer not in ("googlenews", "chinese") or word.isalpha()


def _lost(
    words: Iterable[str], normalizer: normalizers.Normalizer, cut: pre_tokenizers.PreTokenizer
) -> list[tuple[str, list[str]]]:
    """Return the words that are cut or changed, each with its pieces."""
    normalize, pre_tokenize = normalizer.normalize_str, cut.pre_tokenize_str
    lost = []
    for word in words:
        text = normalize(word)
        pieces = [piece for piece, _ in pre_tokenize(text)]
        # "no." is a word only before a number.
        if pieces != [word] and [piece for piece, _ in pre_tokenize(f"{text} 1")] != [word, "1"]:
            lost.append((word, pieces))
    return lost


def _has_emoji(lost: Iterable[tuple[str, list[str]]]) -> bool:
    """Return whether one of the words is an emoji of several code points."""
    only = pre_tokenizers.Split(Regex(EMOJI), behavior="removed", invert=True)
    return any(
        len(pieces) > 1 and [piece for piece, _ in only.pre_tokenize_str(word)] == [word]
        for word, pieces in lost
    )


def _is_own(word: str, pieces: Sequence[str], known: set[str]) -> bool:
    if any(_WORDLIKE.search(piece) and piece not in known for piece in pieces):
        return True
    return any(pattern.fullmatch(word) for pattern in (_TAG, _SMILEY)) or bool(_MARKED.search(word))


def _pattern(words: Sequence[str]) -> str:
    """Return the pattern of these words, with no letter or digit beside them.

    A tag may touch other words.
    """
    tags = [word for word in words if _TAG.fullmatch(word)]
    others = [word for word in words if not _TAG.fullmatch(word)]
    parts = [_alternatives(tags, "")] if tags else []
    parts += [r"(?<!\w)" + _alternatives(others, r"(?!\w)")] if others else []
    return "|".join(parts)


def _alternatives(words: Iterable[str], end: str) -> str:
    """Return a pattern of words that reads each character once, the longest word first."""
    root: dict[str, Any] = {}
    for word in words:
        node = root
        for character in word:
            node = node.setdefault(character, {})
        node[""] = {}

    def written(node: dict[str, Any]) -> str:
        parts = [re.escape(char) + written(rest) for char, rest in node.items() if char]
        parts += [end] if "" in node else []
        return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"

    return f"(?:{written(root)})"
