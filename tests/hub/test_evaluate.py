"""Metrics of ours with `evaluate`: one from a Space, several at once, on a model of the Hub."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.loopback_hub import LoopbackHub
from tests.loopback_hub.flows import run_flow

pytestmark = pytest.mark.slow  # a Hub and processes of its own

FLOW = Path(__file__).with_name("flows") / "judge.py"
METRICS = {"accuracy", "f1", "matthews_correlation"}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("evaluate")
    with LoopbackHub() as hub:
        done = run_flow(hub, FLOW, home=home)
        assert done.returncode == 0, done.stderr[-3000:]
        files = hub.store.repo("model", "ada/judged").resolve("main").files
    told = json.loads(done.stdout.splitlines()[-1])
    return told | {"readme": files["README.md"].content.decode()}


def test_a_metric_of_a_space(told: dict[str, Any]) -> None:
    assert told["loaded"] == {
        "matthews_correlation": told["expected"]["matthews_correlation"],
    }
    assert told["listed"] == ["ada/matthews"]


def test_combined_metrics_of_a_model_and_data_of_the_hub(told: dict[str, Any]) -> None:
    assert told["expected"].keys() == METRICS
    assert told["expected"]["accuracy"] == told["share"]
    assert 0 < told["share"] < 1
    judged = {name: told["evaluator"][name] for name in METRICS}
    assert judged == told["expected"]


def test_a_result_is_written_into_the_card(told: dict[str, Any]) -> None:
    assert told["card"] == ["ada/rows", "accuracy", told["share"]]
    assert "model-index" in told["readme"]
    assert "Set `overwrite=True`" in told["again"]
    assert told["unchanged"]
