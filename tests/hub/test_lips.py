"""A classifier of clips on the Hub: trained by its recipe, published, and loaded back."""

import json
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from tests.loopback_hub import LoopbackHub
from tests.loopback_hub.flows import run_flow

pytestmark = pytest.mark.slow  # a Hub and processes of its own

FLOWS = Path(__file__).with_name("flows")


def test_a_classifier_of_clips_is_published_and_loaded_back(tmp_path: Path) -> None:
    with LoopbackHub() as hub:
        done = run_flow(hub, FLOWS / "lips.py", tmp_path, home=tmp_path)
        assert done.returncode == 0, done.stderr[-3000:]
        assert "Published and loaded back" in done.stdout
        files = hub.store.repo("model", "ada/lips").resolve("main").files
        needed = {"model.safetensors", "pictures.py", "video_preprocessor_config.json"}
        assert files.keys() >= needed | {"video_processing_recurrent.py", "video_files.py"}
        assert not [name for name in files if name.endswith(".mp4")]
        card = ModelCard(files["README.md"].content.decode())
        assert card.data.pipeline_tag == "video-classification"
        (told,) = card.data.to_dict()["model-index"][0]["results"]
        found = json.loads((tmp_path / "lips" / "test_results.json").read_text())
        metrics = {each["type"]: each["value"] for each in told["metrics"]}
        assert metrics["accuracy"] == found["test_accuracy"]

        (tmp_path / "other").mkdir()
        clip = tmp_path / "clip.mp4"
        back = run_flow(hub, FLOWS / "lips_back.py", clip, home=tmp_path / "other")
        assert back.returncode == 0, back.stderr[-3000:]
        expected = json.loads((tmp_path / "expected.json").read_text())
        assert json.loads(back.stdout.splitlines()[-1]) == {"bare": expected, "package": expected}
