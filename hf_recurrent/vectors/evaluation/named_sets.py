"""Evaluation sets that have a name."""

import os
from pathlib import Path

from gensim.test.utils import datapath

from ..._wording import did_you_mean
from ...data.sources import DATA_VARIABLE
from .word_sets import Analogies, Categories, WordPairs, read_analogies, read_word_set

WordSet = WordPairs | Analogies | Categories

# Files that come with gensim.
_BUNDLED = {
    "ws353": "wordsim353.tsv",  # Finkelstein 2002
    "simlex999": "simlex999.txt",  # Hill 2015
    "google-analogies": "questions-words.txt",  # Mikolov 2013
}
_CATEGORIES = "google-categories"
_FOLDER = {
    "men": "men-tr-3k.txt",  # Bruni 2014
    "rg65": "rg-65.txt",  # Rubenstein and Goodenough 1965
}
BUNDLED_SETS = (*_BUNDLED, _CATEGORIES)
FOLDER_SETS = tuple(_FOLDER)
_OTHER_NAMES = {
    "wordsim353": "ws353",
    "simlex": "simlex999",
    "analogies": "google-analogies",
    "categories": _CATEGORIES,
}
# Section of the analogies, and the categories of its first and second words.
_COLUMNS = {
    "capital-common-countries": ("capital", "country"),
    "capital-world": ("capital", "country"),
    "currency": ("country", "currency"),
    "city-in-state": ("city", "state"),
    "family": ("family", "family"),
    "gram6-nationality-adjective": ("country", "nationality"),
}


def load_word_set(
    name_or_path: str | os.PathLike[str], data_dir: str | os.PathLike[str] | None = None
) -> WordSet:
    """Load a set by its name, or from a file (``read_word_set``).

    "ws353", "simlex999" and "google-analogies" come with gensim. "google-categories" is made from
    the columns of the analogies (capitals, countries, currencies, cities, states, family,
    nationalities), without the words of two categories; it is no published set. "men" and "rg65"
    are files of a data folder, ``men-tr-3k.txt`` and ``rg-65.txt``.

    Args:
        name_or_path: A name, in any case and with or without hyphens, or a file.
        data_dir: Folder of the files of "men" and "rg65", or of a sub-folder ``words`` that holds
            them; the environment variable HF_RECURRENT_DATA by default.

    Raises:
        ValueError: If the file is damaged.
        OSError: If there is no such set, or its file is not readable.
    """
    name = word_set_name(name_or_path)
    if name is None:
        path = Path(name_or_path)
        if not path.exists():
            known = (*BUNDLED_SETS, *FOLDER_SETS)
            raise FileNotFoundError(
                f"'{path}' is neither a file of words to judge by nor a known name: "
                f"{', '.join(known)}.{did_you_mean(str(path), (*known, *_OTHER_NAMES))}"
            )
        return read_word_set(path)
    if name == _CATEGORIES:
        return _google_categories()
    if name in _BUNDLED:
        return read_word_set(datapath(_BUNDLED[name]), name)
    file = _folder_file(name, data_dir)
    if file is None:
        root = data_dir or os.environ.get(DATA_VARIABLE)
        where = f"the folder {root} lacks it" if root else "none is named"
        raise FileNotFoundError(
            f"'{name}' is the file {_FOLDER[name]} of a data folder (data_dir, or the variable "
            f"{DATA_VARIABLE}), and {where}."
        )
    return read_word_set(file, name)


def word_set_name(name_or_path: str | os.PathLike[str]) -> str | None:
    """Return the name of a known set as this package spells it, None for anything else."""
    name = os.fspath(name_or_path).lower()
    plain = {known.replace("-", ""): known for known in (*BUNDLED_SETS, *FOLDER_SETS)}
    name = name.replace("-", "").replace("_", "")
    return _OTHER_NAMES.get(name) or plain.get(name)


def available_sets(data_dir: str | os.PathLike[str] | None = None) -> tuple[str, ...]:
    """Return the names of the sets whose files are here.

    Raises:
        NotADirectoryError: If ``data_dir`` is not a folder.
    """
    if data_dir is not None and not Path(data_dir).is_dir():
        raise NotADirectoryError(f"data_dir is '{os.fspath(data_dir)}', which is no folder here.")
    return (*BUNDLED_SETS, *(name for name in FOLDER_SETS if _folder_file(name, data_dir)))


def _folder_file(name: str, data_dir: str | os.PathLike[str] | None) -> Path | None:
    root = data_dir or os.environ.get(DATA_VARIABLE)
    folders = (Path(root), Path(root, "words")) if root else ()
    files = (folder / _FOLDER[name] for folder in folders)
    return next((file for file in files if file.is_file()), None)


def _google_categories() -> Categories:
    words: dict[str, set[str]] = {}
    for section, columns in _COLUMNS.items():
        questions = read_analogies(datapath(_BUNDLED["google-analogies"])).sections[section]
        for question in questions:
            for word, category in zip(question, columns * 2, strict=True):
                words.setdefault(word, set()).add(category)
    categories: dict[str, list[str]] = {}
    for word, found in words.items():
        if len(found) == 1:
            categories.setdefault(found.pop(), []).append(word)
    return Categories(_CATEGORIES, {name: tuple(words) for name, words in categories.items()})
