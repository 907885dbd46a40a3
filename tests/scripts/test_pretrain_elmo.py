import json
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

from hf_recurrent import ElmoForPreTraining, ElmoTokenizer

SCRIPT = Path(__file__).parents[2] / "scripts" / "pretrain_elmo.py"


@pytest.fixture
def train(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Runs the script on a text of 80 sentences; returns its report."""
    text, out = tmp_path / "text.txt", tmp_path / "out"
    text.write_text("The cat sees a dog . A dog sees the cat .\n" * 40)

    def run(*flags: str) -> dict[str, Any]:
        base = [str(SCRIPT), "--dataset", str(text), "--output_dir", str(out), "--use_cpu", "True"]
        base += ["--character_size", "2", "--filters", "1:2,2:3", "--hidden_size", "4"]
        base += ["--cell_size", "5", "--num_hidden_layers", "1", "--negatives", "4"]
        base += ["--per_device_train_batch_size", "8", "--max_steps", "12", "--logging_steps", "1"]
        base += ["--save_strategy", "no", "--disable_tqdm", "True"]
        monkeypatch.setattr(sys, "argv", [*base, *flags])
        runpy.run_path(str(SCRIPT), run_name="__main__")
        return json.loads((out / "test_results.json").read_text())

    return run


@pytest.mark.slow
def test_a_few_steps_are_reported_and_the_folder_is_loaded(train, tmp_path: Path) -> None:
    report = train("--carry_states", "True", "--learning_rate", "0.1")
    model = ElmoForPreTraining.from_pretrained(tmp_path / "out")
    tokenizer = ElmoTokenizer.from_pretrained(tmp_path / "out")
    assert report["steps"] == 12
    assert report["parameters"] == model.num_parameters()
    assert report["unknown_share_of_test"] == 0
    assert 1 < report["test"]["perplexity"] < len(tokenizer) == model.config.vocab_size
    curve = [json.loads(line) for line in (tmp_path / "out" / "curve.jsonl").open()]
    assert len([log for log in curve if "loss" in log]) == 12


@pytest.mark.slow
def test_a_run_that_has_ended_is_told_again(train, tmp_path: Path) -> None:
    flags = ("--max_steps", "3", "--save_strategy", "steps", "--save_steps", "3")
    report = train(*flags)
    weights = (tmp_path / "out" / "model.safetensors").read_bytes()
    assert train(*flags) == report
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == weights


def test_filters_that_are_no_pairs(train) -> None:
    with pytest.raises(SystemExit, match="error: --filters is '1-2', expected pairs such as"):
        train("--filters", "1-2")


def test_smoothed_labels(train) -> None:
    with pytest.raises(SystemExit, match="error: --label_smoothing_factor is set, and each"):
        train("--label_smoothing_factor", "0.1")
