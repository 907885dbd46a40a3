"""Data sets of the Hub: pushed and loaded, read by the package's own readers, and compared on."""

import json
from pathlib import Path
from typing import Any

import pytest

from hf_recurrent.data import TEXT_DATASETS
from tests.loopback_hub import LoopbackHub
from tests.loopback_hub.flows import run_flow

pytestmark = pytest.mark.slow  # a Hub and processes of its own

FLOWS = Path(__file__).with_name("flows")
ON_THE_HUB = {name: spec.hub for name, spec in TEXT_DATASETS.items() if spec.hub is not None}


@pytest.fixture(scope="module")
def asked() -> list[str]:
    """The paths that the flow asked for."""
    return []


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, asked: list[str]) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("data")
    with LoopbackHub() as hub:
        hub.organizations["ada"] += [source.id.split("/")[0] for source in ON_THE_HUB.values()]
        done = run_flow(hub, FLOWS / "data.py", home, home=home)
        assert done.returncode == 0, done.stderr[-3000:]
        asked += [path for _, path, _ in hub.requests]
    return json.loads(done.stdout.splitlines()[-1])


def test_what_is_pushed_comes_back(told: dict[str, Any]) -> None:
    assert told["back"] == {"train": True, "test": True}
    assert told["features"]


def test_a_data_set_of_the_user(told: dict[str, Any]) -> None:
    own = told["own"]
    assert own["rows"] == {"train": 43, "validation": 5, "test": 12}
    assert (own["names"], own["wrong"]) == (["dull", "fine"], 0)
    assert own["origin"].startswith("ada/reviews, from ada/reviews of the Hub")


@pytest.mark.parametrize("name", ON_THE_HUB)
def test_a_named_data_set(told: dict[str, Any], name: str) -> None:
    found, labels = told["named"][name], TEXT_DATASETS[name].labels
    assert found["names"] == list(labels or ("alt.atheism", "rec.autos", "sci.space"))
    assert found["wrong"] == 0, "a text has another label than it names"
    assert all(found["rows"].values())
    assert f"from {ON_THE_HUB[name].id} of the Hub" in found["origin"]


def test_the_branch_of_the_mails_is_asked_for(told: dict[str, Any], asked: list[str]) -> None:
    """What lies on main, and in the branch's other folder, has the labels mixed up."""
    assert told["named"]["spam-assassin"]["wrong"] == 0
    assert any("/talby/spamassassin/revision/refs%2Fconvert%2Fparquet" in path for path in asked)


def test_the_comparison(told: dict[str, Any]) -> None:
    done = told["benchmark"]
    assert done["status"] == 0, done["said"]
    assert done["printed"].startswith("ada/reviews\n")
    assert "tf-idf" in done["printed"]
    assert "mean of word vectors" in done["printed"]


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("no column", "'ada/reviews' of the Hub (part 'train') has no column 'text'"),
        (
            "no data",
            "'ada/nowhere' could not be loaded from the Hub: Dataset",
        ),
    ],
)
def test_what_is_not_there(told: dict[str, Any], case: str, sentence: str) -> None:
    done = told[case]
    assert done["status"] == 1
    (line,) = done["said"].splitlines()
    assert sentence in line
