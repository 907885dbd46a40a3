"""Texts from any iterable: a list, a generator, a column of a table."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# Attributes of tables of pandas and of datasets, whose items are not texts.
_OF_TABLES = ("columns", "column_names")


def check_texts(texts: Any, name: str = "texts") -> Iterator[str]:
    """Return an iterator over texts that checks each as it is read.

    Args:
        texts: Any iterable, such as a list, a generator, a pandas ``Series`` or a column of a
            ``datasets`` data set.
        name: The name of the argument, for messages.

    Raises:
        ValueError: At once, if it is not an iterable of texts; later, when an item is read that is
            not a string.
    """
    if isinstance(texts, str | bytes):
        raise ValueError(
            f"{name} must be several texts, and one string was given: put it in a list"
        )
    table = (
        isinstance(texts, Mapping) or hasattr(texts, "columns") or hasattr(texts, "column_names")
    )
    if table or not isinstance(texts, Iterable):
        hint = ": give the column that holds the texts" if table else ""
        raise ValueError(f"{name} is a {type(texts).__name__}, expected several texts{hint}")
    return _checked(texts, name)


def list_of_texts(texts: Any, name: str = "texts") -> list[str]:
    """Return texts as a list; see ``check_texts``.

    Raises:
        ValueError: If it is not an iterable of texts, or an item is not a string.
    """
    return list(check_texts(texts, name))


def _checked(texts: Iterable[Any], name: str) -> Iterator[str]:
    for number, text in enumerate(texts, start=1):
        if not isinstance(text, str):
            hint = ": join its words by spaces" if isinstance(text, list | tuple) else ""
            raise ValueError(
                f"{name} holds {text!r:.60} at place {number}, expected strings only{hint}"
            )
        if not text.isascii() and _has_surrogates(text):
            raise ValueError(
                f"{name} holds half a character (a lone surrogate) at place {number}, which is in "
                "no encoding: read the text anew, or leave it out"
            )
        yield text


def _has_surrogates(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
