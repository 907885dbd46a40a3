import json
import runpy
import sys
from pathlib import Path

import pytest

from hf_recurrent.hub import Record, plan
from tests.tasks.next_item_recommendation.conftest import COLUMNS, events

SCRIPT = Path(__file__).parents[2] / "scripts" / "train_next_item_recommendation.py"
__all__ = ["events"]


def test_a_recommender_is_trained_judged_and_told_again(
    events: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    flags = [str(SCRIPT), "--output_dir", str(tmp_path / "out"), "--use_cpu", "True"]
    flags += ["--disable_tqdm", "True", "--hidden_size", "12", "--num_train_epochs", "2"]
    flags += ["--learning_rate", "0.05", "--dataset", str(events)]
    flags += ["--output_loss", "bpr_max", "--negatives", "4"]
    flags += [each for name, value in COLUMNS.items() for each in (f"--{name}", value)]

    def run() -> dict:
        monkeypatch.setattr(sys, "argv", flags)
        runpy.run_path(str(SCRIPT), run_name="__main__")
        printed = capsys.readouterr().out
        return json.loads(printed[printed.rindex("{") :])

    metrics = run()
    assert metrics["test_mrr_at_20"] > 0.4  # of .34 by chance among eight items
    assert run() == metrics
    record = Record.load(tmp_path / "out")
    assert record.task == "next-item-recommendation"
    assert record.results[0].value == metrics["test_mrr_at_20"]
    assert "Mean reciprocal rank at 20" in plan(tmp_path / "out", "ada/items").card
