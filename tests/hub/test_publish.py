"""A folder is published whole or not at all, and what was there before stays as it was."""

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
import torch
from huggingface_hub import ModelCard
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertForSequenceClassification

import hf_recurrent as hr
from hf_recurrent.__main__ import main
from hf_recurrent.hub import (
    DataRecord,
    Plot,
    PublishError,
    Record,
    RecordedResult,
    plan,
    publish,
    write_card,
)
from hf_recurrent.hub.check_model import check_model
from hf_recurrent.vectors import save_trained, train_vectors

from .flows.samples import make_samples

FLOWS = Path(__file__).with_name("flows")
RECORD = Record(
    title="GRU over random embeddings",
    task="text-classification",
    data=DataRecord("sms", hub_id="ucirvine/sms_spam"),
    results=(RecordedResult("accuracy", 0.9),),
    plots=(Plot("loss.svg", "Loss", "epoch", "loss", values=(0.7, 0.5)),),
    coverage="types: 9 of 10 have a vector (90.0%)",
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
    (folder / "notes.log").write_text("tried on Tuesday")
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("model"))


def test_a_dry_run_shows_files_and_card(model: Path, capsys) -> None:
    assert main(["publish", str(model), "ada/spam", "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "left out: training_args.bin (a pickle" in shown
    assert "  notes.txt\n" in shown
    assert "left out: notes.log (no kind of file that a model is known to need" in shown
    assert "README.md (made from the record)" in shown
    assert "library_name: hf-recurrent" in shown
    assert 'pipeline("text-classification", "ada/spam")("free entry")' in shown


def test_a_card_of_ours_is_kept_and_any_other_made_anew(tmp_path: Path, capsys) -> None:
    folder = save(tmp_path)
    (folder / "README.md").write_text("---\nlibrary_name: transformers\n---\n# Mine\n")
    assert "# spam" in plan(folder, "ada/spam").card
    capsys.readouterr()
    assert main(["publish", str(folder), "ada/spam", "--dry-run"]) == 0
    assert "README.md (made from the record, replaces yours)" in capsys.readouterr().out
    assert (folder / "README.md").read_text().endswith("# Mine\n")
    (folder / "README.md").write_text("---\nlibrary_name: hf-recurrent\n---\n# Mine\n")
    assert plan(folder, "ada/spam").card.endswith("# Mine\n")
    (folder / "README.md").write_text(
        "---\nlibrary_name: hf-recurrent\nlicense: mine\n---\n# Mine\n"
    )
    with pytest.raises(ValueError, match=rf"{folder}: The Hub knows no license 'mine'"):
        plan(folder, "ada/spam")


def test_a_card_that_nobody_changed_is_made_again_for_the_repository(tmp_path: Path) -> None:
    folder = save(tmp_path)
    write_card(folder, RECORD, "eve/elsewhere")
    planned = plan(folder, "ada/spam")
    assert planned.contents.keys() == {"README.md", "loss.svg", ".eval_results/sms.yaml"}
    assert 'pipeline("text-classification", "ada/spam")' in planned.card
    card = folder / "README.md"
    card.write_text(card.read_text() + "\nFrom the lab.\n")
    assert plan(folder, "ada/spam").card.endswith("From the lab.\n")


def test_a_card_is_made_anew_when_the_record_changed(tmp_path: Path, capsys) -> None:
    folder = save(tmp_path)
    write_card(folder, RECORD, "ada/spam")
    assert main(["publish", str(folder), "ada/spam", "--dry-run"]) == 0
    assert "README.md (made from the record)\n" in capsys.readouterr().out
    better = replace(RECORD, results=(RecordedResult("accuracy", 0.95),))
    better.save(folder)
    assert "| Accuracy | test | 95.0 % |\n" in plan(folder, "ada/spam").card
    card = folder / "README.md"
    card.write_text(card.read_text().replace("90.0 %", "99.0 %"))
    assert "99.0 %" in plan(folder, "ada/spam").card


def test_a_record_of_other_weights_is_refused(tmp_path: Path, capsys) -> None:
    folder = save(tmp_path)
    plan(folder, "ada/spam")
    weights = load_file(folder / "model.safetensors")
    weights["classifier.bias"] += 1
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    capsys.readouterr()
    assert main(["publish", str(folder), "ada/spam", "--dry-run"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "training_record.json is of other weights: remove it, or make it anew" in line
    RECORD.save(folder)
    plan(folder, "ada/spam")
    # One of before there were digests.
    save_file({"a": torch.zeros(1)} | weights, folder / "model.safetensors", {"format": "pt"})
    old = json.loads((folder / "training_record.json").read_text())
    del old["weights"]
    (folder / "training_record.json").write_text(json.dumps(old))
    plan(folder, "ada/spam")


@pytest.mark.parametrize(
    "front",
    ["tags: [a", "- a", "a: b: c", "model-index: 3", "model-index: [{}]", "library_name: ["],
)
def test_damaged_front_matter_is_one_sentence(front: str, model: Path, capsys, tmp_path) -> None:
    shutil.copytree(model, tmp_path / "model")
    (tmp_path / "model/README.md").write_text(f"---\nlibrary_name: hf-recurrent\n{front}\n---\nHi")
    assert main(["publish", str(tmp_path / "model"), "ada/spam", "--dry-run"]) in (0, 1)
    said = capsys.readouterr().err
    if not front.startswith("model-index"):
        (line,) = said.splitlines()
        assert "README.md: the front matter is damaged (" in line


def test_word_vectors_are_published_with_a_true_card(tmp_path: Path) -> None:
    sentences = [["king", "and", "queen", "of", "the", "land"]] * 20
    trained = train_vectors(sentences, "cbow", vector_size=4, workers=1, progress=False)
    save_trained(trained, tmp_path / "vectors")
    planned = plan(tmp_path / "vectors", "ada/vectors")
    assert planned.checked.left_out == {}
    assert planned.outputs["last_hidden_state"].shape[2] == 4
    data = ModelCard(planned.card).data
    assert data.tags == ["word-vectors", "cbow", "static-embedding"]
    assert data.pipeline_tag == "feature-extraction"
    for told in (
        "Word vectors of the kind cbow, 6 words of 4 numbers.",
        "120 words in 20 sentences.",
        'AutoModel.from_pretrained("ada/vectors")',
        "(training_loss.svg)",
    ):
        assert told in planned.card, told


def test_a_pull_request_goes_to_main(model: Path, capsys) -> None:
    with pytest.raises(ValueError, match="pull request goes to main, and the branch trial"):
        publish(plan(model, "ada/spam"), pull_request=True, revision="trial")
    options = ["--pull-request", "--revision", "trial"]
    assert main(["publish", str(model), "ada/spam", *options]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "leave out --revision, or --pull-request" in line


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.md", "token hf_" + "a" * 34, "notes.md, line 1: a token of the Hub"),
        ("run.txt", "\n-----BEGIN RSA " + "PRIVATE KEY-----", "run.txt, line 2: a private key"),
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


def test_a_false_alarm_is_accepted_by_its_place(tmp_path: Path, capsys) -> None:
    folder = save(tmp_path)
    (folder / "notes.md").write_text("token hf_" + "a" * 34 + "\n\npaths such as /home/ada\n")
    (folder / "more.txt").write_text("/data/models")
    command = ["publish", str(folder), "ada/spam", "--dry-run"]
    capsys.readouterr()

    assert main(command) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3, "all that is found is told, to be read"
    places = ("more.txt, line 1: ", "notes.md, line 1: ", "notes.md, line 3: ")
    for place in places:
        assert sum(place in line for line in lines) == 1, place
    assert "(2 more)" in lines[-1]
    assert "named by --accept, as FILE or FILE:LINE" in lines[-1]

    assert main([*command, "--accept", "notes.md:3", "--accept", "more.txt:1"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "notes.md, line 1: a token of the Hub" in line

    for accepted in (["notes.md", "more.txt"], ["notes.md:1", "notes.md:3", "more.txt:1"]):
        flags = [part for place in accepted for part in ("--accept", place)]
        assert main([*command, *flags]) == 0
        said = capsys.readouterr().out
        assert "  notes.md\n" in said
        assert all(f"  accepted: {place}" in said for place in places)
        assert "aaaa" not in said

    for wrong in ("notes.md:2", "other.md", "*.md", "config.json"):
        flags = ["--accept", "notes.md", "--accept", "more.txt", "--accept", wrong]
        assert main([*command, *flags]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert f"--accept names '{wrong}', where nothing" in line


@pytest.mark.parametrize(
    ("flags", "kind"),
    [
        ([], "private; --public makes it public"),
        (["--private"], "private"),
        (["--public"], "public, as --public says"),
    ],
)
def test_the_question_says_who_will_see_it(flags, kind, model: Path, capsys) -> None:
    with (
        mock.patch("sys.stdin.isatty", return_value=True, create=True),
        mock.patch("builtins.input", return_value="") as asked,
    ):
        assert main(["publish", str(model), "ada/spam", *flags]) == 1
    (question,) = asked.call_args.args
    assert question == f"Upload to ada/spam (if it is new, it will be {kind})? [y/N] "
    assert "Nothing was uploaded." in capsys.readouterr().out


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


def test_only_safetensors_are_published_and_only_they_are_loaded(tmp_path: Path, capsys) -> None:
    folder = save(tmp_path)
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(weights, folder / "pytorch_model.bin")
    with pytest.raises(ValueError, match=r"no weights as safetensors would be uploaded") as refused:
        plan(folder, "ada/spam")
    assert "\n" not in str(refused.value)
    with pytest.raises(ValueError, match="the model does not run"):
        check_model(folder, None)


def test_what_is_left_out_is_not_what_the_model_runs_by(tmp_path: Path) -> None:
    """Weights that are a link are left out: the folder runs, what is uploaded would not."""
    folder = save(tmp_path / "model")
    (folder / "model.safetensors").rename(tmp_path / "weights")
    (folder / "model.safetensors").symlink_to(tmp_path / "weights")
    check_model(folder, None)
    with pytest.raises(ValueError, match="no weights as safetensors"):
        plan(folder, "ada/spam")
    (folder / "model.safetensors").unlink()
    shutil.copy(tmp_path / "weights", folder / "model.safetensors")
    (folder / "tokenizer.json").rename(tmp_path / "tokenizer.json")
    (folder / "tokenizer.json").symlink_to(tmp_path / "tokenizer.json")
    with pytest.raises(ValueError, match="the model does not run") as refused:
        plan(folder, "ada/spam")
    assert f"{folder}: " in str(refused.value)


def test_every_kind_of_ours_runs_without_the_code_beside_it(tmp_path: Path, monkeypatch) -> None:
    for name, (model, tokenizer) in make_samples().items():
        model.save_pretrained(tmp_path / name)
        tokenizer.save_pretrained(tmp_path / name)
        (tmp_path / name / "configuration_recurrent.py").write_text("raise SystemExit")
        assert check_model(tmp_path / name, None), name


def test_a_model_of_others_is_not_published(tmp_path: Path, capsys) -> None:
    size = {"vocab_size": 10, "hidden_size": 4, "intermediate_size": 4}
    config = BertConfig(**size, num_hidden_layers=1, num_attention_heads=1)
    BertForSequenceClassification(config).save_pretrained(tmp_path)
    assert main(["publish", str(tmp_path), "ada/bert", "--dry-run"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "a BertForSequenceClassification, and this publishes models of hf-recurrent" in line
    assert main(["inspect", str(tmp_path)]) == 0


def test_inspect(model: Path, capsys) -> None:
    assert main(["inspect", str(model)]) == 0
    told = dict(line.split(":", 1) for line in capsys.readouterr().out.splitlines())
    assert told["cell"].strip() == "gru"
    assert "hidden_size 3" in told["sizes"]
    assert told["labels"].strip() == "ham, spam"
    assert told["results"].strip() == "accuracy 90.0 % (test)"
    assert told["vocabulary"].strip() == "10 words, lower case, unknown words are <unk>"
    assert told["coverage"].strip() == "types: 9 of 10 have a vector (90.0%)"
    # 12 embeddings of 4; 3 gates of 3 over 4 inputs and 3 states, two biases; 2 labels.
    numbers = 12 * 4 + 9 * (4 + 3 + 2) + 2 * 4
    assert told["weights"].strip().startswith(f"{numbers} numbers (F32)")
    assert main(["inspect", str(model / "nowhere")]) == 1


def test_without_a_terminal_it_must_be_told_not_to_ask(model: Path, capsys) -> None:
    with mock.patch("sys.stdin", io.StringIO("y\n")):
        assert main(["publish", str(model), "ada/spam"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "no terminal to ask on: say --yes" in line


def test_files_of_other_kinds_are_named(model: Path, capsys) -> None:
    options = ["--dry-run", "--include", "*.log"]
    assert main(["publish", str(model), "ada/spam", *options]) == 0
    assert "  notes.log\n" in capsys.readouterr().out
    assert main(["publish", str(model), "ada/spam", "--dry-run", "--include", "x"]) == 1
    assert "--include names 'x'" in capsys.readouterr().err


def test_weights_that_are_missing_are_named(tmp_path: Path, capsys) -> None:
    folder = save(tmp_path)
    weights = load_file(folder / "model.safetensors")
    del weights["classifier.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    RECORD.save(folder)
    capsys.readouterr()
    assert main(["publish", str(folder), "ada/spam", "--dry-run"]) == 1
    assert "the weights of classifier.weight are missing" in capsys.readouterr().err


def test_a_license_that_is_given_goes_into_the_card(tmp_path: Path) -> None:
    folder = save(tmp_path)
    planned = plan(folder, "ada/spam", license="mit")
    assert ModelCard(planned.card).data.license == "mit"
    with pytest.raises(ValueError, match="knows no license 'MIT'"):
        plan(folder, "ada/spam", license="MIT")
    (folder / "README.md").write_text(planned.card + "My own words.")
    assert "My own words." in plan(folder, "ada/spam").card
    with pytest.raises(ValueError, match=r"README.md was edited and is kept: write the license"):
        plan(folder, "ada/spam", license="mit")


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
@pytest.mark.parametrize("kept", [0, 16 << 20], ids=["by path", "held"])
def test_a_file_that_changed_since_stops_it(
    name: str, kept: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether files are held in memory or sent from where they lie."""
    monkeypatch.setattr("hf_recurrent.hub.upload._KEPT", kept)
    folder = save(tmp_path)
    planned = plan(folder, "ada/spam")
    with (folder / name).open("ab") as file:
        file.write(b" ")
    with (
        mock.patch("hf_recurrent.hub.publication.upload") as sent,
        pytest.raises(PublishError, match=f"{name} has changed since it was looked through"),
    ):
        publish(planned)
    (folder / name).unlink()
    with (
        mock.patch("hf_recurrent.hub.publication.upload", sent),
        pytest.raises(PublishError, match=f"{name} cannot be read any more"),
    ):
        publish(planned)
    assert not sent.called


def test_inspect_does_not_let_a_label_steer_the_terminal(model: Path, tmp_path, capsys) -> None:
    shutil.copytree(model, tmp_path / "model")
    path = tmp_path / "model" / "config.json"
    path.write_text(path.read_text().replace("spam", "\\u001b[31mspam\\u202e"))
    assert main(["inspect", str(tmp_path / "model")]) == 0
    shown = capsys.readouterr().out
    assert r"ham, \x1b[31mspam\u202e" in shown
    assert "\x1b" not in shown
