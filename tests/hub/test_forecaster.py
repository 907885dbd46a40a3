"""A forecaster on the Hub: published with its card, and loaded back in a new process."""

import json
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from tests.loopback_hub import LoopbackHub
from tests.loopback_hub.flows import run_flow

pytestmark = pytest.mark.slow  # a Hub and processes of its own

FLOWS = Path(__file__).with_name("flows")


def test_it_forecasts_the_same_with_the_package_and_without(tmp_path: Path) -> None:
    with LoopbackHub() as hub:
        done = run_flow(hub, FLOWS / "forecaster.py", tmp_path, home=tmp_path)
        assert done.returncode == 0, done.stderr[-3000:]
        assert "Published and loaded back" in done.stdout
        files = hub.store.repo("model", "ada/forecaster").resolve("main").files
        code = {"modeling_recurrent_time_series.py", "forecasting.py", "series_inputs.py"}
        assert files.keys() >= {"config.json", "model.safetensors"} | code
        card = ModelCard(files["README.md"].content.decode())
        assert card.data.pipeline_tag == "time-series-forecasting"
        assert "forecasting.forecast(model, series)" in card.text
        (tmp_path / "other").mkdir()
        done = run_flow(hub, FLOWS / "forecaster_back.py", home=tmp_path / "other")
    assert done.returncode == 0, done.stderr[-3000:]
    expected = json.loads((tmp_path / "expected.json").read_text())
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["package"] == expected
    assert found["bare"] == expected
