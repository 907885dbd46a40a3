"""An encoder on the Hub: trained by its recipe, published, and loaded back."""

import json
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from tests.loopback_hub import LoopbackHub
from tests.loopback_hub.flows import run_flow

pytestmark = pytest.mark.slow  # a Hub and processes of its own

FLOWS = Path(__file__).with_name("flows")


def test_an_encoder_is_published_and_loaded_back(tmp_path: Path) -> None:
    with LoopbackHub() as hub:
        done = run_flow(hub, FLOWS / "searcher.py", tmp_path, home=tmp_path)
        assert done.returncode == 0, done.stderr[-3000:]
        assert "Published and loaded back" in done.stdout
        files = hub.store.repo("model", "ada/searcher").resolve("main").files
        assert files.keys() >= {"modules.json", "1_Pooling/config.json", "model.safetensors"}
        card = ModelCard(files["README.md"].content.decode())
        assert card.data.pipeline_tag == "sentence-similarity"
        (told,) = card.data.to_dict()["model-index"][0]["results"]
        found = json.loads((tmp_path / "searcher" / "test_results.json").read_text())
        figures = {f"test_{each['type']}": each["value"] for each in told["metrics"]}
        assert figures.items() <= found.items()
        assert {"test_ndcg_at_10", "test_fused_map"} <= figures.keys()
        assert "SentenceTransformer(" in card.text

        (tmp_path / "other").mkdir()
        back = run_flow(hub, FLOWS / "searcher_back.py", home=tmp_path / "other")
        assert back.returncode == 0, back.stderr[-3000:]
        expected = json.loads((tmp_path / "expected.json").read_text())
        assert json.loads(back.stdout.splitlines()[-1]) == {"bare": expected, "package": expected}
