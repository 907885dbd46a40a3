"""The comparison of taggers, from files to the page, the card and the command."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from gensim.models import KeyedVectors
from transformers import AutoModelForTokenClassification, AutoTokenizer, pipeline

from hf_recurrent import RecurrentConfig, RecurrentForTokenClassification
from hf_recurrent.__main__ import main
from hf_recurrent.benchmark import BenchmarkSettings, benchmark
from hf_recurrent.benchmark.settings import choose_task
from hf_recurrent.hub import Record, plan
from hf_recurrent.tasks import get_task, input_layers
from hf_recurrent.tasks.input_layers import frozen_fields, load_inputs, make_inputs
from hf_recurrent.tasks.model_rows import Search
from hf_recurrent.tasks.token_classification import fitting
from hf_recurrent.tasks.token_classification.data import load_tagging_dataset
from hf_recurrent.tasks.token_classification.encoding import encode_sentences, scheme_of_rows, tag
from hf_recurrent.tasks.token_classification.judging import judge
from hf_recurrent.tasks.word_vectors import Embedding
from tests.common.tokenizer import piece_tokenizer

RANDOM = (Embedding("random", True),)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = {"learning_rate": 0.02, "hidden_size": 8, "batch_size": 8}
    values = Search.values
    monkeypatch.setattr(
        Search, "values", lambda self, *given: [e | changes for e in values(self, *given)]
    )


def test_a_comparison_of_taggers(names: Path, small, no_children, tmp_path: Path, capsys) -> None:
    settings = BenchmarkSettings(
        task="token-classification",
        dataset=str(names),
        models=("most-frequent", "feature-crf", "bigru", "bilstm-crf"),
        embeddings=RANDOM,
        seeds=1,
        epochs=6,
        threads=1,
    )
    output = tmp_path / "out"
    assert benchmark(settings, output) == 0
    rows = [json.loads(line) for line in (output / "results.jsonl").read_text().splitlines()]
    assert len(rows) == 4
    for row in rows:
        assert set(row["result"]["test"]) == {"f1", "precision", "recall", "f1_strict", "accuracy"}
        assert row["result"]["test"]["f1"] > 0.8, row["job"]["model"]
    printed = capsys.readouterr().out
    assert "Latency is from words to tags, one sentence at a time" in printed
    page = (output / "report.html").read_text(encoding="utf-8")
    for told in ("Tagged sentences", "<small>B-PER</small>", "F1 counts whole spans", "strict F1"):
        assert told in page, told
    confused = rows[-1]["result"]["examples"][-1]["confusion"]
    assert confused["names"] == ["LOC", "PER", "no name"]
    assert '<th scope="row">no name</th>' in page

    best = output / "best"
    record = Record.load(best)
    assert record.task == "token-classification"
    assert {result.metric for result in record.results} == set(rows[0]["result"]["test"])
    card = plan(best, "ada/names").card
    assert "pipeline_tag: token-classification" in card
    assert "F1 of spans" in card
    assert 'pipeline("token-classification"' in card
    model = AutoModelForTokenClassification.from_pretrained(best)
    tokenizer = AutoTokenizer.from_pretrained(best)
    words = ["grace", "lives", "in", "new", "york", "."]
    (tags,) = tag(model, tokenizer, [words])
    assert tags == ["B-PER", "O", "O", "B-LOC", "I-LOC", "O"]
    found = pipeline("token-classification", str(best), aggregation_strategy="simple")(
        " ".join(words)
    )
    assert [(each["entity_group"], each["word"]) for each in found] == [
        ("PER", "grace"),
        ("LOC", "new york"),
    ]

    assert main(["predict", str(best), "grace lives in oslo .", ""]) == 0
    assert capsys.readouterr().out == "grace/B-PER lives/O in/O oslo/B-LOC ./O\n\n"
    assert main(["predict", "--attention", str(best), "grace"]) != 0
    assert "leave out --attention" in capsys.readouterr().err


def test_tags_of_words_choose_by_accuracy_and_spans_by_f1(names: Path, tmp_path: Path) -> None:
    task = get_task("token-classification")
    spans = task.for_data(load_tagging_dataset(names)["train"])
    assert (spans.chosen_by, spans.chooser.title) == ("f1", "F1")
    path = tmp_path / "words.conll"
    path.write_text("\n\n".join(f"w{n} {'AB'[n % 2]}" for n in range(30)) + "\n")
    words = task.for_data(load_tagging_dataset(path)["train"])
    assert words.chosen_by == "accuracy"
    assert [metric.key for metric in words.metrics] == ["accuracy", "accuracy_unseen"]


def test_data_and_columns_choose_tagging(tmp_path: Path) -> None:
    (tmp_path / "dev.conll").write_text("a O\n")
    assert choose_task(None, "wnut17").id == "token-classification"
    assert choose_task(None, "owner/set", {"tags_column": "pos"}).id == "token-classification"
    for chosen in (
        choose_task(None, "owner/set", models=["feature-crf"]),
        choose_task(None, "owner/set", models=["bilstm", "bilstm-crf"]),
        choose_task(None, str(tmp_path / "train.CONLLU.gz")),
        choose_task(None, str(tmp_path)),
        choose_task(None, str(tmp_path), models=["no-such-model"]),
    ):
        assert chosen.id == "token-classification"
    for chosen in (
        choose_task(None, "owner/set", models=["bilstm"]),
        choose_task(None, "owner/set", models=["no-such-model"]),
        choose_task(None, str(tmp_path), {"text_column": "text"}),
        choose_task(None, "no\0name"),
    ):
        assert chosen.id == "text-classification"
    with pytest.raises(ValueError, match="'wnut17' is for token-classification, and not for text"):
        choose_task("text-classification", "wnut17")


def test_accuracy_on_unseen_words_is_of_exact_forms(tmp_path: Path) -> None:
    for part, text in (("train", "a X\nB Y\n"), ("dev", "a X\n"), ("test", "b Y\na Y\nc X\n")):
        (tmp_path / f"{part}.conll").write_text(text)
    data = load_tagging_dataset(tmp_path)
    told = judge([["Y", "Y", "Y"]], data["test"], data["train"])
    assert told == {
        "accuracy": pytest.approx(2 / 3),
        "accuracy_unseen": 0.5,
        "unseen_words": 2,
    }
    # Where no word is unseen there is no such figure.
    assert judge([["Y"]], data["validation"], data["train"]).keys() == {"accuracy", "unseen_words"}


def test_a_figure_that_the_test_part_lacks_is_an_empty_cell(
    tmp_path: Path, no_children, capsys
) -> None:
    for part in ("train", "dev", "test"):
        (tmp_path / f"{part}.conll").write_text("a X\nb Y\n\nb Y\n")
    settings = BenchmarkSettings(
        task="token-classification", dataset=str(tmp_path), models=("most-frequent",), seeds=1
    )
    output = tmp_path / "out"
    assert benchmark(settings, output) == 0
    (row,) = (output / "results.jsonl").read_text().splitlines()
    assert "NaN" not in row
    assert json.loads(row)["result"]["test"] == {"accuracy": 1.0}
    assert re.search(r"most-frequent +100\.0 +– ", capsys.readouterr().out)
    assert "<td>–</td>" in (output / "report.html").read_text(encoding="utf-8")


def test_tags_that_begin_with_i_hold_a_crf_to_nothing(tmp_path: Path, names: Path) -> None:
    assert scheme_of_rows(load_tagging_dataset(names)["train"]) == "IOB2"
    iob1 = "a I-PER\nd O\n\nb I-LOC\nc B-LOC\n"
    for part in ("train", "dev", "test"):
        (tmp_path / f"{part}.conll").write_text(iob1)
    train = load_tagging_dataset(tmp_path)["train"]
    assert scheme_of_rows(train) == "IOB1"
    assert fitting._CONSTRAINTS.get(scheme_of_rows(train)) is None


@pytest.mark.parametrize("vectors", ["random", "glove"])
def test_frozen_vectors_leave_the_characters_beside_them_to_training(
    vectors: str, tmp_path: Path, monkeypatch
) -> None:
    keyed = KeyedVectors(3)
    keyed.add_vectors(["good", "film"], np.ones((2, 3), dtype=np.float32))
    monkeypatch.setattr(input_layers, "load_vectors", lambda name: keyed)
    make_inputs(vectors, ["good film good"], tmp_path, words_are_given=True, characters="cnn")
    inputs = load_inputs(tmp_path)
    config = inputs.config | frozen_fields(inputs.config, True)
    model = RecurrentForTokenClassification(RecurrentConfig(hidden_size=4, **config))
    trained = {
        name.split(".")[3]: parameter.requires_grad
        for name, parameter in model.named_parameters()
        if "embed_tokens" in name
    }
    assert trained == {"0": False, "1": True}
    assert frozen_fields(inputs.config, False) == {"freeze_embeddings": False}
    assert frozen_fields({"embedding_config": None}, True) == {"freeze_embeddings": True}


def test_a_word_with_a_space_is_one_step_with_labels_and_without(tmp_path: Path) -> None:
    make_inputs("random", ["a b c", "a b c"], tmp_path, words_are_given=True)
    tokenizer = load_inputs(tmp_path).tokenizer
    batch = tokenizer([["a b", "c"]], is_split_into_words=True, return_tensors="pt")
    assert batch["word_starts"].tolist() == [[1, 0, 1]]
    torch.manual_seed(0)
    config = RecurrentConfig(vocab_size=len(tokenizer), hidden_size=4, num_labels=3, crf=True)
    model = RecurrentForTokenClassification(config).eval()
    with_labels = model(**batch, labels=torch.tensor([[1, -100, 2]]))
    assert torch.equal(with_labels.predictions, model(**batch).predictions)
    assert with_labels.predictions[0, 0] == with_labels.predictions[0, 1]
    (tags,) = tag(model, tokenizer, [["a b", "c"]])
    assert len(tags) == 2


def test_pieces_are_labelled_at_the_first_of_each_word(names: Path) -> None:
    data = load_tagging_dataset(names)
    tokenizer = piece_tokenizer()
    rows = encode_sentences(data["test"], tokenizer, 64)
    for encoded, row in zip(rows, data["test"], strict=True):
        assert [label for label in encoded["labels"] if label != -100] == row["tags"]
        assert len(encoded["labels"]) == len(encoded["input_ids"])
    cut = encode_sentences(data["test"], tokenizer, 3)
    assert max(map(len, cut["labels"])) == 3
