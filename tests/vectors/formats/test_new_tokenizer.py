"""The files of a tokenizer that is not built equal those of one that is."""

import json
from pathlib import Path

import pytest

from hf_recurrent.vectors import tokenizer_from_vectors
from hf_recurrent.vectors.formats._tokenizer_files import NewTokenizer

from .samples import WORDS, plain_vectors


@pytest.mark.parametrize(
    "words",
    [
        WORDS,
        ["Capital", *WORDS],
        ["n't", "it"],
        ["New_York", "the", "##"],
        ["</s>", "The", "of"],
        ["a", "<unk>"],
        ["[PAD]", "b", "<unk>"],
        ["b", "[PAD]"],
        ["我们", "的", "word"],
        ['"', "\\", "\u2028", "\x07", "é"],
    ],
)
def test_the_files_are_the_same(tmp_path: Path, words: list[str]) -> None:
    built = tokenizer_from_vectors(plain_vectors(words))
    built.save_pretrained(tmp_path / "built")
    (tmp_path / "written").mkdir()
    written = NewTokenizer(words)
    written.save(tmp_path / "written")
    names = sorted(path.name for path in (tmp_path / "built").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "written").iterdir())
    for name in names:
        first, second = (
            json.loads((tmp_path / kind / name).read_text()) for kind in ("built", "written")
        )
        assert first == second
    assert written.rows == len(built)
    assert written.pad_token_id == built.pad_token_id
    assert written.eos_token_id == built.eos_token_id
