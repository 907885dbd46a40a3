import re
from dataclasses import fields
from pathlib import Path

import pytest

from hf_recurrent import RecurrentConfig
from hf_recurrent.benchmark.settings import (
    ALL_EMBEDDINGS,
    DEFAULT_MODELS,
    FINE_TUNING_TRIALS,
    LINEAR_TRIALS,
    MODELS,
    TRIALS,
    BenchmarkSettings,
    Embedding,
    Values,
)


@pytest.mark.parametrize(
    ("text", "written"),
    [("glove", "glove:tuned"), ("random:frozen", "random:frozen")],
)
def test_embeddings_are_read_and_written(text: str, written: str) -> None:
    assert str(Embedding.parse(text)) == written


@pytest.mark.parametrize("text", ["glov", "glove:tune", "", ":tuned", "glove+glove"])
def test_an_unknown_embedding_is_one_sentence(text: str) -> None:
    with pytest.raises(
        ValueError, match=rf"no embeddings {re.escape(repr(text))}.*word2vec"
    ) as caught:
        Embedding.parse(text)
    assert "\n" not in str(caught.value)


def test_all_embeddings_are_eight() -> None:
    assert len(set(map(str, ALL_EMBEDDINGS))) == 8


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"models": ("lstm", "elstm")}, "no model 'elstm': expected one of tfidf"),
        ({"seeds": 0}, "seeds is 0, expected at least 1"),
        ({"trials": 9}, "trials is 9, expected 1 to 8"),
        ({"epochs": 0}, "epochs is 0, expected at least 1"),
        ({"max_length": 0}, "max_length is 0"),
        ({"limit_train": -1}, "limit_train is -1"),
        ({"threads": 0}, "threads is 0, expected at least 1"),
    ],
)
def test_bad_settings_are_named(changes: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        BenchmarkSettings(**changes)


def test_trials_are_few_the_same_for_all_and_begin_with_the_defaults() -> None:
    assert len(TRIALS) <= 8
    assert len(FINE_TUNING_TRIALS) <= 8
    assert len(LINEAR_TRIALS) <= 8
    assert not TRIALS[0]
    assert not FINE_TUNING_TRIALS[0]
    settings = BenchmarkSettings(trials=8)
    neural = [name for name, spec in MODELS.items() if spec.uses_word_vectors]
    assert all(settings.trial_values(name) == settings.trial_values("lstm") for name in neural)
    assert len({str(values) for values in settings.trial_values("lstm")}) == len(TRIALS)


def test_one_trial_is_the_defaults_and_epochs_override_them() -> None:
    (values,) = BenchmarkSettings(epochs=77).trial_values("gru")
    assert values.epochs == 77
    (values,) = BenchmarkSettings(epochs=1).trial_values("bert-finetuned")
    assert values.epochs == 1


def test_values_and_models_name_fields_of_the_configuration() -> None:
    training = {"learning_rate", "epochs", "patience", "batch_size", "weight_decay", "warmup_steps"}
    known = {f.name for f in fields(RecurrentConfig)}
    assert {f.name for f in fields(Values)} - training <= known
    for spec in MODELS.values():
        assert set(spec.config) <= known


def test_the_default_is_what_the_demo_promises() -> None:
    wanted = {"tfidf", "mean", "rnn", "lstm", "gru", "bilstm-attention", "bert-frozen"}
    assert set(DEFAULT_MODELS) == wanted
    settings = BenchmarkSettings()
    assert settings.dataset == "movie-snippets"
    assert settings.seeds == 2
    assert settings.limit_train is None
    assert [str(embedding) for embedding in settings.embeddings] == ["glove:tuned"]


def test_the_shown_settings_hold_no_folder(tmp_path: Path) -> None:
    assert "data_dir" not in BenchmarkSettings(data_dir="somewhere").as_dict()
    (tmp_path / "my-bert").mkdir()
    shown = BenchmarkSettings(baseline=str(tmp_path / "my-bert")).as_dict()
    assert shown["baseline"] == "my-bert"
