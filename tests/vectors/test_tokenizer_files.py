"""A saved tokenizer opens as transformers' own, and its file is parsed once."""

import json
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from hf_recurrent.vectors import tokenizer_from_vectors

from .files import make_vectors


def test_added_tokens_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = tokenizer_from_vectors(make_vectors(["the", "film", "</s>"]))
    tokenizer.add_tokens(["New York"])
    tokenizer.save_pretrained(tmp_path)
    read = []

    def load(file: Any, *args: Any, **kwargs: Any) -> Any:
        read.append(Path(file.name).name)
        return json.loads(file.read())

    monkeypatch.setattr(json, "load", load)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    assert "tokenizer_config.json" in read
    assert "tokenizer.json" not in read
    assert type(loaded) is PreTrainedTokenizerFast
    PreTrainedTokenizerFast._save_pretrained  # noqa: B018 - the method that ours extends
    assert loaded.added_tokens_decoder == tokenizer.added_tokens_decoder
    assert loaded.all_special_tokens == tokenizer.all_special_tokens == ["</s>", "<unk>", "[PAD]"]
    assert loaded.backend_tokenizer.to_str() == tokenizer.backend_tokenizer.to_str()
    text = "the New York film </s> x"
    assert loaded(text).input_ids == tokenizer(text).input_ids
    loaded.save_pretrained(tmp_path)
    again = AutoTokenizer.from_pretrained(tmp_path)
    assert again(text).input_ids == tokenizer(text).input_ids
    assert "tokenizer.json" in read  # as the plain class saves it, it is parsed again
