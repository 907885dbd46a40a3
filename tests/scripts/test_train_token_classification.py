import json
import runpy
import sys
from pathlib import Path

import pytest
from transformers import AutoModelForTokenClassification, pipeline

from tests.tasks.token_classification.conftest import names  # noqa: F401 - a fixture

SCRIPT = Path(__file__).parents[2] / "scripts" / "train_token_classification.py"


@pytest.fixture
def train(monkeypatch: pytest.MonkeyPatch, capsys, tmp_path: Path):
    """Runs the script; returns what it printed."""

    def run(*flags: str) -> str:
        base = [str(SCRIPT), "--output_dir", str(tmp_path / "out"), "--use_cpu", "True"]
        base += ["--disable_tqdm", "True", "--threads", "1", "--hidden_size", "8"]
        monkeypatch.setattr(sys, "argv", [*base, *flags])
        runpy.run_path(str(SCRIPT), run_name="__main__")
        return capsys.readouterr().out

    return run


def test_a_tagger_is_trained_judged_and_told_again(train, names: Path, tmp_path: Path) -> None:  # noqa: F811
    flags = ["--dataset", str(names), "--vectors", "random", "--crf", "True"]
    flags += ["--characters", "cnn"]
    flags += ["--tag_scheme", "BIO", "--num_train_epochs", "6", "--learning_rate", "0.02"]
    printed = train(*flags, "--per_device_train_batch_size", "8")
    metrics = json.loads(printed[printed.rindex("{") :])
    assert metrics["test_f1"] > 0.8
    assert set(metrics) == {
        f"test_{key}" for key in ("f1", "precision", "recall", "f1_strict", "accuracy")
    }
    again = train(*flags, "--per_device_train_batch_size", "8")
    assert "eval_loss" not in again
    assert json.loads(again) == metrics
    model = AutoModelForTokenClassification.from_pretrained(tmp_path / "out")
    assert (model.config.crf, model.config.tag_scheme) == (True, "BIO")
    tagger = pipeline("token-classification", str(tmp_path / "out"), aggregation_strategy="first")
    assert [each["word"] for each in tagger("ada lives in paris .")] == ["ada", "paris"]


def test_what_cannot_be_is_one_sentence(train, names: Path) -> None:  # noqa: F811
    with pytest.raises(SystemExit, match="error: vectors is 'glov', expected random, glove"):
        train("--dataset", str(names), "--vectors", "glov")
    with pytest.raises(SystemExit, match=r"error: 'brwn' is neither a file .* mean 'brown'"):
        train("--dataset", "brwn")
