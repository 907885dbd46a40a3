"""The comparison on sessions, from a table to the page, the card and the command."""

import io
import json
import shlex
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from hf_recurrent.__main__ import main
from hf_recurrent.benchmark import BenchmarkSettings, benchmark
from hf_recurrent.hub import Record, plan
from hf_recurrent.tasks.model_rows import Search
from hf_recurrent.tasks.next_item_recommendation.data import load_sessions

from .conftest import COLUMNS


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = {"hidden_size": 16, "like": 16, "learning_rate": 0.03}
    values = Search.values
    monkeypatch.setattr(
        Search, "values", lambda self, *given: [e | changes for e in values(self, *given)]
    )


@pytest.mark.parametrize(
    "names",
    [
        ("popularity", "gru"),
        pytest.param(("popularity", "markov", "gru", "gru4rec", "gpt2"), marks=pytest.mark.slow),
    ],
)
def test_a_comparison_on_sessions(
    names,
    small,
    no_children,
    events: Path,
    tmp_path: Path,
    capsys,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = BenchmarkSettings(
        task="next-item-recommendation",
        dataset=str(events),
        models=names,
        epochs=6,
        seeds=1,
        threads=1,
        options={**COLUMNS, "drop_seen": True},
    )
    output = tmp_path / "out"
    assert benchmark(settings, output) == 0
    out = capsys.readouterr().out
    printed = " ".join(out.split())
    rows = [json.loads(line) for line in (output / "results.jsonl").read_text().splitlines()]
    found = {row["job"]["model"]: row["result"] for row in rows}
    assert [*found] == [*names]
    data = load_sessions(events, **COLUMNS)
    judged_on = len(data["train"]) + len(data["validation"])
    for name in names:
        assert set(found[name]["test"]) >= {"recall_at_20", "mrr_at_20", "coverage_at_20"}
        assert found[name]["standard_error"] > 0
        assert found[name]["trained_on"] == judged_on
    for name in {"gru", "gpt2"} & {*names}:
        assert found[name]["test"]["mrr_at_20"] > 0.6, name  # of .35 by popularity
        assert found[name]["test"]["training_items_per_second"] > 0
        assert len(found[name]["curve"]) == 6
    if "gpt2" in names:
        popularity = found["popularity"]["test"]["mrr_at_20"]
        assert found["gru4rec"]["test"]["mrr_at_20"] > popularity + 0.1
        sizes = [found[name]["parameters"] for name in ("gru", "gpt2")]
        assert max(sizes) < 2 * min(sizes)
    assert "MRR@20, unseen" in printed
    page = (output / "report.html").read_text(encoding="utf-8")
    assert "Items that a session has had are not recommended." in page
    assert "Items that follow themselves are kept, as targets too." in page
    assert "fitted anew on the training and the validation part" in page
    assert f"<td>{judged_on}</td>" in page
    assert "The best epoch on validation is kept" not in page  # it is the last one

    best = output / "best"
    record = Record.load(best)
    assert record.task == "next-item-recommendation"
    assert "Items that a session has had are not recommended." in record.limits
    assert record.answers == ()  # rows of a user's own data
    card = plan(best, "ada/items").card
    assert "pipeline_tag: text-generation" in card
    assert "Mean reciprocal rank at 20" in card
    assert json.loads((best / "item_titles.json").read_text())["hat"] == "The hat"

    model = AutoModelForCausalLM.from_pretrained(best)
    tokenizer = AutoTokenizer.from_pretrained(best)
    with torch.inference_mode():
        logits = model(**tokenizer(["red_shoes blue_shoes"], return_tensors="pt")).logits
    expected = tokenizer.convert_ids_to_tokens(logits[0, -1].argmax().item())
    assert main(["predict", str(best), "red shoes", "the BLUE shoes", "sock"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "after red_shoes The red shoes, blue_shoes The blue shoes:"
    assert told[1].strip() == "(left out, as the model does not know them: sock)"
    assert told[2].split()[0] == "1"
    assert told[2].split()[3] == expected
    assert len(told) == 10  # all eight items
    (step,) = [line for line in out.splitlines() if " predict " in line]
    words = shlex.split(step)
    assert main(words[words.index("predict") :]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].count(" The ") == 3
    assert told[1].split()[0] == "1"  # nothing was left out
    assert main(["predict", str(best), "the  red shoes"]) == 0
    assert capsys.readouterr().out.startswith("after red_shoes The red shoes:\n")
    assert main(["predict", str(best), "--n-best", "3", "--unseen", "hat", "coat"]) == 0
    shown = [line.split()[3] for line in capsys.readouterr().out.splitlines()[1:]]
    assert len(shown) == 3
    assert not {"hat", "coat"} & {*shown}
    assert main(["predict", str(best), "--unseen", *tokenizer.get_vocab()]) == 0
    assert capsys.readouterr().out.endswith("(the session has had all items)\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("hat\nsock\n\ncoat\n"))
    assert main(["predict", str(best)]) == 0
    told = capsys.readouterr().out
    assert "after hat" in told
    assert "after nothing, as the model knows none of the items 'sock'\n" in told
    assert "after coat" in told
    assert main(["predict", str(best), "sock"]) == 1
    assert "knows none of the items 'sock': expected ids of its 8 items" in capsys.readouterr().err
    assert main(["predict", str(best), "--attention", "hat"]) == 1
    assert "no weights of words" in capsys.readouterr().err
