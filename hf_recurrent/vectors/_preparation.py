"""How text becomes the words of a set of vectors: known, or guessed from the words."""

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gensim.models import KeyedVectors
from tokenizers import normalizers, pre_tokenizers

from ._pre_tokenizers import (
    EMOJI,
    NORMAL_FORMS,
    PRE_TOKENIZERS,
    fitting,
    name_of_pattern,
    normalizer,
    split,
)

# A set of lower-case vectors may still hold a few stray capitals.
_MOST_CASED = 0.01
# The attribute of KeyedVectors. It holds a plain dictionary, so that gensim's own files need none
# of this package's classes.
_ATTRIBUTE = "preparation"


@dataclass(frozen=True)
class Preparation:
    """How text becomes words.

    Attributes:
        pre_tokenizer: A name of ``PRE_TOKENIZERS``.
        lowercase: Whether text is lower-cased.
        normal_form: The form of Unicode that text is brought to: "NFC", "NFD", or None to leave
            text as it is.
        emoji: Whether the code points of an emoji stay together, as U+2764 and U+FE0F.
        own: A pattern of the words of one set of vectors that are cut in another way than other
            text (``with_own_words``); "" for none. It follows from the words.
    """

    pre_tokenizer: str = "ptb"
    lowercase: bool = True
    normal_form: str | None = "NFC"
    emoji: bool = True
    own: str = field(default="", compare=False)

    def fields(self) -> dict[str, Any]:
        """Return the fields that are kept with vectors; ``own`` follows from their words."""
        names = ("pre_tokenizer", "lowercase", "normal_form", "emoji")
        return {name: getattr(self, name) for name in names}

    def __str__(self) -> str:
        """Return the description for cards and records."""
        return f"{'lower case, ' if self.lowercase else ''}words by '{self.pre_tokenizer}'"

    def normalizer(self) -> normalizers.Normalizer:
        """Return the normaliser of the ``tokenizers`` library."""
        return normalizer(self.pre_tokenizer, self.lowercase, self.normal_form)

    def split(self) -> pre_tokenizers.PreTokenizer:
        """Return the pre-tokeniser of the ``tokenizers`` library."""
        return split(self.pre_tokenizer, self.first_pattern())

    def first_pattern(self) -> str:
        """Return the pattern of the own words and, if ``emoji`` is on, of emoji."""
        return "|".join([self.own] * bool(self.own) + [EMOJI] * self.emoji)

    def cutter(self) -> Callable[[str], list[str]]:
        """Return the function that cuts a text as the tokenizer does, without ids.

        For "chinese" each Han character is a word. The function raises a ``ValueError`` if a text
        is not a string.
        """
        name = "characters" if self.pre_tokenizer == "chinese" else self.pre_tokenizer
        normalize = normalizer(name, self.lowercase, self.normal_form).normalize_str
        pre_tokenize = split(name, self.first_pattern()).pre_tokenize_str
        # Python normalises ASCII faster than the library; only "googlenews" folds digits too.
        plain = name != "googlenews"

        def cut(text: str) -> list[str]:
            if not isinstance(text, str):
                raise ValueError(f"A text of the corpus is {text!r:.40}, expected a string.")
            if plain and text.isascii():
                text = text.lower() if self.lowercase else text
            else:
                # JSON can hold a lone surrogate, which no encoding can write.
                text = normalize(text.encode("utf-8", "replace").decode())
            if name == "whitespace":
                return text.split()
            return [word for word, _ in pre_tokenize(text)]

        return cut


def guessed(words: Sequence[str], pre_tokenizer: str | None = None) -> Preparation:
    """Return the preparation that fits a set of words if nothing else is known about it.

    Args:
        words: The words, the most frequent first.
        pre_tokenizer: How text was cut, if that is known.
    """
    name = pre_tokenizer or fitting(words)
    return Preparation(name, is_lower_case(words), normal_form_of(words), emoji=False)


def is_lower_case(words: Sequence[str]) -> bool:
    """Check whether the words of a set of vectors are lower case."""
    return sum(word != word.lower() for word in words) <= _MOST_CASED * len(words)


def normal_form_of(words: Sequence[str]) -> str | None:
    """Return the form of Unicode that all words have, None if they have no common form.

    Text in this form finds words that it would otherwise miss, and misses no other.
    """
    rest = [word for word in words if not word.isascii()]
    for form in ("NFC", "NFD"):
        if all(has_form(word, form) for word in rest):
            return form
    return None


