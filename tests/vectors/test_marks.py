"""Every reader of a small text file knows a byte order mark, and loses no first word to it."""

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hf_recurrent.vectors import load_vectors, read_dictionary, read_lexicon, save_vectors
from hf_recurrent.vectors.evaluation import (
    read_analogies,
    read_categories,
    read_pairs,
    read_plot_words,
    read_word_set,
)

from .files import make_vectors

MARKED: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda text: codecs.BOM_UTF8 + text.encode(),
    "utf-16-le": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "utf-16-be": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "utf-32": lambda text: codecs.BOM_UTF32_LE + text.encode("utf-32-le"),
}
READERS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "dictionary": (read_dictionary, "dog\tperro\ncat\tgato\n"),
    "lexicon": (read_lexicon, "dog hound\ncat kitty\n"),
    "pairs": (read_pairs, "dog,cat,3.5\ncat,猫,4\n"),
    "categories": (read_categories, "dog animal\nrose plant\n"),
    "analogies": (read_analogies, ": capitals\nRome Italy Paris France\n"),
    "set of pairs": (read_word_set, "# rated\ndog cat 3.5\n"),
    "set of analogies": (read_word_set, ": capitals\nRome Italy Paris France\n"),
    "set of categories": (read_word_set, "dog\tanimal\nrose\tplant\n"),
    "plotted words": (read_plot_words, "dog\tanimal\nrose\n"),
}


@pytest.mark.parametrize("encoding", MARKED)
@pytest.mark.parametrize("reader", READERS)
def test_a_mark_changes_nothing(tmp_path: Path, reader: str, encoding: str) -> None:
    read, text = READERS[reader]
    path = tmp_path / "set.txt"
    path.write_text(text, encoding="utf-8")
    plain = read(path)
    path.write_bytes(MARKED[encoding](text))
    assert read(path) == plain
    path.write_bytes(text.encode("utf-16-le"))
    with pytest.raises(ValueError, match=r"set.txt, line 1: found a NUL byte, so the file is no"):
        read(path)


@pytest.mark.parametrize("encoding", MARKED)
def test_lists_of_words(tmp_path: Path, encoding: str) -> None:
    vectors = make_vectors(["dog", "café", "rose"])
    save_vectors(vectors, tmp_path / "v", "numpy")
    wanted = tmp_path / "wanted.txt"
    wanted.write_bytes(MARKED[encoding]("café\nrose\n"))
    assert load_vectors(tmp_path / "v", vocabulary=wanted).index_to_key == ["café", "rose"]
    (tmp_path / "v" / "vocabulary.txt").write_bytes(MARKED[encoding]("dog\ncafé\nrose\n"))
    loaded = load_vectors(tmp_path / "v")
    assert loaded.index_to_key == vectors.index_to_key
    assert np.array_equal(loaded.vectors, vectors.vectors)


def test_dictionaries_end_lines_at_line_feeds_alone(tmp_path: Path) -> None:
    path = tmp_path / "dictionary.tsv"
    path.write_bytes("a\u2028b\tc\x85d\r\ne\tf".encode())
    assert read_dictionary(path) == [("a\u2028b", "c\x85d"), ("e", "f")]
