"""Output folders of the time before rows named their task go on in place."""

import json
from pathlib import Path

import pytest

from hf_recurrent.benchmark import run as run_module
from hf_recurrent.benchmark.earlier import earlier_digest
from hf_recurrent.benchmark.jobs import Job
from hf_recurrent.benchmark.prepare import prepare
from hf_recurrent.benchmark.run import RESULTS_FILE, run
from hf_recurrent.benchmark.settings import BenchmarkSettings
from hf_recurrent.data import TEXT_DATASETS, load_text_dataset, packages
from hf_recurrent.tasks.model_rows import BEST_MODEL

from .conftest import finished, sentences, write_csv

KEPT = Path(__file__).parents[2] / "docs" / "results" / "movie-snippets.jsonl"
ROW_FILE = "benchmark_row.json"


def as_it_was(row: dict, digest: str) -> dict:
    """Return a row of today as it was written then."""
    job, result = {**row["job"], "data": digest}, dict(row["result"])
    del job["task"]
    latency = dict(result["latency"])
    result["latency"] = latency | {"texts": latency.pop("timed")}
    result["validation_accuracy"] = result.pop("validation")
    result["trials"] = [{"values": {"C": 1.0}, "validation_accuracy": 0.5}]
    return {"key": f"key-{job['model']}-{job['seed']}", "job": job, "result": result}


@pytest.fixture
def folder(reviews: Path, monkeypatch, tmp_path: Path) -> Path:
    """An output folder of that time: two rows, a damaged line, the best model, and no children."""
    accuracies = iter([0.9, 0.6, 0.7, 0.95])

    def fake(job, place):
        (place.model / "model").write_text(str(job))
        return finished() | {"validation": next(accuracies)}

    monkeypatch.setattr(run_module, "_in_child", fake)
    output = tmp_path / "out"
    run(settings(reviews), output)
    whole = prepare(BenchmarkSettings(dataset=str(reviews), models=("lstm",))).data
    digest = earlier_digest(whole)
    lines = (output / RESULTS_FILE).read_text().splitlines()
    old = [json.dumps(as_it_was(json.loads(line), digest)) for line in lines]
    (output / RESULTS_FILE).write_text("\n".join([old[0], '{"validation_accuracy"', old[1]]) + "\n")
    held = output / BEST_MODEL / ROW_FILE
    held.write_text(json.dumps(as_it_was(json.loads(held.read_text()), digest)))
    return output


def settings(reviews: Path, *models: str, **changes) -> BenchmarkSettings:
    given = {"seeds": 1, "epochs": 2, "threads": 1, "limit_train": 100} | changes
    return BenchmarkSettings(dataset=str(reviews), models=models or ("lstm", "gru"), **given)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_nothing_is_run_again_and_the_best_model_is_known(folder: Path, reviews: Path) -> None:
    before = (folder / BEST_MODEL / "model").read_text()
    outcome = run(settings(reviews), folder)
    assert [line.runs[0]["result"]["validation"] for line in outcome.lines] == [0.9, 0.6]
    assert outcome.lines[0].runs[0]["result"]["trials"][0]["validation"] == 0.5
    assert outcome.lines[0].runs[0]["result"]["latency"]["timed"] == 16
    best = outcome.best
    assert best is not None
    assert (best.folder, best.is_earlier) == (folder / BEST_MODEL, False)
    assert best.row["key"] == outcome.lines[0].runs[0]["key"] == Job(**best.row["job"]).key
    lines = (folder / RESULTS_FILE).read_text().splitlines()
    assert len(lines) == 3, "a line was lost, or a run was done again"
    assert lines[1] == '{"validation_accuracy"', "what is no row stays"

    # A further run compares with it, and takes its place where it is better.
    run(settings(reviews, "rnn"), folder)
    assert (folder / BEST_MODEL / "model").read_text() == before
    run(settings(reviews, "bilstm-attention"), folder)
    assert (folder / BEST_MODEL / "model").read_text() != before
    assert not list(folder.glob(f"{BEST_MODEL}-*"))


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_best_model_of_other_data_lies_aside(folder: Path, tmp_path: Path, capsys) -> None:
    others = write_csv(tmp_path / "others.csv", sentences(160, seed=1))
    run(settings(others, "lstm"), folder)
    assert "The best model of other data" in capsys.readouterr().err
    (aside,) = folder.glob(f"{BEST_MODEL}-*")
    assert json.loads((aside / ROW_FILE).read_text())["result"]["validation"] == 0.9


@pytest.mark.skipif(not KEPT.is_file(), reason="docs/ is not part of this copy")
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_digest_is_that_of_rows_that_are_kept() -> None:
    package = TEXT_DATASETS["movie-snippets"].package
    if package is None or packages.cached(package) is None:
        pytest.skip(f"not in the cache: {package}")
    rows = [json.loads(line) for line in KEPT.read_text(encoding="utf-8").splitlines()]
    assert {row["job"]["data"] for row in rows if "task" not in row["job"]} <= {
        earlier_digest(load_text_dataset("movie-snippets"))
    }
