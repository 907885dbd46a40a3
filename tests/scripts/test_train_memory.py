import json
import runpy
import sys
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification

from hf_recurrent.__main__ import main
from hf_recurrent.hub import Record
from hf_recurrent.hub.usage import usage
from hf_recurrent.tasks import get_task

SCRIPT = Path(__file__).parents[2] / "scripts" / "train_memory.py"


@pytest.fixture
def train(monkeypatch: pytest.MonkeyPatch, capsys, tmp_path: Path):
    """Runs the script; returns what it printed."""

    def run(*flags: str) -> str:
        base = [str(SCRIPT), "--output_dir", str(tmp_path / "out"), "--use_cpu", "True"]
        base += ["--disable_tqdm", "True", "--threads", "1", "--hidden_size", "24"]
        base += ["--eval_steps", "10", "--save_steps", "10", "--logging_steps", "10"]
        monkeypatch.setattr(sys, "argv", [*base, *flags])
        runpy.run_path(str(SCRIPT), run_name="__main__")
        return capsys.readouterr().out

    return run


def test_a_copier_is_trained_judged_and_told_again(train, tmp_path: Path, capsys) -> None:
    flags = ["--length", "10", "--steps", "20", "--chrono", "--learning_rate", "0.02"]
    printed = train(*flags)
    metrics = json.loads(printed[printed.rindex("{") : printed.rindex("}") + 1])
    assert set(metrics) == {
        f"test_{key}" for key in ("accuracy", "sequence_accuracy", "cross_entropy")
    }
    assert metrics["test_cross_entropy"] < 1.9  # of log(9) = 2.2 before training
    assert "not solved in 20 steps (accuracy at least 99.00 %)" in printed
    assert json.loads(train(*flags)) == metrics
    model = AutoModelForTokenClassification.from_pretrained(tmp_path / "out")
    assert model.config.chrono_max_length == 30
    record = Record.load(tmp_path / "out")
    assert (record.task, record.plots[0].horizontal) == ("copying", "evaluation")
    assert not [limit for limit in record.limits if "cut" in limit or "language" in limit]
    assert "max_length" not in record.settings

    assert main(["predict", str(tmp_path / "out"), "3 1 4 1 5 2 6 5 3 5 .9"]) == 0
    told, _, symbols = capsys.readouterr().out.partition(": ")
    assert told == "3 1 4 1 5 2 6 5 3 5 .9"
    assert len(symbols.split()) == 10
    assert main(["predict", str(tmp_path / "out"), "a film"]) == 1
    assert "has 'a': expected 10 symbols from 0 to 7" in capsys.readouterr().err

    lines = usage("RecurrentForTokenClassification", record, str(tmp_path / "out"))
    found: dict = {}
    exec(lines.replace("model(torch", "found = model(torch"), found)
    assert found["found"].shape == (10,)


def test_an_adder_is_trained(train, tmp_path: Path, capsys) -> None:
    printed = train(
        *["--dataset", "adding", "--length", "12", "--steps", "60", "--learning_rate", "0.02"],
        *["--cell_type", "rnn_relu", "--recurrent_initializer", "identity"],
    )
    metrics = json.loads(printed[printed.rindex("{") : printed.rindex("}") + 1])
    assert metrics["test_rmse"] < 0.39  # of .408 without memory
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path / "out")
    assert (model.config.recurrent_initializer, model.config.problem_type) == (
        "identity",
        "regression",
    )
    assert main(["predict", str(tmp_path / "out"), "0.2 0.7* 0.1 0.9*"]) == 0
    assert 0 < float(capsys.readouterr().out.partition(": ")[2]) < 3
    lines = get_task("adding").usage(repr(str(tmp_path / "out")), None, False)
    exec(f"import hf_recurrent\n{lines}", {"torch": torch})


def test_bad_input_is_one_sentence(train) -> None:
    with pytest.raises(SystemExit, match="error: dataset is 'copyng', expected copying, selec"):
        train("--dataset", "copyng")
    with pytest.raises(SystemExit, match="error: --length is '3', expected a whole number"):
        train("--length", "3")
    with pytest.raises(SystemExit, match="error: chrono_max_length is for the cells lstm and gru"):
        train("--length", "10", "--steps", "1", "--cell_type", "mingru", "--chrono")
