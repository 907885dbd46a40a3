"""The benchmark of hard training: its data, its resumed file, and its table."""

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pytest
import torch
from gensim.models import KeyedVectors

from ..benchmark.conftest import BAD, FILLERS, GOOD, sentences

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark_hard_training.py"


@pytest.fixture
def script() -> dict[str, Any]:
    """Return the names of the script, with made-up data and vectors in place of the packages."""
    names = runpy.run_path(str(SCRIPT))
    features = datasets.Features(
        text=datasets.Value("string"), label=datasets.ClassLabel(names=["bad", "good"])
    )

    def part(count: int) -> datasets.Dataset:
        rows = [{"text": text, "label": int(label == "good")} for text, label in sentences(count)]
        return datasets.Dataset.from_list(rows, features=features)

    parts = {"train": part(200), "validation": part(40), "test": part(40)}
    words = [*GOOD, *BAD, *FILLERS]
    vectors = KeyedVectors(8)
    vectors.add_vectors(words, np.random.default_rng(0).normal(size=(len(words), 8)))
    inside = names["main"].__globals__
    inside |= {"loaded": lambda source: parts, "load_vectors": lambda name: vectors}
    return inside


def run(script: dict[str, Any], monkeypatch: pytest.MonkeyPatch, *flags: str) -> None:
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *flags])
    threads = torch.get_num_threads()
    try:
        script["main"]()
    finally:
        torch.set_num_threads(threads)


def test_the_rows_that_are_trained_on(script) -> None:
    data, rows = script["DATA"], script["loaded"]("")["train"]
    cut, wrong = script["training_rows"](data["spam"], 0)
    labels = np.asarray(cut["label"][:])
    ham = rows["label"][:].count(0)
    assert (labels == 0).sum() == ham
    assert (labels == 1).sum() == round(0.02 / 0.98 * ham)
    assert not wrong.any()
    flipped, wrong = script["training_rows"](data["flipped"], 1)
    assert flipped.features == rows.features
    assert flipped["text"][:] == rows["text"][:]
    differs = np.asarray(flipped["label"][:]) != np.asarray(rows["label"][:])
    assert differs.tolist() == wrong.tolist()
    assert wrong.sum() == 40


def test_a_stopped_table_goes_on(script, tmp_path: Path, monkeypatch, capsys) -> None:
    output = tmp_path / "rows.jsonl"
    flags = ["--output", str(output), "--seeds", "1"]
    run(script, monkeypatch, *flags, "--data", "flipped", "--methods", "self-paced", "easy-first")
    capsys.readouterr()
    kept = output.read_text().splitlines()
    assert [json.loads(line)["method"] for line in kept] == ["self-paced", "easy-first"]
    # The last line is cut off, as by a full disk, and one row more is asked for.
    output.write_text(kept[0] + "\n" + kept[1][:40])
    run(script, monkeypatch, *flags, "--data", "flipped", "--methods", "plain", "self-paced")
    printed = capsys.readouterr().out
    assert "1 of 1: flipped, plain, seed 0" in printed
    lines = [json.loads(line) for line in output.read_text().splitlines()]
    assert [line["method"] for line in lines] == ["self-paced", "plain"]
    assert json.dumps(lines[0]) == kept[0]
    accuracies = {line["method"]: 100 * line["test"]["accuracy"] for line in lines}
    gain = accuracies["self-paced"] - accuracies["plain"]
    row = next(line for line in printed.splitlines() if line.startswith("| self-paced"))
    assert f"| {accuracies['self-paced']:.1f} | {gain:+.1f} |" in row
    assert "wrong labels learnt, %" in printed


def test_rare_classes_are_judged_by_two_metrics(
    script, tmp_path: Path, monkeypatch, capsys
) -> None:
    flags = ["--output", str(tmp_path / "rows.jsonl"), "--seeds", "1", "--data", "spam"]
    run(script, monkeypatch, *flags, "--methods", "balanced")
    (row,) = map(json.loads, (tmp_path / "rows.jsonl").read_text().splitlines())
    assert row["test"].keys() == row["epoch"].keys() == {"average_precision", "f1"}
    assert "test average precision, %" in capsys.readouterr().out
