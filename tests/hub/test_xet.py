"""With Xet, as users have it by default: a folder stands for the storage service."""

import json
from pathlib import Path

import pytest

from tests.loopback_hub import LoopbackHub
from tests.loopback_hub.flows import run_flow

pytestmark = pytest.mark.slow  # a Hub and processes of its own

FLOW = Path(__file__).with_name("flows") / "xet.py"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> LoopbackHub:
    """A Hub that was pushed to, closed by now."""
    with LoopbackHub(tmp_path_factory.mktemp("storage")) as hub:
        home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("folder")
        done = run_flow(hub, FLOW, folder, home=home)
        assert done.returncode == 0, done.stderr[-3000:]
        hub.told = json.loads(done.stdout.splitlines()[-1])
        return hub


@pytest.mark.parametrize("what", ["files", "folder", "rows", "model", "published"])
def test_what_is_pushed_comes_back(hub: LoopbackHub, what: str) -> None:
    assert hub.told[what]


def test_it_went_by_xet(hub: LoopbackHub) -> None:
    asked = [path for _, path, _ in hub.requests]
    assert not [path for path in asked if path.startswith("/storage/") or "info/lfs" in path]
    assert any("/ada/files/xet-write-token/main" in path for path in asked)
    assert any("/ada/files/xet-read-token/" in path for path in asked)
    assert list(hub.xet_folder.glob("xet/xorbs/xorbs/default.*"))
    large = hub.store.repo("model", "ada/files").resolve("main").files["3.bin"]
    assert large.content == bytes(range(256)) * 1500
    assert len(large.xet_hash) == 64


def test_a_refused_token_ends_publishing_in_one_sentence(hub: LoopbackHub) -> None:
    assert hub.told["refused"].startswith("ada/published: uploading failed")
    assert hub.told["refused"].endswith("Nothing was changed: run the command again.")
    assert "\n" not in hub.told["refused"]
    assert hub.told["taken back"]
