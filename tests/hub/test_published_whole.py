"""What stands on the Hub after a publication, and after one that failed at any request."""

import json
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from tests.loopback_hub import LoopbackHub
from tests.loopback_hub.flows import run_flow
from tests.loopback_hub.store import Blob, Operation

from .test_publish import FLOWS, save

Told = tuple[LoopbackHub, list[dict]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("model"))


def published(model: Path, home: Path, *arguments: str) -> Told:
    with LoopbackHub() as hub:
        full = hub.store.create("model", "ada/full", "ada", False, None)
        theirs = [Operation("config.json", Blob(b"{}", False)), Operation("a", Blob(b"a", False))]
        hub.store.commit(full, "main", theirs, "Theirs", "", "ada")
        hub.store.create("model", "bob/taken", "bob", True, None)
        done = run_flow(hub, FLOWS / "publish.py", model, *arguments, home=home, timeout=500)
        assert done.returncode == 0, done.stderr[-3000:]
        return hub, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def told(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What a process saw that published by each option."""
    return published(model, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def told_of_faults(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What a process saw that published with a fault at every request in turn."""
    return published(model, tmp_path_factory.mktemp("home"), "faults")


def cases(told: Told, name: str) -> list[dict]:
    return [each for each in told[1] if each["case"] == name]


def test_published_whole(told) -> None:
    (whole,) = cases(told, "whole")
    assert not whole["failed"], whole["said"]
    assert whole["before"] is None
    files = set(whole["after"]["files"])
    assert files >= {"README.md", "model.safetensors", "recurrence.py", ".eval_results/sms.yaml"}
    assert "training_args.bin" not in files
    repo = told[0].store.repo("model", "ada/new")
    assert len(list(repo.history(repo.resolve("main")))) == 2, "one commit beside the first"
    card = ModelCard(repo.resolve("main").files["README.md"].content.decode())
    assert card.data.library_name == "hf-recurrent"


def test_again_on_a_branch_and_as_pull_request(told) -> None:
    for name in ("again", "pull request", "branch", "private"):
        (case,) = cases(told, name)
        assert not case["failed"], case["said"]
    (branch,) = cases(told, "branch")
    assert branch["after"]["branches"]["main"] == branch["before"]["branches"]["main"]
    assert "trial" in branch["after"]["branches"]
    assert told[0].store.repo("model", "ada/private").private
    assert told[0].store.repo("model", "ada/new").private, "unless it is said to be public"
    (case,) = cases(told, "public")
    assert not case["failed"], case["said"]
    assert not told[0].store.repo("model", "ada/public").private


def test_what_was_loaded_back_gives_the_same(told) -> None:
    (whole,), (other,) = cases(told, "whole"), cases(told, "other answers")
    assert not whole["failed"]
    assert other["failed"]
    assert "its logits for the example is not what the local model gives" in other["said"]


def test_nothing_private_goes_into_a_public_repository(told) -> None:
    (case,) = cases(told, "private into public")
    assert case["failed"]
    assert "it is there already, and public" in case["said"]
    assert case["after"] == case["before"]


@pytest.mark.parametrize("name", ["command", "command on a terminal"])
def test_the_command_shows_its_progress_and_stays_readable(told, name: str) -> None:
    (case,) = cases(told, name)
    assert case["status"] == 0, case["err"]
    assert any("/commit/" in asked for asked in case["requests"])
    first, *_, last = case["out"].splitlines()
    assert first.startswith("To ada/")
    assert last.startswith("Published and loaded back: http://127.0.0.1:")
    assert "%|" not in case["out"]
    drawn = [line for line in case["err"].replace("\r", "\n").splitlines() if "%|" in line]
    assert {line.split(":")[0] for line in drawn} == {"model.safetensors"}
    said = [line for line in case["err"].splitlines() if line and "%|" not in line]
    assert [line.split(" ")[0] for line in said] == ["Uploading", "Loading"]


def test_a_name_that_is_taken(told) -> None:
    (taken,) = cases(told, "name taken")
    assert taken["failed"]
    assert taken["after"] == taken["before"]
    assert "the token may not write there" in taken["said"]


@pytest.mark.slow
def test_a_fault_at_any_request_leaves_nothing_behind(told_of_faults) -> None:
    tried = cases(told_of_faults, "fresh")
    assert sum(case["failed"] for case in tried) > 10
    for case in tried:
        where = f"request {case['at']}, status {case['status']}: {case['said']}"
        if not case["failed"] or "but loading it back failed" in case["said"]:
            assert "model.safetensors" in case["after"]["files"], where
        elif "could not be taken back" in case["said"]:
            # Nothing can be undone without a connection; no file of ours is there.
            assert case["status"] == 0, where
            assert case["after"] is None or case["after"]["files"] == [".gitattributes"], where
        else:
            assert case["after"] is None, where
        if case["failed"]:
            assert "\n" not in case["said"]


@pytest.mark.slow
def test_a_full_repository_is_never_touched(told_of_faults) -> None:
    tried = cases(told_of_faults, "full")
    assert sum(case["failed"] for case in tried) > 10
    first = tried[0]["before"]
    for case in tried:
        where = f"request {case['at']}, status {case['status']}: {case['said']}"
        assert case["after"]["branches"]["main"] == first["branches"]["main"], where
        assert case["after"]["files"] == first["files"], where
        if case["failed"] and "other" in case["before"]["branches"]:
            # Nor is a branch that an earlier run made.
            assert "other" in case["after"]["branches"], where


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lost, fresh", "lost, full"])
def test_what_is_said_is_true_where_the_answer_is_lost(told_of_faults, name: str) -> None:
    said = []
    for case in cases(told_of_faults, name):
        where = f"request {case['at']}: {case['said']}"
        files = set(case["after"]["files"]) if case["after"] else set()
        there = ("The Hub did it nevertheless (main at", "but loading it back failed")
        if not case["failed"] or any(text in case["said"] for text in there):
            assert "model.safetensors" in files, where
        elif "is there now, and empty" in case["said"]:
            assert files == {".gitattributes"}, where
        else:
            assert "Nothing was changed" in case["said"], where
            assert case["after"] == case["before"], where
        said.append(case["said"].split(". ")[-1][:20] if case["failed"] else "")
    if name == "lost, fresh":  # into the full one, the first to succeed leaves nothing to commit
        assert any(text.startswith("The Hub did it") for text in said), said
        assert any(text.startswith("The repository is") for text in said), said
