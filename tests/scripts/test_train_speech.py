"""Both recipes over sound."""

import json
import runpy
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from hf_recurrent.hub import Record
from tests.tasks.speech.recordings import write_manifests

SCRIPTS = Path(__file__).parents[2] / "scripts"
STREAMING = ("--bidirectional", "False", "--speeds", "0.9", "1.1")


@pytest.fixture
def train(monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path) -> Any:
    """Runs a recipe; returns what it printed."""
    data = write_manifests(tmp_path, rows=12)

    def run(script: str, *flags: str) -> str:
        base = [script, "--dataset", str(data), "--output_dir", str(tmp_path / "out")]
        base += ["--use_cpu", "True", "--disable_tqdm", "True", "--threads", "1"]
        base += ["--hidden_size", "4", "--num_hidden_layers", "1", "--num_train_epochs", "1"]
        monkeypatch.setattr(sys, "argv", [*base, *flags])
        runpy.run_path(str(SCRIPTS / script), run_name="__main__")
        return str(capsys.readouterr().out)

    return run


def test_a_recogniser(train: Any, tmp_path: Path) -> None:
    printed = train("train_speech_recognition.py", *STREAMING)
    metrics = json.loads(printed[printed.rindex("{") :])
    assert {"test_wer", "test_wer_low", "test_cer", "test_wer_beam"} <= metrics.keys()
    assert json.loads(train("train_speech_recognition.py", *STREAMING)) == metrics
    record = Record.load(tmp_path / "out")
    assert record.task == "automatic-speech-recognition"
    assert not [limit for limit in record.limits if "cut" in limit]
    assert (tmp_path / "out" / "preprocessor_config.json").exists()
    with pytest.raises(SystemExit, match=r"error: .*bidirectional"):
        train("train_speech_recognition.py", *STREAMING, "--bidirectional", "True")


def test_a_classifier(train: Any, tmp_path: Path) -> None:
    printed = train("train_audio_classification.py")
    metrics = json.loads(printed[printed.rindex("{") :])
    assert metrics.keys() == {f"test_{k}" for k in ("accuracy", "f1_macro", "matthews_correlation")}
    assert Record.load(tmp_path / "out").task == "audio-classification"
    shutil.rmtree(tmp_path / "out")
    with pytest.raises(SystemExit, match=r"error: a warp is -1\.0, expected a number above 0"):
        train("train_audio_classification.py", "--warps", "0.9", "-1.0")


def test_bad_input_is_one_sentence(train: Any, tmp_path: Path) -> None:
    (tmp_path / "test2.wav").write_text("no sound")
    with pytest.raises(
        SystemExit, match=r"error: .*test2\.wav' is no file of sound that can be read: Format"
    ):
        train("train_audio_classification.py")
    (tmp_path / "test2.wav").unlink()
    shutil.rmtree(tmp_path / "out")
    with pytest.raises(SystemExit, match=r"error: .*names 1 recording .*test2\.wav"):
        train("train_speech_recognition.py")
