"""A Space's files, and its push to a Hub on loopback: whole or not at all."""

import json
from pathlib import Path

import pytest
import yaml

from hf_recurrent.__main__ import main
from hf_recurrent.app import plan_space
from hf_recurrent.app.wheel import make_wheel, requirements
from hf_recurrent.vectors import save_vectors
from tests.loopback_hub import LoopbackHub
from tests.loopback_hub.flows import run_flow
from tests.loopback_hub.store import Blob, Operation

from .samples import save_bag, save_recurrent, vectors

gradio = pytest.importorskip("gradio")

FLOW = Path(__file__).parent / "flows" / "space.py"


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    return save_bag(tmp_path / "bag")


def test_what_a_space_holds(bag: Path, tmp_path: Path) -> None:
    (bag / "training_args.bin").write_bytes(b"\x80\x02}q\x00.")
    other = save_recurrent(tmp_path / "other" / "bag", pooling="attention")
    save_vectors(vectors(), tmp_path / "words.txt", "word2vec")
    models = [str(bag), str(other)]
    plan = plan_space(models, ["glove", str(tmp_path / "words.txt")], "ada/film-words")
    wheel = make_wheel()
    assert plan.files[wheel.name] == wheel.content
    assert {"models/bag/config.json", "models/bag-2/model.safetensors"} <= set(plan.files)
    assert plan.files["vectors/words.txt"] == tmp_path / "words.txt"
    assert plan.left_out.keys() == {"models/bag/training_args.bin"}
    assert not [path for path in plan.files if path.endswith(".bin")]
    lines = plan.text("requirements.txt").splitlines()
    assert [line for line in lines if not line.startswith("#")] == requirements()
    _, head, body = plan.text("README.md").split("---\n", 2)
    card = yaml.safe_load(head)
    assert card["sdk"] == "gradio"
    assert card["sdk_version"] == gradio.__version__
    assert card["app_file"] == "app.py"
    assert card["python_version"].startswith("3.")
    assert card["license"] == "apache-2.0"
    assert "models" not in card
    assert "`models/bag-2`" in body
    app = plan.text("app.py")
    compile(app, "app.py", "exec")
    assert '["app", "models/bag", "models/bag-2", "--host", "0.0.0.0"' in app
    assert '"--vectors", "glove", "vectors/words.txt"]' in app
    assert str(tmp_path) not in app + body


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.md", "token hf_" + "a" * 34, "notes.md, line 1: a token of the Hub"),
        ("train.json", '{"dir": "/home/ada/models"}', "'/home/ada' is a path of a machine"),
    ],
)
def test_what_publish_refuses_is_refused(name, content, said, bag: Path, capsys) -> None:
    (bag / name).write_text(content)
    capsys.readouterr()
    assert main(["app", str(bag), "--push", "ada/page", "--dry-run"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert "aaaa" not in line


def test_vectors_that_are_a_pickle_are_refused(bag: Path, tmp_path: Path) -> None:
    save_vectors(vectors(), tmp_path / "words.kv", "gensim")
    with pytest.raises(ValueError, match=r"words.kv cannot be published: a pickle"):
        plan_space([str(bag)], [str(tmp_path / "words.kv")], "ada/page")


def test_a_dry_run_shows_the_files(bag: Path, capsys) -> None:
    assert main(["app", str(bag), "--push", "ada/page", "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "  models/bag/model.safetensors\n" in shown
    assert f"  {make_wheel().name} (made)\n" in shown
    assert f'sdk_version: "{gradio.__version__}"' in shown


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[LoopbackHub, list[dict]]:
    """What a process saw that pushed with faults, and then ran what it downloaded."""
    folder = tmp_path_factory.mktemp("space")
    model = save_recurrent(folder / "attentive", pooling="attention")
    save_vectors(vectors(), folder / "words.txt", "word2vec")
    (folder / "home").mkdir()
    with LoopbackHub() as hub:
        hub.store.create("model", "ada/bag", "ada", False, None)
        theirs = save_bag(folder / "of-the-hub")
        files = [Operation(p.name, Blob(p.read_bytes(), False)) for p in theirs.iterdir()]
        hub.store.commit(hub.store.repo("model", "ada/bag"), "main", files, "m", "", "ada")
        full = hub.store.create("space", "ada/full", "ada", False, "gradio")
        mine = [Operation("notes.md", Blob(b"mine", False))]
        hub.store.commit(full, "main", mine, "n", "", "ada")
        done = run_flow(hub, FLOW, model, folder / "words.txt", home=folder / "home")
        assert done.returncode == 0, done.stderr[-3000:]
        return hub, [json.loads(line) for line in done.stdout.splitlines()]


def cases(told: tuple[LoopbackHub, list[dict]], name: str) -> list[dict]:
    return [each for each in told[1] if each["case"] == name]


@pytest.mark.slow  # a Hub and processes of its own
def test_a_space_is_pushed_whole_in_one_commit(told) -> None:
    (whole,) = cases(told, "whole")
    assert not whole["failed"], whole["said"]
    repo = told[0].store.repo("space", "ada/new")
    assert repo.sdk == "gradio"
    assert len(list(repo.history(repo.resolve("main")))) == 2, "one commit beside the first"
    files = repo.resolve("main").files
    assert {"app.py", "requirements.txt", "models/attentive/model.safetensors"} <= set(files)
    assert files[make_wheel().name].content == make_wheel().content
    assert 'models:\n- "ada/bag"\n' in files["README.md"].content.decode()


@pytest.mark.slow  # a Hub and processes of its own
def test_what_was_there_stays(told) -> None:
    (full,) = cases(told, "full")
    assert not full["failed"], full["said"]
    assert "notes.md" in full["after"]["files"]
    (public,) = cases(told, "private into public")
    assert public["failed"]
    assert public["after"] == public["before"]
    (private,) = cases(told, "private")
    assert not private["failed"]
    assert told[0].store.repo("space", "ada/private").private


@pytest.mark.slow  # a Hub and processes of its own
def test_a_fault_leaves_nothing_behind(told) -> None:
    tried = cases(told, "fresh")
    assert len(tried) >= 3
    for case in tried:
        assert case["failed"]
        assert "\n" not in case["said"]
        untouched = case["after"] is None or case["after"]["files"] == [".gitattributes"]
        assert untouched, case
    assert any(case["after"] is None for case in tried)


@pytest.mark.slow  # a Hub and processes of its own
def test_the_downloaded_space_starts_and_answers(told) -> None:
    (ran,) = cases(told, "ran")
    assert ran["cards"] == ["attentive", "ada/bag"]
    assert ran["near"] == "man"
    assert not Path(ran["package"]).is_relative_to(Path(__file__).parents[2]), "not of the wheel"


@pytest.mark.slow  # a Hub and processes of its own
def test_a_model_that_nobody_has_is_one_sentence(told) -> None:
    (missing,) = cases(told, "missing")
    assert missing["said"].startswith("'ada/nothing' is no folder here, and the Hub has no such")
