"""Ordinary pushes that fail touch nothing of others, leave no half model, and can be made again."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.loopback_hub import LoopbackHub
from tests.loopback_hub.flows import run_flow
from tests.loopback_hub.store import Blob, Operation

pytestmark = pytest.mark.slow  # a Hub and processes of its own

FLOW = Path(__file__).with_name("flows") / "faults.py"
WAYS = ("model", "trainer")
MODEL = {"config.json", "model.safetensors", "recurrence.py"}
Case = dict[str, Any]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    home = tmp_path_factory.mktemp("faults")
    with LoopbackHub() as hub:
        full = hub.store.create("model", "ada/full", "ada", False, None)
        card = Blob(b"---\nlicense: mit\n---\nTheirs", False)
        theirs = [Operation("README.md", card), Operation("a", Blob(b"a", False))]
        hub.store.commit(full, "main", theirs, "Theirs", "", "ada")
        hub.store.create("model", "bob/taken", "bob", False, None)
        done = run_flow(hub, FLOW, home, home=home)
        assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"case"')]


def cases(told: list[Case], name: str, *ways: str) -> list[Case]:
    return [each for each in told if each["case"] == name and each["way"] in (ways or WAYS)]


def is_one_sentence(case: Case) -> bool:
    """Ours are; of a model's own push the client writes the message."""
    return case["way"] == "model" or (
        case["error"] == "PublishError" and "\n" not in case["said"] and case["said"][-1] == "."
    )


def test_without_a_fault(told: list[Case]) -> None:
    for case in cases(told, "whole"):
        assert case["error"] is None, case["said"]
        assert set(case["after"]["files"]) >= MODEL


def test_tokens_that_may_not(told: list[Case]) -> None:
    tried = cases(told, "token")
    assert len(tried) == 2 * 3 * len(WAYS)
    for case in tried:
        assert case["error"], case["token"]
        assert case["after"] == case["before"]
        assert is_one_sentence(case)
        if case["way"] == "trainer":
            wrong = case["token"] == "hf_wrong"
            assert ("wrong: set HF_TOKEN" if wrong else "may not write") in case["said"]


def test_a_repository_of_somebody_else(told: list[Case]) -> None:
    for case in cases(told, "taken"):
        assert case["error"]
        assert case["after"] == case["before"] is not None
        assert is_one_sentence(case)


@pytest.mark.parametrize("way", WAYS)
def test_a_connection_that_is_cut_at_any_request(told: list[Case], way: str) -> None:
    """The client makes a new repository first: it may be left, and holds no file of ours."""
    for repo in ("ada/fresh", "ada/full"):
        tried = cases(told, repo, way)
        assert len(tried) >= 8
        asked = [case["requests"][-1] for case in tried]
        for part in ("repos/create", "/preupload/", "PUT /storage/", "/commit/"):
            assert any(part in request for request in asked), (part, asked)
        for case in tried:
            assert case["error"], case["at"]
            assert is_one_sentence(case), case["said"]
            if repo == "ada/full":
                assert case["after"] == case["before"]
            else:
                assert case["after"] is None or case["after"]["files"] == [".gitattributes"]


def test_a_commit_whose_answer_is_lost(told: list[Case]) -> None:
    lost = cases(told, "answer lost")
    assert len(lost) == 2 * len(WAYS)
    for case in lost:
        assert case["error"]
        assert set(case["after"]["files"]) == set(case["before"]["files"])
        assert case["after"]["branches"] != case["before"]["branches"]


def test_what_failed_can_be_done_again(told: list[Case]) -> None:
    tried = cases(told, "again", *WAYS, "load", "publish")
    assert len(tried) > 10
    for case in tried:
        assert case["error"] is None, case["said"]
        assert set(case["after"]["files"]) >= MODEL


def test_a_large_file_that_the_hub_does_not_take(told: list[Case]) -> None:
    """The client tells it by another error than the rest."""
    *failed, last = cases(told, "publish", "publish")
    assert any("PUT /storage/" in request for request in last["requests"])
    assert len(failed) > 3
    for case in failed:
        assert (case["error"], case["after"]) == ("PublishError", None)
        assert "the Hub's storage is full" in case["said"]


def test_training_goes_on_where_the_hub_is_gone(told: list[Case]) -> None:
    (case,) = cases(told, "training")
    assert case["error"] is None, case["said"]
    assert case["after"]["files"] == [".gitattributes"]


def test_a_full_disk(told: list[Case]) -> None:
    tried = {case["way"]: case for case in cases(told, "full disk", *WAYS, "load", "publish")}
    for way, error in {
        "load": "OSError",
        "model": "OSError",
        "trainer": "PublishError",
        "publish": "PublishError",
    }.items():
        case = tried[way]
        assert case["error"] == error
        assert case["after"] == case["before"]
        assert "File too large" in case["said"]
        assert "\n" not in case["said"]
