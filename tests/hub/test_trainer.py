"""The plain Trainer publishes pickles and a card that is not ours; with the mixin it does not."""

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
from huggingface_hub import ModelCard
from transformers import TrainingArguments

from hf_recurrent.hub import RefuseHubToken
from hf_recurrent.hub.pickles import PICKLE_NAMES
from tests.loopback_hub import LoopbackHub
from tests.loopback_hub.flows import run_flow

FLOWS = Path(__file__).with_name("flows")
STRATEGIES = ("end", "every_save", "checkpoint", "all_checkpoints")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoopbackHub]:
    folder = tmp_path_factory.mktemp("train")
    with LoopbackHub() as hub:
        done = run_flow(hub, FLOWS / "train.py", folder, home=folder)
        assert done.returncode == 0, done.stderr[-3000:]
        yield hub


def published(hub: LoopbackHub, name: str) -> dict[str, bytes]:
    """Return every file of every commit."""
    repo = hub.store.repo("model", f"ada/{name}")
    return {
        path: blob.content
        for commit in repo.commits.values()
        for path, blob in commit.files.items()
    }


def pickles(files: dict[str, bytes]) -> set[str]:
    names = {path for path in files if any(fnmatch(path.split("/")[-1], p) for p in PICKLE_NAMES)}
    # Whatever its name, torch's pickle is an archive that holds one.
    return names | {path for path, content in files.items() if b"data.pkl" in content}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_plain_trainer(hub: LoopbackHub, strategy: str) -> None:
    files = published(hub, f"Trainer-{strategy}")
    assert "training_args.bin" in pickles(files)
    assert ModelCard(files["README.md"].decode()).data.library_name == "transformers"


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_ours(hub: LoopbackHub, strategy: str) -> None:
    files = published(hub, f"HubTrainer-{strategy}")
    assert pickles(files) == set()
    card = ModelCard(files["README.md"].decode())
    assert card.data.library_name == "hf-recurrent"
    assert "- learning_rate: 5e-05" in card.text
    assert files.keys() >= {"model.safetensors", "config.json", "tokenizer.json", "pooling.py"}
    folders = {path.split("/")[0] for path in files if "/" in path and path[0] != "."}
    expected = {"checkpoint": {"last-checkpoint"}}
    expected |= {"all_checkpoints": {"checkpoint-1", "checkpoint-2"}}
    assert folders == expected.get(strategy, set())
    for checkpoint in folders:
        assert f"{checkpoint}/model.safetensors" in files


def test_a_token_in_the_arguments_is_refused(tmp_path: Path) -> None:
    arguments = TrainingArguments(output_dir=str(tmp_path), hub_token="hf_secret", use_cpu=True)
    with pytest.raises(ValueError, match="HF_TOKEN instead") as caught:
        RefuseHubToken().on_init_end(arguments, None, None)
    assert "hf_secret" not in str(caught.value)
