"""A language model on the Hub: published with its record, and loaded back in a new process."""

import json
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from tests.loopback_hub import LoopbackHub
from tests.loopback_hub.flows import run_flow

pytestmark = pytest.mark.slow  # a Hub and processes of its own

FLOWS = Path(__file__).with_name("flows")


def test_it_writes_the_same_with_the_package_and_without(tmp_path: Path) -> None:
    with LoopbackHub() as hub:
        done = run_flow(hub, FLOWS / "writer.py", tmp_path, home=tmp_path)
        assert done.returncode == 0, done.stderr[-3000:]
        assert "Published and loaded back" in done.stdout
        files = hub.store.repo("model", "ada/writer").resolve("main").files
        code = {"modeling_recurrent.py", "causal.py", "state_cache.py", "text_scoring.py"}
        assert files.keys() >= {"config.json", "model.safetensors", "tokenizer.json", *code}
        card = ModelCard(files["README.md"].content.decode())
        assert card.data.pipeline_tag == "text-generation"
        assert 'pipeline("text-generation", "ada/writer")' in card.text
        (tmp_path / "other").mkdir()
        done = run_flow(hub, FLOWS / "writer_back.py", home=tmp_path / "other")
    assert done.returncode == 0, done.stderr[-3000:]
    expected = json.loads((tmp_path / "expected.json").read_text())
    assert json.loads(done.stdout.splitlines()[-1]) == {"bare": expected, "package": expected}
    assert all(text.startswith(("the old king", "héllo! the")) for text in expected["texts"])
    assert all(len(ids) >= 7 for ids in expected["ids with 1"])
