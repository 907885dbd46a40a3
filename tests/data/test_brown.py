"""The Brown corpus: words and tags as its files write them, and its published counts."""

from pathlib import Path

import pytest

from hf_recurrent.data import brown
from hf_recurrent.data.brown import BrownSentences, read_brown


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_bytes(text.encode("latin-1"))


def test_sentences_of_all_texts_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "cr09", "\n\tlast/ap one/cd ./.\n")
    write(tmp_path, "ca01", "\n\n\tThe/at caf\xe9/nn 1/2/cd\n\n\n\t``/`` ok/uh\n")
    write(tmp_path, "README", "no/part of/it")
    assert list(read_brown(tmp_path)) == [
        [("The", "at"), ("caf\xe9", "nn"), ("1/2", "cd")],
        [("``", "``"), ("ok", "uh")],
        [("last", "ap"), ("one", "cd"), (".", ".")],
    ]
    monkeypatch.setattr(brown, "fetch", lambda name: {"brown": tmp_path}[name])
    corpus = BrownSentences()
    words = [["The", "caf\xe9", "1/2"], ["``", "ok"], ["last", "one", "."]]
    assert list(corpus) == list(corpus) == words


@pytest.mark.parametrize("token", ["word", "/at", "word/"])
def test_a_word_without_a_tag(tmp_path: Path, token: str) -> None:
    write(tmp_path, "cb02", f"fine/jj\n{token}\n")
    with pytest.raises(ValueError, match=rf"cb02, line 2: '{token}' is no word with a tag"):
        list(read_brown(tmp_path))


def test_a_folder_without_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no file of the Brown corpus"):
        list(read_brown(tmp_path))


@pytest.mark.slow
def test_the_whole_corpus() -> None:
    sentences = list(BrownSentences())
    assert len(sentences) == 57_340
    assert sum(map(len, sentences)) == 1_161_192
