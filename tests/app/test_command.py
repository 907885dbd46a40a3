"""The verb `app`: what it refuses, in one sentence each, and what it hands on."""

import functools
import sys
from pathlib import Path
from typing import Any

import pytest

from hf_recurrent import app
from hf_recurrent.__main__ import main
from hf_recurrent.vectors import save_vectors

from .samples import save_bag, vectors


def said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return the last line on stderr of a command that fails with status 1."""
    assert main(["app", *arguments]) == 1
    return capsys.readouterr().err.splitlines()[-1]


def test_models_and_vectors_reach_the_page(tmp_path: Path, monkeypatch) -> None:
    served: list[tuple] = []

    @functools.wraps(app.serve)  # whose arguments the command reads
    def serve(*given: Any, **named: Any) -> None:
        served.append((*given, named))

    monkeypatch.setattr(app, "serve", serve)
    bag, file = save_bag(tmp_path / "bag"), tmp_path / "words.txt"
    save_vectors(vectors(), file, "word2vec")
    flags = ["--vectors", str(file), "--port", "7999", "--host", "0.0.0.0", "--open"]
    assert main(["app", str(bag), *flags]) == 0
    ((classifiers, sets, contexts, named),) = served
    assert contexts == []
    assert [c.source for c in classifiers] == [str(bag)]
    assert [s.name for s in sets] == [str(file), "input layer of bag"]
    assert named == {"host": "0.0.0.0", "port": 7999, "open_browser": True}


def test_what_cannot_be_is_one_sentence(tmp_path: Path, capsys) -> None:
    bag = str(save_bag(tmp_path / "bag"))
    capsys.readouterr()
    assert "There is nothing to show" in said([], capsys)
    assert "no folder here" in said([str(tmp_path / "nothing")], capsys)
    (tmp_path / "empty").mkdir()
    assert "holds no config.json" in said([str(tmp_path / "empty")], capsys)
    assert "is neither a file" in said([bag, "--vectors", "no-such-vectors"], capsys)
    assert "name the Space by --push" in said([bag, "--dry-run"], capsys)
    assert "name one by --contextual" in said([bag, "--sentences", "x.txt"], capsys)
    flags = ["--contextual", bag, "--push", "ada/page"]
    assert "leave out --contextual" in said([bag, *flags], capsys)
    assert "serves nothing here" in said([bag, "--push", "ada/page", "--port", "1"], capsys)
    assert "expected OWNER/NAME" in said([bag, "--push", "page"], capsys)


def test_a_model_that_is_no_classifier_is_one_sentence(tmp_path: Path, capsys) -> None:
    import hf_recurrent as hr

    config = hr.RecurrentConfig(vocab_size=9, embedding_size=4, hidden_size=4)
    hr.RecurrentModel(config).save_pretrained(tmp_path)
    capsys.readouterr()
    assert "it is a RecurrentModel): expected a model for text-class" in said(
        [str(tmp_path)], capsys
    )


def test_without_gradio_the_extra_is_named(monkeypatch, capsys) -> None:
    monkeypatch.setitem(sys.modules, "gradio", None)  # as if it were not there
    needed = "The page to try models needs gradio: pip install 'hf-recurrent[app]'"
    assert said(["anything"], capsys) == f"hf-recurrent: {needed}"


def test_help_shows_examples(capsys) -> None:
    with pytest.raises(SystemExit):
        main(["app", "--help"])
    assert "hf-recurrent app my-lstm --vectors glove --push" in capsys.readouterr().out
