"""A translator on the Hub: published with its card, and loaded back in a new process."""

import json
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from tests.loopback_hub import LoopbackHub
from tests.loopback_hub.flows import run_flow

pytestmark = pytest.mark.slow  # a Hub and processes of its own

FLOWS = Path(__file__).with_name("flows")


def test_it_translates_the_same_with_the_package_and_without(tmp_path: Path) -> None:
    with LoopbackHub() as hub:
        done = run_flow(hub, FLOWS / "translator.py", tmp_path, home=tmp_path)
        assert done.returncode == 0, done.stderr[-3000:]
        assert "Published and loaded back" in done.stdout
        files = hub.store.repo("model", "ada/translator").resolve("main").files
        needed = {"config.json", "model.safetensors", "tokenizer.json", "target_tokenizer.json"}
        code = {"modeling_recurrent_seq2seq.py", "tokenization_translation.py"}
        assert files.keys() >= needed | code
        card = ModelCard(files["README.md"].content.decode())
        assert card.data.pipeline_tag == "translation"
        assert 'pipeline("recurrent-translation", "ada/translator")' in card.text
        (tmp_path / "other").mkdir()
        done = run_flow(hub, FLOWS / "translator_back.py", home=tmp_path / "other")
    assert done.returncode == 0, done.stderr[-3000:]
    expected = json.loads((tmp_path / "expected.json").read_text())
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["package"] == expected
    assert found["bare"] == {name: expected[name] for name in ("ids", "loss")}
    assert all(expected["texts"])
