import re
from dataclasses import fields
from pathlib import Path

import pytest

from hf_recurrent import RecurrentConfig
from hf_recurrent.benchmark.command_line import command_line
from hf_recurrent.benchmark.jobs import contenders, make_job
from hf_recurrent.benchmark.settings import BenchmarkSettings, choose_task
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.text_classification.models import (
    DEFAULT_MODELS,
    FINE_TUNING,
    LINEAR_TRIALS,
    MODELS,
    NETWORKS,
)
from hf_recurrent.tasks.word_vectors import ALL_EMBEDDINGS, Embedding


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
    assert len(NETWORKS.trials) <= 8
    assert len(FINE_TUNING.trials) <= 8
    assert len(LINEAR_TRIALS) <= 8
    assert not NETWORKS.trials[0]
    assert not FINE_TUNING.trials[0]
    settings = BenchmarkSettings(trials=8)
    neural = [name for name, spec in MODELS.items() if spec.uses_word_vectors]
    assert all(settings.trial_values(name) == settings.trial_values("lstm") for name in neural)
    assert len({str(values) for values in settings.trial_values("lstm")}) == len(NETWORKS.trials)


def test_one_trial_is_the_defaults_and_epochs_override_them() -> None:
    (values,) = BenchmarkSettings(epochs=77).trial_values("gru")
    assert values["epochs"] == 77
    (values,) = BenchmarkSettings(epochs=1).trial_values("bert-finetuned")
    assert values["epochs"] == 1


def test_values_and_models_name_fields_of_the_configuration() -> None:
    training = {"learning_rate", "epochs", "patience", "batch_size", "weight_decay", "warmup_steps"}
    known = {f.name for f in fields(RecurrentConfig)}
    assert NETWORKS.base.keys() - training <= known
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


def test_own_encoders_and_vectors_are_needed_by_what_uses_them(tmp_path: Path) -> None:
    for given, named in (
        ({"models": ("elmo-bilstm",)}, "'elmo-bilstm' needs a pretrained encoder.* by --elmo"),
        ({"models": ("bert-scratch-frozen",)}, "name its folder by --bert-scratch"),
        ({"embeddings": (Embedding.parse("own:frozen"),)}, "own:frozen need word vectors"),
    ):
        with pytest.raises(ValueError, match=named):
            BenchmarkSettings(**given)
    (tmp_path / "mine").mkdir()
    (tmp_path / "words.txt").touch()
    settings = BenchmarkSettings(
        models=("elmo-frozen", "lstm", "bert-frozen", "bert-scratch-finetuned"),
        embeddings=(Embedding.parse("own"),),
        elmo=str(tmp_path / "mine"),
        bert_scratch="owner/bert",
        vectors=str(tmp_path / "words.txt"),
    )
    encoders = [settings.encoder_of(name) for name in settings.chosen_models]
    assert encoders == [str(tmp_path / "mine"), "", "minilm", "owner/bert"]
    shown = settings.as_dict()
    assert [shown[name] for name in ("elmo", "bert_scratch", "vectors")] == [
        "mine", "owner/bert", "words.txt",
    ]  # fmt: skip
    assert str(tmp_path) not in command_line(settings)
    job = make_job("run", contenders(settings)[1], 0, {}, settings, "data")
    assert job.values["vectors"].startswith("words.txt#")
    assert make_job("run", contenders(settings)[0], 0, {}, settings, "data").baseline.startswith(
        "mine#"
    )


def test_data_choose_their_task_and_an_option_does_too() -> None:
    assert choose_task(None, None).id == "text-classification"
    assert choose_task(None, "trec").id == "text-classification"
    assert choose_task(None, "owner/set", {"label_column": "y"}).id == "text-classification"
    assert BenchmarkSettings().task == "text-classification"


def test_a_set_of_several_tasks_needs_a_task_and_the_error_lists_them(several) -> None:
    with pytest.raises(ValueError, match="several tasks: choose one by --task, of text-class"):
        choose_task(None, "trec")
    assert choose_task(several.id, "trec") is several


def test_a_task_and_a_set_that_do_not_fit_are_one_sentence(several) -> None:
    with pytest.raises(ValueError, match="'mr' is for text-classification, and not for several"):
        choose_task(several.id, "mr")
    with pytest.raises(ValueError, match=r"no task 'text-clasification'.*Did you mean"):
        choose_task("text-clasification", None)
    with pytest.raises(ValueError, match="--label-column is none of the task several"):
        choose_task(several.id, "owner/set", {"label_column": "y"})


@pytest.fixture
def several(monkeypatch):
    """A task that shares a data set with text classification."""
    from hf_recurrent import _tasks

    base = type(get_task("text-classification"))

    class Several(base):
        id = "several"
        options = ()

        @property
        def datasets(self):
            return {"trec": super().datasets["trec"]}

    task = Several()
    monkeypatch.setitem(_tasks._REGISTERED, task.id, task)
    return task
