"""What is pushed loads everywhere: with the package, without it by trust, and offline."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.loopback_hub import LoopbackHub
from tests.loopback_hub.flows import run_flow

FLOWS = Path(__file__).with_name("flows")
CODE = {"configuration_recurrent.py", "modeling_recurrent.py", "recurrence.py", "cells.py"}
FAMILIES = {"gru", "bilstm-classifier", "vectors", "bag-of-vectors", "sif"}
INPUT_LAYERS = {"ngrams", "joined", "one-hot", "int8", "pq", "fp16"}
TOKENIZERS = {"chinese", "digits"}
CLASSIFIERS = {"bilstm-classifier", "bag-of-vectors", "ngrams", "joined", "one-hot", "pq"}
MODELS = ("AutoModel", "AutoModelForSequenceClassification")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("flows")


@pytest.fixture(scope="module")
def hub(folder: Path) -> Iterator[LoopbackHub]:
    """A Hub to which everything was pushed by the ordinary calls."""
    with LoopbackHub() as hub:
        done = run_flow(hub, FLOWS / "push.py", folder, home=folder)
        assert done.returncode == 0, done.stderr[-3000:]
        yield hub


def test_what_arrived(hub: LoopbackHub) -> None:
    files = hub.store.repo("model", "ada/gru").resolve("main").files
    assert files.keys() >= {"config.json", "model.safetensors", "tokenizer.json", *CODE}
    assert files["model.safetensors"].lfs
    assert not [name for name in files if name.endswith((".bin", ".pt", ".pth", ".pkl"))]
    assert hub.store.repo("model", "ada/configuration").resolve("main").files["config.json"]
    tokenizer = hub.store.repo("model", "ada/tokenizer").resolve("main").files
    assert tokenizer.keys() >= {"tokenizer.json", "tokenization_ngrams.py", "ngrams.py"}


def test_a_model_without_weights_is_refused_before_a_repository_is_made(hub: LoopbackHub) -> None:
    assert ("model", "ada/no-weights") not in hub.store.repos


def test_private_branch_tag_and_pull_request(hub: LoopbackHub) -> None:
    repo = hub.store.repo("model", "ada/private")
    assert repo.private
    assert repo.branches.keys() == {"main", "trial"}
    assert repo.tags == {"v1": repo.branches["trial"]}
    assert [pull.status for pull in repo.pulls.values()] == ["draft"]


@pytest.mark.slow  # a minute
def test_loads_with_and_without_the_package(hub: LoopbackHub, folder: Path) -> None:
    home = folder / "empty"
    home.mkdir()
    done = run_flow(hub, FLOWS / "load.py", folder, home=home)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    names = FAMILIES | INPUT_LAYERS | TOKENIZERS
    loaded = {
        way: {name: set(same) for name, same in found[way].items()} for way in ("bare", "package")
    }
    assert loaded["bare"].keys() == loaded["package"].keys() == names
    for name in names:
        own = MODELS[name in CLASSIFIERS]
        # Of some; they refuse a classifier's weights, or two directions.
        others = {"AutoModelForTokenClassification", "AutoModelForCausalLM"}
        assert loaded["bare"][name] - others == {"AutoConfig", "AutoTokenizer", *MODELS}, name
        assert loaded["package"][name] == {"AutoConfig", "AutoTokenizer", own}, name
    assert found["refused"].keys() == {"gru", "vectors", "tokenizer"}
    for (sentence,) in found["refused"].values():
        assert "trust_remote_code=True" in sentence

    asked = len(hub.requests)
    again = run_flow(hub, FLOWS / "load.py", folder, home=home, offline=True)
    assert again.returncode == 0, again.stderr[-3000:]
    assert json.loads(again.stdout.splitlines()[-1]) == found
    assert len(hub.requests) == asked, "a request was made offline"


@pytest.mark.slow
def test_models_of_the_hub_are_asked_whatever_the_cache_holds(
    hub: LoopbackHub, folder: Path
) -> None:
    home = folder / "asked"
    home.mkdir()
    done = run_flow(hub, FLOWS / "ask.py", home=home)
    assert done.returncode == 0, done.stderr[-3000:]
    *answers, refused = done.stdout.splitlines()
    assert [line.partition("| ")[2] for line in answers] == ["a warm film", "dull"] * 2
    assert all("good 0." in line and "bad 0." in line for line in answers)
    assert "The task of 'ada/gru' is not known (it is a RecurrentModel)" in refused
    again = run_flow(hub, FLOWS / "ask.py", home=home, offline=True)
    assert again.returncode == 0, again.stderr[-3000:]
    assert again.stdout == done.stdout
