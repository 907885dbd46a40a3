"""How text is cut into the words that a set of vectors knows.

Each way is a normaliser and a pre-tokeniser of the ``tokenizers`` library, so that it is saved with
the tokenizer and is as fast.
"""

import re
from collections.abc import Sequence

from tokenizers import Regex, normalizers, pre_tokenizers

from .._wording import check_choice

PRE_TOKENIZERS = ("ptb", "googlenews", "chinese", "whitespace")
NORMAL_FORMS = ("NFC", "NFD", None)

# A word may contain the joiners U+200C and U+200D of Persian and Indic scripts; at its end too, as
# in the chillu letters of Malayalam.
_WORD = "\\w+(?:[\u200c\u200d]\\w*)*"
# A sequence of code points that makes one emoji: a flag, a keycap, or symbols with a variation
# selector, a skin tone or a tag, joined by U+200D.
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_KEYCAP = "\\d\ufe0f?\u20e3"
_CHANGES = "[\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
_SYMBOL = "(?![\\w\u200c\u200d])\\S"
EMOJI = (
    f"{_FLAG}|{_KEYCAP}|{_SYMBOL}{_CHANGES}+(?:\u200d{_SYMBOL}{_CHANGES}*)*"
    f"|{_SYMBOL}(?:\u200d{_SYMBOL}{_CHANGES}*)+"
)

_CLITIC = r"'(?:s|m|d|re|ve|ll|t)(?!\w)"
_ABBREVIATION = (
    "mr|mrs|ms|dr|prof|st|jr|sr|vs|etc|inc|ltd|co|corp|bros|rev|sen|gov|lt|sgt|capt|mt"
    "|jan|feb|aug|sept?|oct|nov|dec"
)
# The first pattern that fits wins; only white space fits none.
_PTB = "|".join(
    (
        r"-[lr][rsc]b-",  # the brackets of treebanks
        r"\.{2,}|-{2,}|``|''|\\/|(?:\\\*)+",
        r"(?<!\S)[!?]{2,}(?!\S)",  # "!?" stays whole if it has space around it
        r"n't(?!\w)",
        _CLITIC,
        r"'(?:em|til|tis|twas|n'?|\d\ds?)(?!\w)",
        rf"(?<!\w)(?:{_ABBREVIATION})\.(?!\w)",
        r"(?<!\w)(?:no\.(?=\s*\d)|ol'(?!\w))",
        r"(?<!\w)\p{L}(?:\.\p{L})+(?!\w)\.?(?:-\w+)*",  # u.s., e.g., U.S.-based
        r"(?<!\w)[a-hj-z]\.(?!\w)",  # initials, but not "I."
        r"\w+(?:[.-]\w+)*\.(?:com|org|net|edu|gov)(?!\w)",
        r"\d+(?:[.,:/]\d+)+(?:-?\w+)*",
        r"\w+(?=n't(?!\w))",
        rf"{_WORD}(?:(?:-|\\/|&|(?!{_CLITIC})'){_WORD})*",
        r"\S",
    )
)
# Digits are folded before. Hyphens and slashes separate words, apostrophes within a word do not.
_GOOGLE_NEWS = "|".join(
    (
        r"#+(?:[.,:/-]#+)+",
        r"\p{L}(?:\.\p{L})+(?!\w)\.?",
        r"'s(?!\w)",
        "[\\w#]+(?:[\u200c\u200d][\\w#]*)*"
        rf"(?:(?!'s(?!\w))'{_WORD})*",
        r"\S",
    )
)
_OTHER_SCRIPTS = "|[\\w&&[^\\d\\p{Han}]]+(?:[\u200c\u200d][\\w&&[^\\d\\p{Han}]]*)*|\\d+|\\S"
_PATTERNS = {
    "ptb": "(?i)" + _PTB,
    "googlenews": "(?i)" + _GOOGLE_NEWS,
    "chinese": r"\p{Han}+" + _OTHER_SCRIPTS,
    "characters": r"\p{Han}" + _OTHER_SCRIPTS,
}
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_SAMPLE_WORDS, _SAMPLE_TEXTS = 20_000, 2000


def check_name(name: str) -> None:
    """Check the name of a way to cut text.

    Raises:
        ValueError: If the name is unknown.
    """
    check_choice("pre_tokenizer", name, PRE_TOKENIZERS)


def split(name: str, own: str = "") -> pre_tokenizers.PreTokenizer:
    """Return the pre-tokeniser with a name of ``PRE_TOKENIZERS``, or "characters".

    Args:
        name: The name.
        own: A pattern that is tried before all others; "" for none. "whitespace" ignores it.
    """
    if name == "whitespace":
        return pre_tokenizers.WhitespaceSplit()
    pattern = f"{own}|{_PATTERNS[name]}" if own else _PATTERNS[name]
    return pre_tokenizers.Split(Regex(pattern), behavior="removed", invert=True)


def name_of_pattern(pattern: str) -> str | None:
    """Return the name of the pattern that a pattern ends in, None if there is none."""
    return next((name for name, base in _PATTERNS.items() if pattern.endswith(base)), None)


def normalizer(
    name: str, lowercase: bool, normal_form: str | None = "NFC"
) -> normalizers.Normalizer:
    """Return the normaliser that goes with a pre-tokeniser.

    Args:
        name: The name of the pre-tokeniser.
        lowercase: Whether text is lower-cased.
        normal_form: The form of Unicode that text is brought to: "NFC", "NFD", or None to leave
            text as it is. It comes last, because lower case can undo it.
    """
    steps: list[normalizers.Normalizer] = []
    if name in ("ptb", "googlenews"):
        steps.append(normalizers.Replace(Regex("[\u2018\u2019]"), "'"))
    if name == "googlenews":
        steps.append(normalizers.Replace(Regex(r"(?<=\d)\d|\d(?=\d)"), "#"))
    if lowercase:
        steps.append(normalizers.Lowercase())
    if normal_form is not None:
        steps.append(normalizers.NFC() if normal_form == "NFC" else normalizers.NFD())
    return normalizers.Sequence(steps)


def fitting(words: Sequence[str]) -> str:
    """Guess from the most frequent words of a set of vectors how its text was cut."""
    sample = words[:_SAMPLE_WORDS]
    if sum(_HAN.search(word) is not None for word in sample) > len(sample) / 2:
        return "chinese"
    if "n't" in sample:
        return "ptb"
    joined = sum("_" in word.strip("_") for word in sample)
    if joined > len(sample) / 1000 or any("##" in word for word in sample):
        return "googlenews"
    return "ptb"


def fitting_texts(texts: Sequence[str]) -> str:
    """Guess how to cut texts into words: "chinese", or "ptb" for all others."""
    return "chinese" if fitting(texts[:_SAMPLE_TEXTS]) == "chinese" else "ptb"
