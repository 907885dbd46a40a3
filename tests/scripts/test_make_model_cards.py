"""The script makes cards of what was really trained, and the cards that are kept are whole."""

import json
import re
import runpy
import shutil
import sys
from itertools import islice
from pathlib import Path

import pytest
from gensim.test.utils import datapath
from huggingface_hub import ModelCard

from hf_recurrent.hub.identifiers import TASKS
from hf_recurrent.hub.record import RECORD_FILE
from tests.benchmark.conftest import no_children, reviews  # noqa: F401 - fixtures
from tests.tasks.token_classification.conftest import names  # noqa: F401 - a fixture

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "make_model_cards.py"
KEPT = ROOT / "model_cards"


def check(card_file: Path) -> ModelCard:
    """Check that a card is whole, and has nothing of a machine in it."""
    text = card_file.read_text(encoding="utf-8")
    card = ModelCard(text)
    assert card.data.library_name == "hf-recurrent"
    assert card.data.pipeline_tag in TASKS
    assert card.data.eval_results
    images = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", text)
    assert images, f"{card_file} shows no plot"
    beside = {path.name for path in card_file.parent.glob("*.svg")}
    assert {name for _, name in images} == beside
    for path in card_file.parent.rglob("*"):
        if path.is_file():
            told = path.read_text(encoding="utf-8")
            assert not re.search(r"(?<![\w.:/])/(home|work|tmp|root|Users|mnt)/", told), path
            assert str(Path.home()) not in told
    return card


@pytest.fixture
def run(tmp_path: Path, reviews: Path, no_children: list[str], monkeypatch):  # noqa: F811
    """Return a function that runs the script on little, and returns what was trained."""
    with Path(datapath("lee_background.cor")).open() as file:
        (tmp_path / "lee.txt").write_text("".join(islice(file, 60)))

    def run_script(*flags: str) -> list[str]:
        no_children.clear()
        arguments = ["--dataset", str(reviews), "--corpus", str(tmp_path / "lee.txt")]
        arguments += ["--compare", "tfidf", "mean", "gru", "--embeddings", "random"]
        arguments += ["--seeds", "1", "--limit-train", "60"]
        for name in ("output", "results", "models"):
            arguments += [f"--{name}", str(tmp_path / name)]
        monkeypatch.setattr(sys, "argv", [str(SCRIPT), *arguments, *flags])
        runpy.run_path(str(SCRIPT), run_name="__main__")
        return list(no_children)

    return run_script


@pytest.mark.slow
def test_the_cards_are_of_what_was_trained(run, tmp_path: Path) -> None:
    both = ("--only", "classifiers", "vectors")
    assert len(run(*both)) == 3
    output, results = tmp_path / "output", tmp_path / "results"
    cards = {path.parent.name: check(path) for path in output.glob("*/README.md")}
    bag, vectors = "reviews-bag-of-vectors", "lee-skip-gram"
    assert cards.keys() == {"reviews-recurrent", bag, vectors}
    recurrent = cards["reviews-recurrent"]
    row = json.loads((results / "best" / "benchmark_row.json").read_text())
    told = {result.metric_type: result.metric_value for result in recurrent.data.eval_results}
    assert told["accuracy"] == row["result"]["test"]["accuracy"]
    assert '"your-name/reviews-recurrent"' in recurrent.text
    assert "gru" in recurrent.data.tags
    assert cards[vectors].data.pipeline_tag == "feature-extraction"

    before = {p: p.read_bytes() for p in output.rglob("*") if p.is_file()}
    (output / "reviews-recurrent" / "old.svg").write_text("of an earlier run")
    assert run(*both, "--owner", "ada") == [], "what is done was run again"
    after = {p: p.read_bytes() for p in output.rglob("*") if p.is_file()}
    assert after.keys() == before.keys()
    assert {p.name for p in after if after[p] != before[p]} == {"README.md"}
    assert '"ada/reviews-recurrent"' in check(output / "reviews-recurrent" / "README.md").text

    # A comparison of before bags of vectors were kept: the bag is trained again, and is shown
    # beside the whole comparison.
    shutil.rmtree(results / "bag-of-vectors")
    assert [each.split(" ")[0] for each in run("--only", "classifiers")] == ["mean"]
    compared = [cards[bag].text, check(output / bag / "README.md").text]
    old, new = (
        text.split("Other models on the same splits")[1].split("![")[0] for text in compared
    )
    assert old == new


@pytest.mark.slow
def test_the_card_of_a_tagger_tells_what_its_recipe_found(
    run,
    tmp_path: Path,
    names: Path,  # noqa: F811
) -> None:
    options = "--vectors random --characters cnn --hidden_size 8 --use_cpu True --crf True "
    options += "--num_train_epochs 2 --learning_rate 0.02 --per_device_train_batch_size 8"
    flags = ["--only", "tagger", "--tagging-dataset", str(names), "--tagger-options", options]
    assert run(*flags) == []
    place = tmp_path / "output" / "names-tagger"
    card = check(place / "README.md")
    assert card.data.pipeline_tag == "token-classification"
    assert {"recurrent", "lstm"} <= set(card.data.tags)
    folder = tmp_path / "models" / "names-tagger"
    found = json.loads((folder / "test_results.json").read_text())
    told = {f"test_{each.metric_type}": each.metric_value for each in card.data.eval_results}
    assert told == found
    assert 'pipeline("token-classification", "your-name/names-tagger")' in card.text
    assert "- lr_scheduler_type: linear" in card.text
    assert "grace" not in card.text, "words of a user's own rows"

    (folder / RECORD_FILE).unlink()  # of a recipe that wrote none
    with pytest.raises(SystemExit, match=r"names-tagger has no model: train_token_classifi"):
        run(*flags)


@pytest.mark.skipif(not KEPT.is_dir(), reason="model_cards/ is not part of this copy")
def test_the_cards_that_are_kept() -> None:
    cards = [check(path) for path in KEPT.glob("*/README.md")]
    assert {tag for card in cards for tag in card.data.tags} >= {
        "recurrent",
        "static-embedding",
        "word-vectors",
    }
    assert "token-classification" in {card.data.pipeline_tag for card in cards}
