"""A tagger on the Hub: trained by its recipe, published, and loaded back in a new process."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from tests.loopback_hub import LoopbackHub
from tests.loopback_hub.flows import run_flow
from tests.tasks.token_classification.conftest import sentences

FLOWS = Path(__file__).with_name("flows")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three parts of tagged sentences in CoNLL's form."""
    folder = tmp_path_factory.mktemp("tagger")
    (folder / "names").mkdir()
    for seed, (part, count) in enumerate((("train", 80), ("dev", 20), ("test", 20))):
        (folder / "names" / f"{part}.conll").write_text(sentences(count, seed))
    return folder


@pytest.fixture(scope="module")
def hub(folder: Path) -> Iterator[LoopbackHub]:
    """A Hub to which the tagger was published."""
    with LoopbackHub() as hub:
        done = run_flow(hub, FLOWS / "tagger.py", folder, folder / "names", home=folder)
        assert done.returncode == 0, done.stderr[-3000:]
        assert "Published and loaded back" in done.stdout
        yield hub


@pytest.mark.slow
def test_what_arrived(hub: LoopbackHub, folder: Path) -> None:
    files = hub.store.repo("model", "ada/tagger").resolve("main").files
    code = {"modeling_recurrent.py", "tagging.py", "crf.py", "char_cnn.py"}
    code |= {"tokenization_characters.py"}
    assert files.keys() >= {"config.json", "model.safetensors", "tokenizer.json", *code}
    kept_back = {"training_args.bin", "run_settings.json"}
    assert kept_back <= {path.name for path in (folder / "tagger").iterdir()}
    assert not kept_back & files.keys()
    assert not [name for name in files if name.startswith("checkpoint-")]
    assert str(folder) not in "".join(
        file.content.decode() for name, file in files.items() if name.endswith((".json", ".md"))
    )


@pytest.mark.slow
def test_the_card_tells_what_the_recipe_found(hub: LoopbackHub, folder: Path) -> None:
    files = hub.store.repo("model", "ada/tagger").resolve("main").files
    card = ModelCard(files["README.md"].content.decode())
    assert card.data.pipeline_tag == "token-classification"
    assert card.data.library_name == "hf-recurrent"
    (index,) = card.data.to_dict()["model-index"]
    (told,) = index["results"]
    assert (index["name"], told["task"]["type"]) == ("tagger", "token-classification")
    found = json.loads((folder / "tagger" / "test_results.json").read_text())
    assert {f"test_{each['type']}": each["value"] for each in told["metrics"]} == found
    assert {each.metric_name for each in card.data.eval_results} >= {"Accuracy", "F1 of spans"}
    assert 'pipeline("token-classification", "ada/tagger")' in card.text


@pytest.mark.slow
def test_it_answers_the_same_with_the_package_and_without(
    hub: LoopbackHub, folder: Path, tmp_path: Path
) -> None:
    done = run_flow(hub, FLOWS / "tagger_back.py", home=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    expected = json.loads((folder / "expected.json").read_text())
    assert json.loads(done.stdout.splitlines()[-1]) == {"bare": expected, "package": expected}
    first, *_ = expected["spans"]["simple"]
    assert (first[0]["entity_group"], first[0]["word"]) == ("PER", "grace")
    assert {span["entity_group"] for span in first} == {"PER", "LOC"}
    again = run_flow(hub, FLOWS / "tagger_back.py", home=tmp_path, offline=True)
    assert (again.returncode, again.stdout) == (0, done.stdout), again.stderr[-3000:]
