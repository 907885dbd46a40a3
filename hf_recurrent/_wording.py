"""Sentences: a number with its noun, a suggested name, names of options, values out of range."""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches


def counted(number: int, word: str, one: str = "", many: str = "") -> str:
    """Return a number with its noun in the singular or plural, as in "1 word" and "2,000 words".

    Args:
        number: The number.
        word: The noun in the singular, with a regular plural as in "rows", "entries", "classes".
        one: The word after a singular, such as "was".
        many: The word after a plural, such as "were".

    Example:
        >>> counted(1, "row", "was", "were"), counted(3, "row", "was", "were")
        ('1 row was', '3 rows were')
    """
    text = f"{number:,} {word if number == 1 else _plural(word)}"
    verb = one if number == 1 else many
    return f"{text} {verb}" if verb else text


def _plural(word: str) -> str:
    if re.search("[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}{'es' if word.endswith('s') else 's'}"


def listed(parts: Sequence[str]) -> str:
    """Return parts as a list in a sentence, as in "a, b and c"."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def capital(text: str) -> str:
    """Return a text with a capital at its beginning, for a sentence or a title.

    A name such as "wQL" or "minGRU" keeps its form.
    """
    has_form = any(letter.isupper() for letter in text.partition(" ")[0][1:])
    return text if has_form else text[:1].upper() + text[1:]


def shortened(text: str, most: int) -> str:
    """Return a text without its middle if it has more letters.

    Example:
        >>> shortened("a long name of a file", 9)
        'a lo…file'
    """
    half = (most - 1) // 2
    return text if len(text) <= most else f"{text[:half]}…{text[-half:]}"


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'lstm'?" for the closest known name, or "" if none is close."""
    by_form = {name.casefold(): name for name in known}
    close = get_close_matches(given.casefold(), by_form, n=1, cutoff=0.6)
    return f" Did you mean {by_form[close[0]]!r}?" if close else ""


def name_options(sentence: str, options: Mapping[str, str]) -> str:
    """Replace the names of Python arguments in a sentence by the options of the command.

    A name with an underscore is always an argument, and so is each name in a list of arguments. A
    single word is an argument at the beginning, if "is" or "must be" follows, and before "=True" or
    "=False", which is removed, as the option itself means it. Names of several words are replaced
    wherever they occur. Text in quotation marks is the user's own and is not changed.

    Args:
        sentence: The message of an error.
        options: The option of each argument, such as ``--min-count`` for ``min_count``.
    """
    sentence = _FIRST.sub(lambda found: options.get(found[1], found[1]), sentence)
    parts = re.split(r"('[^']*'|\"[^\"]*\")", sentence)
    # Every second part is a quotation.
    parts[::2] = [_name_in(part, options) for part in parts[::2]]
    return "".join(parts)


def _name_in(part: str, options: Mapping[str, str]) -> str:
    for words in (name for name in options if " " in name):
        part = part.replace(words, options[words])
    part = _SWITCH.sub(lambda found: options.get(found[1], found[0]), part)
    return _LIST.sub(lambda found: _options(found[0], options), part)


_SWITCH = re.compile(r"(?<![-\w./\\])(\w+)=(?:True|False)\b")
# A word at the beginning that must be an argument; and words, or lists of words, that are not a
# path.
_FIRST = re.compile(r"^(\w+)(?= (?:is|must be) |: no option )")
_LIST = re.compile(r"(?<![-\w./\\])\w+(?:(?:, | and )\w+)*(?!\w|[./\\]\w)")


def _options(listed: str, options: Mapping[str, str]) -> str:
    pieces = re.split(r"(, | and )", listed)
    names = pieces[::2]
    is_list = len(names) > 1 and all(name in options for name in names)
    return "".join(
        options[piece] if piece in options and (is_list or "_" in piece) else piece
        for piece in pieces
    )


def check_least(least: int, **values: int | None) -> None:
    """Check that no argument is below a number; None is not checked.

    Raises:
        ValueError: With the name of the first argument that is.
    """
    for name, value in values.items():
        if value is not None and value < least:
            raise ValueError(f"{name} is {value}, expected at least {least}.")


def check_choice(name: str, value: object, choices: Iterable[str]) -> None:
    """Check that an argument is one of its values.

    Raises:
        ValueError: With the name of the argument, if it is not.
    """
    known = list(choices)
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}, not {value!r}.")


def first_line(error: Exception) -> str:
    """Return the first line of an error, without its full stop, as a part of a sentence."""
    return str(error).strip().split("\n")[0].rstrip(".")
