"""What hears on the Hub: published with its card, and loaded back in a new process."""

import json
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from tests.loopback_hub import LoopbackHub
from tests.loopback_hub.flows import run_flow

pytestmark = pytest.mark.slow  # a Hub and processes of its own

FLOWS = Path(__file__).with_name("flows")


def test_it_hears_the_same_with_the_package_and_without(tmp_path: Path) -> None:
    with LoopbackHub() as hub:
        done = run_flow(hub, FLOWS / "recognizer.py", tmp_path, home=tmp_path)
        assert done.returncode == 0, done.stderr[-3000:]
        assert done.stdout.count("Published and loaded back") == 2
        for name, tag, code in (
            ("recognizer", "automatic-speech-recognition", "processing_recurrent_speech.py"),
            ("listener", "audio-classification", "feature_extraction_log_mel.py"),
        ):
            files = hub.store.repo("model", f"ada/{name}").resolve("main").files
            needed = {"config.json", "model.safetensors", "preprocessor_config.json"}
            assert files.keys() >= needed | {code, "modeling_recurrent_speech.py"}
            card = ModelCard(files["README.md"].content.decode())
            assert card.data.pipeline_tag == tag
            assert f'pipeline("{tag}", "ada/{name}")' in card.text
        (tmp_path / "other").mkdir()
        back = FLOWS / "recognizer_back.py"
        done = run_flow(hub, back, tmp_path / "sound.npy", home=tmp_path / "other")
    assert done.returncode == 0, done.stderr[-3000:]
    expected = json.loads((tmp_path / "expected.json").read_text())
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {"package": expected, "bare": expected}
