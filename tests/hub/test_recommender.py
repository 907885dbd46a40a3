"""A network of items on the Hub: trained by its recipe, published, and loaded back."""

import json
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from tests.loopback_hub import LoopbackHub
from tests.loopback_hub.flows import run_flow
from tests.tasks.next_item_recommendation.conftest import events

pytestmark = pytest.mark.slow  # a Hub and processes of its own

FLOWS = Path(__file__).with_name("flows")
__all__ = ["events"]


def test_a_recommender_is_published_and_loaded_back(events: Path, tmp_path: Path) -> None:
    with LoopbackHub() as hub:
        done = run_flow(hub, FLOWS / "recommender.py", tmp_path, events, home=tmp_path)
        assert done.returncode == 0, done.stderr[-3000:]
        assert "Published and loaded back" in done.stdout
        files = hub.store.repo("model", "ada/recommender").resolve("main").files
        assert files.keys() >= {"model.safetensors", "tokenizer.json", "item_titles.json"}
        card = ModelCard(files["README.md"].content.decode())
        assert card.data.pipeline_tag == "text-generation"
        (told,) = card.data.to_dict()["model-index"][0]["results"]
        found = json.loads((tmp_path / "recommender" / "test_results.json").read_text())
        figures = {f"test_{each['type']}": each["value"] for each in told["metrics"]}
        assert figures.items() <= found.items()
        assert "test_mrr_at_20" in figures

        (tmp_path / "other").mkdir()
        back = run_flow(hub, FLOWS / "recommender_back.py", home=tmp_path / "other")
        assert back.returncode == 0, back.stderr[-3000:]
        *shown, last = back.stdout.splitlines()
        expected = json.loads((tmp_path / "expected.json").read_text())
        assert json.loads(last) == {"bare": expected, "package": expected}
        assert shown[0] == "after red_shoes The red shoes, hat The hat:"
