"""Train a forecaster by its recipe, publish its folder, and keep what it answers.

Usage: ``forecaster.py FOLDER``; ``FOLDER/expected.json`` has the answers.
"""

import json
import runpy
import sys
from pathlib import Path

import pandas as pd
from transformers import AutoModelForTimeSeriesPrediction

from hf_recurrent.__main__ import main
from tests.hub.flows.forecaster_back import answers

RECIPE = Path(__file__).parents[3] / "scripts" / "train_time_series_forecasting.py"

folder = Path(sys.argv[1])
table = folder / "sold.csv"
stamps = pd.date_range("2023-01-01", periods=90, freq="D")
pd.DataFrame({"ds": stamps, "sold": [step % 4 for step in range(90)]}).to_csv(table, index=False)
flags = ["--dataset", str(table), "--horizon", "3", "--output_dir", str(folder / "forecaster")]
flags += ["--hidden_size", "6", "--num_train_epochs", "1", "--epoch_windows", "64"]
flags += ["--threads", "1", "--use_cpu", "True", "--disable_tqdm", "True"]
sys.argv = [str(RECIPE), *flags]
runpy.run_path(str(RECIPE), run_name="__main__")
model = AutoModelForTimeSeriesPrediction.from_pretrained(folder / "forecaster")
(folder / "expected.json").write_text(json.dumps(answers(model)))
assert main(["publish", str(folder / "forecaster"), "ada/forecaster", "--yes"]) == 0
