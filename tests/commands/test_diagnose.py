"""``diagnose`` reads texts, data or random words, and prints and writes what it measured."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer, BertConfig, BertModel

from hf_recurrent import (
    CharTokenizer,
    RecurrentConfig,
    RecurrentForCausalLM,
    RecurrentForSequenceClassification,
    RecurrentForTokenClassification,
    RecurrentModel,
    StaticEmbeddingConfig,
    StaticEmbeddingModel,
    tokenizer_from_texts,
)
from hf_recurrent.__main__ import main
from hf_recurrent.hub import Record
from hf_recurrent.tasks.diagnosis import diagnose
from hf_recurrent.tasks.memory.fitting import MODEL_FIELDS
from hf_recurrent.training import gradient_flow

from ..benchmark.conftest import sentences, write_csv

TEXTS = ["a fine film", "not dull at all"]


def save(folder: Path, kind: Any = RecurrentForSequenceClassification, **fields: Any) -> str:
    """Save a model, and its tokenizer if it reads words."""
    rows = [text for text, _ in sentences(40)]
    tokenizer = tokenizer_from_texts([*rows, "a fine film , not dull at all"])
    settings = {
        "vocab_size": len(tokenizer),
        "embedding_size": 4,
        "hidden_size": 3,
        "pad_token_id": tokenizer.pad_token_id,
        "id2label": {0: "good", 1: "bad"},
        "label2id": {"good": 0, "bad": 1},
    }
    torch.manual_seed(0)
    model = kind(RecurrentConfig(**{**settings, **fields}))
    model.save_pretrained(folder)
    if model.main_input_name == "input_ids":
        tokenizer.save_pretrained(folder)
    return str(folder)


def norms(flow: Any) -> list[np.ndarray]:
    return [each.norms for each in flow.states]


def assert_same(one: Any, other: Any) -> None:
    assert one.of == other.of
    for first, second in zip(norms(one), norms(other), strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-6)


def test_random_words_are_read_by_default(tmp_path: Path, capsys) -> None:
    source = save(tmp_path)
    assert main(["diagnose", source]) == 0
    shown = capsys.readouterr().out
    assert "the score of the last step by the states (lstm, 16 rows, up to 100 steps):" in shown
    assert "forget" in shown
    assert main(["diagnose", source]) == 0
    assert capsys.readouterr().out == shown
    assert main(["diagnose", source, "--seed", "1", "--rows", "2", "--max-length", "7"]) == 0
    assert "2 rows, up to 7 steps" in capsys.readouterr().out


def test_texts_are_read_as_the_tokenizer_reads_them(tmp_path: Path, capsys) -> None:
    source = save(tmp_path, pooling="max")
    model = RecurrentForSequenceClassification.from_pretrained(source)
    batch = AutoTokenizer.from_pretrained(source)(TEXTS, padding=True, return_tensors="pt")
    assert_same(diagnose(source, TEXTS), gradient_flow(model, batch))
    assert diagnose(source, TEXTS, max_length=2).steps == 2
    assert main(["diagnose", source, *TEXTS]) == 0
    assert "2 rows, up to 4 steps" in capsys.readouterr().out


@pytest.mark.parametrize("kind", [RecurrentModel, RecurrentForTokenClassification])
def test_other_models_are_read_too(kind, tmp_path: Path, capsys) -> None:
    source = save(tmp_path, kind, cell_type="gru", bidirectional=True, num_hidden_layers=2)
    assert main(["diagnose", source, *TEXTS]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(" hidden " in line for line in lines) == 4


def test_a_language_model_predicts_what_it_reads(tmp_path: Path) -> None:
    source = save(tmp_path, RecurrentForCausalLM)
    for flow in (diagnose(source, rows=2, max_length=9), diagnose(source, TEXTS)):
        assert (flow.of, flow.rows) == ("the loss of the last step", 2)
    # The last word is only predicted.
    lengths = (~np.isnan(norms(diagnose(source, TEXTS))[0])).sum(1).tolist()
    assert lengths == [2, 3]
    assert diagnose(source, TEXTS, loss="whole").of == "the whole loss"


def test_a_model_over_frames_needs_no_texts(tmp_path: Path) -> None:
    frames = {"kind": "frames", "num_channels": 3}
    source = save(tmp_path / "frames", embedding_config=frames)
    assert diagnose(source, rows=2, max_length=9).steps == 9
    with pytest.raises(ValueError, match="reads input_features and no texts"):
        diagnose(source, TEXTS)


def test_random_words_go_through_a_tokenizer_of_characters(tmp_path: Path) -> None:
    source = save(tmp_path)
    words = AutoTokenizer.from_pretrained(source)
    tokenizer = CharTokenizer.from_tokenizer(words, alphabet="abcdefg")
    save(tmp_path, embedding_config={"kind": "char_lstm", "num_characters": 20})
    tokenizer.save_pretrained(tmp_path)
    assert diagnose(source, rows=2, max_length=9).steps == 9


def test_labelled_data_are_read_by_the_task(tmp_path: Path, capsys) -> None:
    """The label ids of the data are in alphabetical order, and those of the model are not."""
    source = save(tmp_path / "model", pooling="last")
    data = str(write_csv(tmp_path / "reviews.csv", sentences(60)))
    flow = diagnose(source, dataset=data, rows=5, loss="whole")
    assert flow.of == "the whole loss"
    assert flow.rows == 5
    from hf_recurrent import load_text_dataset

    rows = load_text_dataset(data)["validation"].select(range(5))
    names = rows.features["label"].names
    assert names == ["bad", "good"]
    model = RecurrentForSequenceClassification.from_pretrained(source)
    batch = AutoTokenizer.from_pretrained(source)(
        rows["text"][:], padding=True, return_tensors="pt"
    )
    labels = torch.tensor([1 - label for label in rows["label"]])
    assert_same(flow, gradient_flow(model, {**batch, "labels": labels}, loss="whole"))
    assert main(["diagnose", source, "--dataset", data, "--rows", "5"]) == 0
    assert "the loss of the last step by the states (lstm, 5 rows" in capsys.readouterr().out


def test_tagged_data_are_read_by_the_task(tmp_path: Path) -> None:
    source = save(
        tmp_path / "model",
        RecurrentForTokenClassification,
        id2label={0: "O", 1: "X"},
        label2id={"O": 0, "X": 1},
    )
    lines = [
        [f"{word}\t{'X' if n else 'O'}" for n, word in enumerate(text.split())]
        for text, _ in sentences(40)
    ]
    data = tmp_path / "tags.conll"
    data.write_text("\n\n".join("\n".join(each) for each in lines) + "\n")
    flow = diagnose(source, dataset=str(data), rows=3)
    assert (flow.of, flow.rows) == ("the loss of the last step", 3)


@pytest.mark.parametrize(("task", "steps"), [("copying", 120), ("adding", 100)])
def test_models_of_memory_tasks_read_their_own_rows(task: str, steps: int, tmp_path: Path) -> None:
    heads = {"copying": RecurrentForTokenClassification}
    kind = heads.get(task, RecurrentForSequenceClassification)
    model = kind(RecurrentConfig(hidden_size=4, **MODEL_FIELDS[task]))
    model.save_pretrained(tmp_path)
    Record(task=task).save(tmp_path)
    flow = diagnose(str(tmp_path), dataset=task, rows=3)
    assert (flow.of, flow.rows) == ("the loss of the last step", 3)
    assert flow.steps == steps


def test_numbers_and_plots_are_written(tmp_path: Path, capsys) -> None:
    source = save(tmp_path / "model")
    files = [str(tmp_path / f"flow{ending}") for ending in (".json", ".svg", ".png")]
    flags = [word for file in files for word in ("--output", file)]
    assert main(["diagnose", source, *TEXTS, *flags]) == 0
    assert capsys.readouterr().out.splitlines()[-3:] == [
        f"{files[0]}: numbers",
        f"{files[1]}: plot",
        f"{files[2]}: plot",
    ]
    numbers = json.loads(Path(files[0]).read_text())
    assert numbers == {"model": "model", **diagnose(source, TEXTS).to_dict()}
    assert len(numbers["states"][0]["median"]) == numbers["steps"] == 4
    assert "model: gradient of the score of the last step" in Path(files[1]).read_text()
    assert Path(files[2]).read_bytes().startswith(b"\x89PNG")


def static(folder: Path) -> str:
    StaticEmbeddingModel(StaticEmbeddingConfig(vocab_size=9)).save_pretrained(folder)
    return str(folder)


def foreign(folder: Path) -> str:
    config = BertConfig(
        vocab_size=9, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8
    )
    BertModel(config).save_pretrained(folder)
    return str(folder)


def nothing(folder: Path) -> str:
    return str(folder / "nowhere")


def empty(folder: Path) -> str:
    return str(folder)


@pytest.mark.parametrize(
    ("make", "flags", "sentence"),
    [
        (static, [], "StaticEmbeddingModel has no recurrent layers, expected RecurrentModel or"),
        (foreign, [], "is a BertModel, expected a recurrent model of hf_recurrent."),
        (nothing, [], "is no folder here"),
        (empty, [], "holds no config.json, so it is no model."),
        (save, ["dull"], "the longest row of the batch has 1 step, expected at least 2"),
        (save, [""], "the longest row of the batch has 0 steps, expected at least 2"),
        (save, ["--max-length", "1"], "the longest row of the batch has 1 step, expected"),
        (save, ["--max-length", "0"], "--max-length is 0, expected at least 1."),
        (save, ["--rows", "0"], "--rows is 0, expected at least 1."),
        (save, [*TEXTS, "--rows", "2"], "--rows is for data and random words"),
        (save, [*TEXTS, "--dataset", "sst2"], "--dataset is given beside texts"),
        (save, ["--data-dir", "here"], "--data-dir is the folder of a named data set, and none"),
        (save, ["--dataset", "no-such-data"], "'no-such-data' is neither a file"),
        (save, [*TEXTS, "--loss", "whole"], "--loss is 'whole', and that needs"),
        (nothing, ["--output", "flow.gif"], "flow.gif: expected a file name that ends with .json"),
        (save, ["--output", "no/where/flow.svg"], "no/where/flow.svg"),
    ],
)
def test_what_cannot_be_diagnosed_is_one_sentence(
    make, flags, sentence, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    source = make(tmp_path)
    capsys.readouterr()  # saving shows its progress
    assert main(["diagnose", source, *flags]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("hf-recurrent: ")
    assert sentence in line


def test_labels_that_the_model_does_not_know_are_named(tmp_path: Path, capsys) -> None:
    source = save(tmp_path / "model", id2label={0: "fine", 1: "poor"}, label2id={})
    data = str(write_csv(tmp_path / "reviews.csv", sentences(60)))
    assert main(["diagnose", source, "--dataset", data]) == 1
    said = capsys.readouterr().err
    assert "has 2 labels that" in said
    assert "'bad' and 'good': expected fine, poor." in said
