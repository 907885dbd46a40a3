"""Token ids in a mapped file: those of the tokenizer, whole or not at all, in constant memory."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hf_recurrent.training import TextStreams, open_token_ids, write_token_ids
from hf_recurrent.vectors.language_tokenizer import language_model_tokenizer

TEXTS = ["The cat sat .\nThe dog", "", "sat\n\nThe cat .\n", "a zebra"]
TOKENIZER = language_model_tokenizer(TEXTS[:3], "whitespace")


def test_ids_are_those_of_the_texts(tmp_path: Path) -> None:
    path = tmp_path / "ids.npy"
    count = write_token_ids(path, iter(TEXTS), TOKENIZER)
    ids = open_token_ids(path)
    expected = [i for text in TEXTS for i in TOKENIZER(text, add_special_tokens=False).input_ids]
    assert isinstance(ids, np.memmap)
    assert ids.tolist() == expected
    assert count == len(expected)
    assert ids.dtype == np.uint16
    assert write_token_ids(path, TEXTS, TOKENIZER, end_of_text=True) == count + 4
    assert open_token_ids(path).tolist().count(TOKENIZER.eos_token_id) == 4
    row = TextStreams(open_token_ids(path), 2, 100)[0]
    assert row["input_ids"].tolist() == open_token_ids(path)[: len(row["input_ids"])].tolist()


@pytest.mark.parametrize("kind", ["whitespace", "bpe", "characters"])
def test_a_file_in_blocks_is_the_text(kind: str, tmp_path: Path) -> None:
    text = "\n".join(f"line {n} of a text" for n in range(3000))
    (tmp_path / "text.txt").write_text(text)
    tokenizer = language_model_tokenizer(text, kind)
    count = write_token_ids(tmp_path / "ids.npy", tmp_path / "text.txt", tokenizer)
    ids = open_token_ids(tmp_path / "ids.npy")
    assert len(ids) == count
    whole = tokenizer(text, add_special_tokens=False).input_ids
    assert tokenizer.decode(ids.tolist()) == tokenizer.decode(whole)
    assert kind == "bpe" or ids.tolist() == whole


def test_memory_does_not_grow_with_the_text(tmp_path: Path) -> None:
    line = "the cat sat . " * 50

    def peak(texts: int) -> int:
        tracemalloc.start()
        write_token_ids(tmp_path / "ids.npy", (line for _ in range(texts)), TOKENIZER)
        rows = TextStreams(open_token_ids(tmp_path / "ids.npy"), 4, 35)
        for index in range(0, len(rows), 97):
            rows[index]
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1)
    few, many = peak(500), peak(5000)
    assert (tmp_path / "ids.npy").stat().st_size > 1_500_000
    assert many < few + 300_000


def test_a_text_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "ids.npy"
    write_token_ids(path, TEXTS, TOKENIZER)
    before = path.read_bytes()

    def broken() -> Iterator[str]:
        yield from TEXTS * 100
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_token_ids(path, broken(), TOKENIZER)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_file_of_ids_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "ids.npy"
    write_token_ids(path, TEXTS, TOKENIZER)
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(ValueError, match=r"ids\.npy is no whole file of token ids"):
        open_token_ids(path)
    path.write_text("the text itself")
    with pytest.raises(ValueError, match=r"ids\.npy is no whole file of token ids"):
        open_token_ids(path)
    np.save(path, np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"ids\.npy holds no token ids"):
        open_token_ids(path)
    endless = language_model_tokenizer(TEXTS, "whitespace")
    endless.eos_token = None
    with pytest.raises(ValueError, match="the tokenizer has no eos_token"):
        write_token_ids(path, TEXTS, endless, end_of_text=True)
