"""The comparison of language models, from a text to the page, the card and the command."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline

from hf_recurrent.__main__ import main
from hf_recurrent.benchmark import BenchmarkSettings, benchmark
from hf_recurrent.hub import Record, plan
from hf_recurrent.tasks.model_rows import Search

SUBJECTS = ("the cat", "a dog", "the old king", "my friend")
DOINGS = ("sleeps", "runs away", "sings, and laughs", "says: “no”")


def write_documents(folder: Path, number: int = 20) -> Path:
    random = np.random.default_rng(0)
    folder.mkdir()
    for place in range(number):
        lines = [f"{SUBJECTS[random.integers(4)]} {DOINGS[random.integers(4)]}." for _ in range(30)]
        text = "\n".join(lines) + f"\nRare{'abcdefghijklmnopqrstuvwxyz'[place]} words here.\n"
        (folder / f"{place:02}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = {"parameters": 40_000, "batch_size": 2, "window": 64, "learning_rate": 0.01}
    values = Search.values
    monkeypatch.setattr(
        Search, "values", lambda self, *given: [e | changes for e in values(self, *given)]
    )


@pytest.mark.parametrize("kind", ["words", pytest.param("bytes", marks=pytest.mark.slow)])
def test_a_comparison_of_language_models(
    kind: str, small, no_children, tmp_path: Path, capsys
) -> None:
    names = (
        ("unigram", "kneser-ney", "lstm", "mingru", "gpt2") if kind == "words" else ("awd-lstm",)
    )
    settings = BenchmarkSettings(
        task="text-generation",
        dataset=str(write_documents(tmp_path / "texts")),
        models=names,
        epochs=10,
        threads=1,
        options={"tokenizer": kind},
    )
    output = tmp_path / "out"
    assert benchmark(settings, output) == 0
    printed = capsys.readouterr().out
    rows = [json.loads(line) for line in (output / "results.jsonl").read_text().splitlines()]
    assert [row["job"]["model"] for row in rows] == [*names]
    for row in rows:
        test = row["result"]["test"]
        assert test["generated_tokens_per_second"] > 0
        assert test["training_tokens_per_second"] > 0
        assert (test["unknown_share"] > 0) == (kind == "words")
        assert row["result"]["standard_error"] > 0
    found = {row["job"]["model"]: row["result"] for row in rows}
    if kind == "words":
        unigram = found["unigram"]["test"]
        for name in names[1:]:
            assert found[name]["test"]["perplexity"] < 0.6 * unigram["perplexity"], name
            assert found[name]["test"]["bits_per_character"] < unigram["bits_per_character"]
        parameters = [found[name]["parameters"] for name in ("lstm", "mingru", "gpt2")]
        assert max(parameters) < 1.6 * min(parameters)
    assert "Latency is from a prompt to the first token, one document at a time" in " ".join(
        printed.split()
    )
    page = (output / "report.html").read_text(encoding="utf-8")
    for told in ("Samples", "<b>", "Bits a character can be compared", "tokens/s"):
        assert told in page, told

    best = output / "best"
    record = Record.load(best)
    assert record.task == "text-generation"
    assert not any("cut after" in limit for limit in record.limits)
    card = plan(best, "ada/texts").card
    assert "pipeline_tag: text-generation" in card
    assert "Perplexity" in card
    tokenizer = AutoTokenizer.from_pretrained(best)
    model = AutoModelForCausalLM.from_pretrained(best)
    (made,) = pipeline("text-generation", model=model, tokenizer=tokenizer)(
        "the old", max_new_tokens=3, do_sample=False
    )
    assert made["generated_text"].startswith("the old")
    assert main(["predict", str(best), "the old king sleeps"]) == 0
    text, told = capsys.readouterr().out.rstrip("\n").rsplit("\n", 1)
    assert text.startswith("the old king sleeps")
    ids = torch.tensor([[tokenizer.bos_token_id, *tokenizer("the old king sleeps").input_ids]])
    with torch.inference_mode():
        logits = model(input_ids=ids).logits[0, :-1].log_softmax(-1)
    by_hand = float(logits.gather(1, ids[0, 1:, None]).sum())
    assert f"log-probability {by_hand:.2f}" in told
    assert f"perplexity {math.exp(-by_hand / (ids.shape[1] - 1)):.1f}" in told
