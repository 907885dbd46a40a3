import itertools
import json
import runpy
import sys
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer, Trainer

from hf_recurrent.benchmark.settings import BenchmarkSettings
from hf_recurrent.tasks.text_classification.models import NETWORKS
from hf_recurrent.training import RECIPE, ThreadSearch
from hf_recurrent.training.defaults import EXTRA_WORDS, VECTOR_SCALE

from ..benchmark.conftest import GOOD, sentences, write_csv

SCRIPT = Path(__file__).parents[2] / "scripts" / "train_text_classification.py"


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Return a function that runs the script on tiny data and returns what it prints."""
    reviews = write_csv(tmp_path / "reviews.csv", sentences(160))

    def run(*flags: str) -> str:
        arguments = ["--dataset", str(reviews), "--output_dir", str(tmp_path / "out")]
        arguments += ["--use_cpu", "--disable_tqdm", "true", "--hidden_size", "8"]
        arguments += ["--per_device_train_batch_size", "8", "--learning_rate", "0.02"]
        arguments += ["--threads", "1"]
        monkeypatch.setattr(sys, "argv", [str(SCRIPT), *arguments, *flags])
        runpy.run_path(str(SCRIPT), run_name="__main__")
        return capsys.readouterr().out

    return run


def metrics(printed: str) -> dict[str, float]:
    return json.loads(printed[printed.rindex("{\n") :])


def test_from_scratch_and_on_after_an_interrupt(
    train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flags = ["--pooling", "attention", "--class_weights", "balanced", "--bidirectional"]
    flags += ["--num_train_epochs", "4", "--patience", "99"]
    straight = train(*flags, "--output_dir", str(tmp_path / "straight"))
    assert metrics(straight)["test_accuracy"] > 0.8

    steps = itertools.count()
    training_step = Trainer.training_step

    def interrupted_step(*arguments, **options):
        if next(steps) == 40:  # in the third epoch
            raise KeyboardInterrupt
        return training_step(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "training_step", interrupted_step)
        with pytest.raises(SystemExit) as caught:
            train(*flags)
    assert caught.value.code == 130
    with pytest.raises(SystemExit, match="holds the checkpoint of a run with hidden_size 8, which"):
        train(*flags, "--hidden_size", "9")
    # What both printed: each of the four epochs was evaluated once.
    resumed = train(*flags)
    assert resumed.count("'eval_loss'") == 4
    assert resumed.count("'epoch': '1'") == straight.count("'epoch': '1'")
    assert metrics(resumed)["test_loss"] == metrics(straight)["test_loss"]

    # What is done is told again and not done again.
    again = train(*flags)
    assert "eval_loss" not in again
    assert metrics(again) == metrics(resumed)

    model = AutoModelForSequenceClassification.from_pretrained(tmp_path / "out")
    assert model.config.id2label == {0: "bad", 1: "good"}
    assert model.config.class_weights == [1.0, 1.0]
    assert len(AutoTokenizer.from_pretrained(tmp_path / "out")) == model.config.vocab_size


def test_hard_training(train, tmp_path: Path) -> None:
    flags = ["--class_weights", "balanced", "--class_balance_beta", "0.9", "--focal_gamma", "1"]
    flags += ["--self_paced_limit", "2", "--curriculum_epochs", "1", "--num_train_epochs", "3"]
    assert metrics(train(*flags))["test_accuracy"] > 0.7
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path / "out")
    assert model.config.focal_gamma == 1
    assert model.config.class_weights == pytest.approx([1, 1], abs=0.01)


def test_from_a_file_of_vectors(train, tmp_path: Path) -> None:
    lines = [f"{word} {int(word in GOOD)} 0.5" for word in (*GOOD, "the", "film", "dull")]
    (tmp_path / "vectors.txt").write_text("\n".join(lines) + "\n")
    printed = train("--vectors", str(tmp_path / "vectors.txt"), "--num_train_epochs", "1")
    assert "Word vectors cover of the training texts: types: 7 of" in printed
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path / "out")
    assert model.config.embedding_size == 2


def test_its_defaults_are_those_of_the_comparison() -> None:
    script = runpy.run_path(str(SCRIPT))
    model, data = script["ModelArguments"](), script["DataArguments"]()
    for name in ("hidden_size", "pooling", "patience", "label_smoothing"):
        assert getattr(model, name) == NETWORKS.base[name], name
    for name in ("embedding_dropout", "hidden_dropout", "classifier_dropout"):
        assert getattr(model, name) == NETWORKS.base[name], name
    assert (model.extra_words, model.vector_scale) == (EXTRA_WORDS, VECTOR_SCALE)
    assert data.max_length == BenchmarkSettings().max_length
    assert RECIPE["learning_rate"] == NETWORKS.base["learning_rate"]
    assert RECIPE["num_train_epochs"] == NETWORKS.base["epochs"]
    assert RECIPE["per_device_train_batch_size"] == NETWORKS.base["batch_size"]


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--cell_type", "qrnn"], "cell_type is 'qrnn', expected one of rnn_tanh"),
        (["--pooling", "sum"], "pooling is 'sum', expected one of last"),
        (["--vectors", "no-such-vectors.txt"], "no-such-vectors.txt"),
        (["--text_column", "review"], "has no column 'review'"),
        (["--class_weights", "heavy"], "class_weights is 'heavy', expected balanced"),
        (["--focal_gamma", "-1"], "focal_gamma is -1.0, expected a number of at least 0"),
        (["--hard_example_share", "0"], "hard_example_share is 0.0, expected a share above 0"),
    ],
)
def test_bad_input_ends_in_one_sentence(flags: list[str], sentence: str, train) -> None:
    with pytest.raises(SystemExit) as caught:
        train(*flags)
    assert isinstance(caught.value.code, str)
    assert sentence in caught.value.code
    assert "\n" not in caught.value.code


def test_the_number_of_threads_is_searched_and_stands_in_the_checkpoint(
    train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def find(step, most, use, clock):
        step()
        tried.append(most)
        use(1)
        return 1

    monkeypatch.setattr("hf_recurrent.training.threads.most_threads", lambda: 2)
    monkeypatch.setattr(ThreadSearch.__init__, "__kwdefaults__", defaults() | {"find": find})
    fixed = train("--num_train_epochs", "1", "--output_dir", str(tmp_path / "fixed"))
    assert tried == []
    searched = train("--num_train_epochs", "1", "--threads", "auto")
    assert tried == [2]
    assert metrics(searched)["test_loss"] == metrics(fixed)["test_loss"]
    (state,) = (tmp_path / "out").glob("checkpoint-*/trainer_state.json")
    assert {"threads": 1, "step": 0} in json.loads(state.read_text())["log_history"]


def defaults() -> dict:
    return dict(ThreadSearch.__init__.__kwdefaults__)


def test_a_wrong_number_of_threads_is_one_sentence(train) -> None:
    with pytest.raises(SystemExit, match="threads is '0', expected auto or a number above 0"):
        train("--threads", "0")
