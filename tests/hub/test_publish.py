"""A folder is published whole or not at all, and what was there before stays as it was."""

import json
from pathlib import Path

import pytest
import torch
from huggingface_hub import ModelCard

import hf_recurrent as hr
from hf_recurrent.__main__ import main
from hf_recurrent.hub import DataRecord, Record, RecordedResult, plan
from tests.loopback_hub import LoopbackHub
from tests.loopback_hub.flows import run_flow
from tests.loopback_hub.store import Blob, Operation

FLOWS = Path(__file__).with_name("flows")
RECORD = Record(
    title="GRU over random embeddings",
    task="text-classification",
    data=DataRecord("sms", hub_id="ucirvine/sms_spam"),
    results=(RecordedResult("accuracy", 0.9),),
    example="free entry",
)


def save(folder: Path) -> Path:
    """Save a small classifier as a user has it after training."""
    tokenizer = hr.tokenizer_from_texts(["free entry in a weekly competition", "see you at home"])
    config = hr.RecurrentConfig(
        vocab_size=len(tokenizer),
        embedding_size=4,
        hidden_size=3,
        cell_type="gru",
        pad_token_id=tokenizer.pad_token_id,
        id2label={0: "ham", 1: "spam"},
        label2id={"ham": 0, "spam": 1},
    )
    torch.manual_seed(0)
    hr.RecurrentForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    RECORD.save(folder)
    torch.save({"lr": 0.1}, folder / "training_args.bin")
    (folder / "notes.txt").write_text("tried on Monday")
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("model"))


def test_a_dry_run_shows_files_and_card(model: Path, capsys) -> None:
    assert main(["publish", str(model), "ada/spam", "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "left out: training_args.bin (a pickle" in shown
    assert "notes.txt (no file of a model that is known here)" in shown
    assert "README.md (made from the record)" in shown
    assert "library_name: hf-recurrent" in shown
    assert 'pipeline("text-classification", "ada/spam")("free entry")' in shown


def test_a_card_of_ours_is_kept_and_any_other_made_anew(tmp_path: Path) -> None:
    folder = save(tmp_path)
    (folder / "README.md").write_text("---\nlibrary_name: transformers\n---\n# Mine\n")
    assert "# spam" in plan(folder, "ada/spam").card
    (folder / "README.md").write_text("---\nlibrary_name: hf-recurrent\n---\n# Mine\n")
    assert plan(folder, "ada/spam").card.endswith("# Mine\n")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.md", "token hf_" + "a" * 34, "notes.md, line 1: a token of the Hub"),
        ("run.py", "\n-----BEGIN RSA PRIVATE KEY-----", "run.py, line 2: a private key"),
        ("train.json", '{"dir": "/home/ada/models"}', "'/home/ada' is a path of a machine"),
        ("train.yaml", r"dir: C:\Users\ada\models", "is a path of a machine"),
    ],
)
def test_what_is_private_is_refused(
    name: str, content: str, said: str, tmp_path: Path, capsys
) -> None:
    folder = save(tmp_path)
    (folder / name).write_text(content)
    capsys.readouterr()
    assert main(["publish", str(folder), "ada/spam", "--dry-run"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert "aaaa" not in line


def test_a_model_that_does_not_run_is_refused(model: Path, tmp_path: Path, capsys) -> None:
    folder = save(tmp_path)
    (folder / "model.safetensors").write_bytes(b"damaged")
    assert main(["publish", str(folder), "ada/spam", "--dry-run"]) == 1
    assert "the model does not run" in capsys.readouterr().err
    assert main(["inspect", str(folder)]) == 1
    assert "the weights are damaged" in capsys.readouterr().err
    (folder / "config.json").unlink()
    assert main(["publish", str(folder), "ada/spam", "--dry-run"]) == 1
    assert "holds no config.json" in capsys.readouterr().err
    assert main(["publish", str(model), "spam", "--dry-run"]) == 1
    assert "expected OWNER/NAME" in capsys.readouterr().err


def test_inspect(model: Path, capsys) -> None:
    assert main(["inspect", str(model)]) == 0
    told = dict(line.split(":", 1) for line in capsys.readouterr().out.splitlines())
    assert told["cell"].strip() == "gru"
    assert "hidden_size 3" in told["sizes"]
    assert told["labels"].strip() == "ham, spam"
    assert told["results"].strip() == "accuracy 0.900 (test)"
    # 12 embeddings of 4; 3 gates of 3 over 4 inputs and 3 states, two biases; 2 labels.
    numbers = 12 * 4 + 9 * (4 + 3 + 2) + 2 * 4
    assert told["weights"].strip().startswith(f"{numbers} numbers (F32)")
    assert main(["inspect", str(model / "nowhere")]) == 1


@pytest.fixture(scope="module")
def told(model: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[LoopbackHub, list[dict]]:
    """What a process saw that published with a fault at every request in turn."""
    home = tmp_path_factory.mktemp("home")
    with LoopbackHub() as hub:
        full = hub.store.create("model", "ada/full", "ada", False, None)
        theirs = [Operation("config.json", Blob(b"{}", False)), Operation("a", Blob(b"a", False))]
        hub.store.commit(full, "main", theirs, "Theirs", "", "ada")
        hub.store.create("model", "bob/taken", "bob", True, None)
        done = run_flow(hub, FLOWS / "publish.py", model, home=home, timeout=500)
        assert done.returncode == 0, done.stderr[-3000:]
        return hub, [json.loads(line) for line in done.stdout.splitlines()]


def cases(told: tuple[LoopbackHub, list[dict]], name: str) -> list[dict]:
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


def test_a_name_that_is_taken(told) -> None:
    (taken,) = cases(told, "name taken")
    assert taken["failed"]
    assert taken["after"] == taken["before"]
    assert "the token may not write there" in taken["said"]


def test_a_fault_at_any_request_leaves_nothing_behind(told) -> None:
    tried = cases(told, "fresh")
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


def test_a_full_repository_is_never_touched(told) -> None:
    tried = cases(told, "full")
    assert sum(case["failed"] for case in tried) > 10
    first = tried[0]["before"]
    for case in tried:
        where = f"request {case['at']}, status {case['status']}: {case['said']}"
        assert case["after"]["branches"]["main"] == first["branches"]["main"], where
        assert case["after"]["files"] == first["files"], where
        if case["failed"] and "other" in case["before"]["branches"]:
            # Nor is a branch that an earlier run made.
            assert "other" in case["after"]["branches"], where
