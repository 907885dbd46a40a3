import json
import runpy
import sys
from pathlib import Path

import pandas as pd
import pytest

from hf_recurrent.hub import Record, plan

SCRIPT = Path(__file__).parents[2] / "scripts" / "train_time_series_forecasting.py"


def test_a_forecaster_is_trained_judged_and_told_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    stamps = pd.date_range("2023-01-01", periods=120, freq="D")
    table = tmp_path / "sold.csv"
    pd.DataFrame({"ds": stamps, "sold": [step % 4 * 10 for step in range(120)]}).to_csv(table)
    flags = [str(SCRIPT), "--output_dir", str(tmp_path / "out"), "--use_cpu", "True"]
    flags += ["--disable_tqdm", "True", "--hidden_size", "6", "--num_train_epochs", "2"]
    flags += ["--learning_rate", "0.03", "--epoch_windows", "640", "--num_hidden_layers", "1"]
    flags += ["--dataset", str(table), "--target_column", "sold", "--horizon", "4"]
    flags += ["--season", "4", "--anchor", "season", "--windows", "2"]

    def run() -> dict:
        monkeypatch.setattr(sys, "argv", flags)
        runpy.run_path(str(SCRIPT), run_name="__main__")
        printed = capsys.readouterr().out
        return json.loads(printed[printed.rindex("{") :])

    metrics = run()
    assert metrics["test_mean_weighted_quantile_loss"] < 0.2  # of 0.49 by the naive forecast
    assert run() == metrics
    record = Record.load(tmp_path / "out")
    assert record.task == "time-series-forecasting"
    assert record.results[0].value == metrics["test_mean_weighted_quantile_loss"]
    assert "Mean weighted quantile loss" in plan(tmp_path / "out", "ada/sold").card

    table.write_text(table.read_text().replace(",30", ",-30"))
    flags += ["--distribution_output", "negative_binomial", "--output_dir", str(tmp_path / "new")]
    with pytest.raises(SystemExit, match=r"'sold' holds -30, expected counts"):
        run()
