import json
import runpy
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hf_recurrent.benchmark import BenchmarkSettings, benchmark
from hf_recurrent.benchmark import run as run_module
from hf_recurrent.tasks.word_vectors import Embedding
from tests.benchmark.conftest import finished, sentences, write_csv

REPOSITORY = Path(__file__).parents[2]
SCRIPT = str(REPOSITORY / "scripts" / "keep_results.py")
RESULTS = REPOSITORY / "docs" / "results"


def keep(monkeypatch, *arguments: Path) -> None:
    monkeypatch.setattr(sys, "argv", [SCRIPT, *map(str, arguments)])
    runpy.run_path(SCRIPT, run_name="__main__")


def test_rows_are_kept_without_texts(tmp_path: Path, monkeypatch, capsys) -> None:
    explained = {"label": "good", "predicted": "bad", "words": [["secret", 1.0]]}
    job = {"model": "lstm", "kind": "run"}
    covered = {"share": 0.9, "report": "types: 9 of 10 have a vector; without a vector: secret"}
    texts = {"examples": [explained], "answers": [{"text": "secret"}], "coverage": covered}
    whole = {"key": "1", "job": job, "result": finished() | texts}
    trial = {"key": "2", "job": job, "result": {"validation": 0.5}}
    source, target = tmp_path / "results.jsonl", tmp_path / "kept.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in (whole, trial)))
    keep(monkeypatch, tmp_path, target)
    assert "2 rows" in capsys.readouterr().out
    assert "secret" not in target.read_text()
    first, second = map(json.loads, target.read_text().splitlines())
    without = {"examples": [], "answers": []} | {
        "coverage": covered | {"report": "types: 9 of 10 have a vector"}
    }
    assert first == whole | {"result": finished() | without}
    assert second["result"]["validation"] == 0.5

    before = target.read_bytes()
    source.write_text(source.read_text() + '{"key": "3"')
    with pytest.raises(SystemExit, match=r"results\.jsonl, line 3: this is no row of results"):
        keep(monkeypatch, tmp_path, target)
    assert target.read_bytes() == before


@pytest.mark.parametrize("file", sorted(RESULTS.glob("*.jsonl")), ids=lambda file: file.stem)
def test_the_results_of_the_documentation_have_no_texts(file: Path) -> None:
    results = [json.loads(line).get("result") or {} for line in file.open(encoding="utf-8")]
    for result in results:
        assert not result.get("examples")
        assert not result.get("answers")
        assert "without a vector:" not in (result.get("coverage") or {}).get("report", "")


def test_rows_that_are_kept_print_the_table_again(tmp_path: Path, monkeypatch, capsys) -> None:
    reviews = write_csv(tmp_path / "reviews.csv", sentences(160))
    wanted = BenchmarkSettings(dataset=str(reviews), models=("tfidf", "mean"), seeds=2, trials=2)
    wanted = replace(wanted, embeddings=(Embedding("random", True),))
    monkeypatch.setattr(run_module, "_in_child", lambda job, place: finished())
    assert benchmark(wanted, tmp_path / "out") == 0
    table = capsys.readouterr().out.split("\n\n")[:3]
    again = tmp_path / "again"
    again.mkdir()
    keep(monkeypatch, tmp_path / "out", again / "results.jsonl")
    capsys.readouterr()

    def trained(job, place) -> None:
        raise AssertionError("a job was run again")

    monkeypatch.setattr(run_module, "_in_child", trained)
    assert benchmark(wanted, again) == 0
    assert capsys.readouterr().out.split("\n\n")[:3] == table
