"""The comparison of translation models, from files to the page, card and command."""

import json
from pathlib import Path

import pytest
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, pipeline

from hf_recurrent.__main__ import main
from hf_recurrent.benchmark import BenchmarkSettings, benchmark
from hf_recurrent.hub import Record, plan
from hf_recurrent.tasks.model_rows import Search
from tests.tasks.translation.pairs import sentences, write_pairs


@pytest.fixture
def pairs(tmp_path: Path) -> dict[str, str]:
    """Two text files, as options of a comparison."""
    source, target = write_pairs(tmp_path)
    return {"dataset": str(source), "target_file": str(target)}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = {"parameters": 150_000, "batch_size": 8, "pieces": 340, "learning_rate": 0.005}
    changes |= {"dropout": 0.0, "num_hidden_layers": 1, "label_smoothing": 0.0}
    values = Search.values
    monkeypatch.setattr(
        Search, "values", lambda self, *given: [e | changes for e in values(self, *given)]
    )


@pytest.mark.slow
def test_a_comparison(pairs, small, no_children, tmp_path: Path, capsys) -> None:
    names = ("copy", "lexicon", "gru-none", "gru-general", "lstm-additive", "marian")
    settings = BenchmarkSettings(
        task="translation",
        dataset=pairs["dataset"],
        models=names,
        epochs=14,
        threads=1,
        options={"target_file": pairs["target_file"]},
    )
    output = tmp_path / "out"
    assert benchmark(settings, output) == 0
    capsys.readouterr()
    rows = [json.loads(line) for line in (output / "results.jsonl").read_text().splitlines()]
    found = {row["job"]["model"]: row["result"] for row in rows}
    assert [*found] == [*names]
    for name in names[2:]:
        assert found[name]["test"]["generated_tokens_per_second"] > 0
        assert len(found[name]["curve"]) == 14
        assert found[name]["validation"] == max(found[name]["curve"])
    scores = {name: result["test"]["bleu"] for name, result in found.items()}
    assert scores["copy"] < scores["lexicon"] < scores["gru-general"]
    assert scores["lexicon"] < scores["lstm-additive"]
    parameters = [found[name]["parameters"] for name in names[2:]]
    assert max(parameters) < 1.6 * min(parameters)
    page = (output / "report.html").read_text(encoding="utf-8")
    for told in ("Translated sentences", "By length", '<div class="as-drawn"><svg', "(chrF"):
        assert told in page, told

    best = output / "best"
    assert Record.load(best).task == "translation"
    card = plan(best, "ada/pairs").card
    assert "pipeline_tag: translation" in card
    assert 'pipeline("recurrent-translation", "ada/pairs")' in card
    text, right = sentences()[0]
    model, tokenizer = (
        AutoModelForSeq2SeqLM.from_pretrained(best),
        AutoTokenizer.from_pretrained(best),
    )
    (made,) = pipeline("recurrent-translation", model=model, tokenizer=tokenizer)(text)
    assert made["translation_text"] == right
    assert main(["predict", str(best), text, "the grey cat sees."]) == 0
    assert capsys.readouterr().out == f"{right}\nle chat gris voit.\n"
    assert main(["predict", "--attention", str(best), "a red dog sees."]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "un chien rouge voit."
    assert [line.split(":")[0].strip() for line in told[1:]] == [*told[0].split(), "</s>"]
    assert main(["predict", "--n-best", "2", str(best), "the grey cat sees."]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith("  le chat gris voit.")
    assert float(first.split()[0]) > float(second.split()[0])
