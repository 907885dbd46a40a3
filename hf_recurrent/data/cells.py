"""Readers of the cells of a table; those for groups and times are in ``groups`` and ``times``.

Each takes the value, and the class names of the column if it has any.
"""

import math

from .._wording import counted


def text_cell(value: object, names: list[str] | None = None) -> str:
    """Return a text, an empty one for a missing value.

    Raises:
        ValueError: If the value is bytes, a list or an object.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, (bytes, list, dict)):
        raise ValueError(f"the text is a {type(value).__name__}, where a string is expected.")
    # JSON can contain a lone surrogate, which no encoding can write.
    return str(value).encode("utf-8", "replace").decode("utf-8")


def class_cell(value: object, names: list[str] | None = None) -> str | None:
    """Return the name of a class; ``None`` if it is missing, or is the id -1 of a ``ClassLabel``.

    Args:
        value: A name, a number that is a name, or an id if there are names.
        names: Names of the classes in the order of their ids.

    Raises:
        ValueError: If the value is none of these.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if names is not None and isinstance(value, int):
        if value >= len(names):
            raise ValueError(f"the label {value} is none of the {counted(len(names), 'class')}.")
        return names[value] if value >= 0 else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, (str, int)):
        raise ValueError(f"the label {value!r} is not a class: expected a string or an integer.")
    return str(value).strip() or None


def texts_cell(value: object, names: list[str] | None = None) -> list[str]:
    """Return a list of texts, such as the words of a sentence.

    Raises:
        ValueError: If the value is anything else.
    """
    if not isinstance(value, list):
        raise ValueError(f"expected a list of strings, found {value!r:.40}.")
    wrong = [text for text in value if not isinstance(text, str)]
    if wrong:
        raise ValueError(f"expected a list of strings, and {wrong[0]!r} is none.")
    return value


def classes_cell(value: object, names: list[str] | None = None) -> list[str]:
    """Return the names of a list of classes, such as the tags of a sentence.

    Args:
        value: Names, or ids if there are names.
        names: Names of the classes in the order of their ids.

    Raises:
        ValueError: If the value is anything else, or a class is not one of ``names``.
    """
    if not isinstance(value, list):
        raise ValueError(f"expected a list of classes, found {value!r:.40}.")
    if any(one is None for one in value):
        raise ValueError("a class is missing.")
    # A negative id means "no label"; Python would count it from the end.
    wrong = [one for one in value if names and one not in range(len(names))]
    if names and wrong:
        raise ValueError(f"the class {wrong[0]} is none of the {counted(len(names), 'class')}.")
    return [names[one] if names else str(one) for one in value]