def has_form(word: str, form: str | None) -> bool:
    """Check whether a word has a form of ``NORMAL_FORMS``; every word has the form None."""
    return form is None or unicodedata.is_normalized("NFC" if form == "NFC" else "NFD", word)


def known_preparation(vectors: Any) -> Preparation | None:
    """Return the preparation that is kept with vectors, None if there is none."""
    return from_fields(getattr(vectors, _ATTRIBUTE, None))


def keep_preparation(vectors: KeyedVectors, preparation: Preparation | None) -> None:
    """Keep a preparation with vectors, so that nobody has to guess it; None keeps nothing."""
    if preparation is not None:
        setattr(vectors, _ATTRIBUTE, preparation.fields())


def preparation_of(vectors: Any) -> Preparation:
    """Return the preparation that vectors know, or else one guessed from their words."""
    return known_preparation(vectors) or guessed(vectors.index_to_key)


def preparation_of_sets(
    sets: Sequence[Any], words: Sequence[str], pre_tokenizer: str | None = None
) -> Preparation:
    """Return one preparation for several sets.

    Args:
        sets: The sets.
        words: The words of all sets.
        pre_tokenizer: A name of ``PRE_TOKENIZERS``; None to take what the sets know, or to guess.
    """
    known = [known_preparation(vectors) for vectors in sets]
    if pre_tokenizer is None and all(known) and len(set(known)) == 1 and known[0] is not None:
        return known[0]
    found = guessed(words, pre_tokenizer or (known[0].pre_tokenizer if known[0] else None))
    cased = any(preparation and not preparation.lowercase for preparation in known)
    lowercase = not cased and (found.lowercase or all(p and p.lowercase for p in known))
    emoji = any(preparation and preparation.emoji for preparation in known)
    return Preparation(found.pre_tokenizer, lowercase, found.normal_form, emoji)


def from_fields(fields: Any) -> Preparation | None:
    """Return the preparation with these fields, None if they do not describe one."""
    if not isinstance(fields, Mapping):
        return None
    name, form = fields.get("pre_tokenizer"), fields.get("normal_form")
    switches = [fields.get("lowercase"), fields.get("emoji")]
    if name not in PRE_TOKENIZERS or form not in NORMAL_FORMS:
        return None
    if not all(isinstance(switch, bool) for switch in switches):
        return None
    return Preparation(name, bool(switches[0]), form, bool(switches[1]))


def from_built_tokenizer(tokenizer: Any) -> Preparation | None:
    """Return the preparation of a tokenizer in memory, as ``from_tokenizer`` does of a file."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    parts = [getattr(backend, name, None) for name in ("normalizer", "pre_tokenizer")]
    if any(part is None for part in parts):
        return None
    try:
        states = [json.loads(part.__getstate__()) for part in parts if part is not None]
    except Exception:  # parts in Python have no state
        return None
    model = {"type": type(getattr(backend, "model", None)).__name__}
    return from_tokenizer({"model": model, "normalizer": states[0], "pre_tokenizer": states[1]})


def from_tokenizer(document: Any) -> Preparation | None:
    """Return the preparation of a tokenizer of this package.

    Args:
        document: Its ``tokenizer.json``, or a dictionary of its ``model``, ``normalizer`` and
            ``pre_tokenizer``.

    Returns:
        The preparation; None if the tokenizer cuts text in another way.
    """
    if not isinstance(document, Mapping):
        return None
    model, cut = document.get("model"), document.get("pre_tokenizer")
    if not isinstance(model, Mapping) or not isinstance(cut, Mapping):
        return None
    if model.get("type") not in ("WordLevel", "Unigram"):
        return None
    name, pattern = None, ""
    if cut.get("type") == "WhitespaceSplit":
        name = "whitespace"
    elif cut.get("type") == "Split" and cut.get("invert") and cut.get("behavior") == "Removed":
        given = cut.get("pattern")
        pattern = str(given.get("Regex", "")) if isinstance(given, Mapping) else ""
        name = name_of_pattern(pattern)
    if name not in PRE_TOKENIZERS:
        return None
    for lowercase in (True, False):
        for form in NORMAL_FORMS:
            made = Preparation(str(name), lowercase, form, EMOJI in pattern)
            if json.loads(made.normalizer().__getstate__()) == document.get("normalizer"):
                return made
    return None
