import json
import os
from pathlib import Path

import pytest
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from hf_recurrent import RecurrentConfig, RecurrentForSequenceClassification
from hf_recurrent.benchmark import BenchmarkSettings, benchmark
from hf_recurrent.benchmark import run as run_module
from hf_recurrent.benchmark.command_line import program
from hf_recurrent.benchmark.run import RESULTS_FILE, run
from hf_recurrent.benchmark.worker import run_job
from hf_recurrent.hub import Record, plan
from hf_recurrent.hub.record import RECORD_FILE, weights_digest
from hf_recurrent.tasks.model_rows import BEST_MODEL, Search
from hf_recurrent.tasks.text_classification.models import NETWORKS
from hf_recurrent.tasks.word_vectors import Embedding

from .conftest import finished, sentences, write_csv

BAG_OF_VECTORS = "bag-of-vectors"
RANDOM = (Embedding("random", True),)


def settings(reviews: Path, *models: str, **changes) -> BenchmarkSettings:
    # One thread: what is compared is to be equal bit for bit, wherever the tests run.
    defaults = {"embeddings": RANDOM, "epochs": 2, "seeds": 1, "threads": 1}
    return BenchmarkSettings(dataset=str(reviews), models=models, **defaults | changes)


def rows(output: Path) -> list[dict]:
    return [json.loads(line) for line in (output / RESULTS_FILE).read_text().splitlines()]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = {"learning_rate": 0.02, "hidden_size": 8, "batch_size": 8}
    values = Search.values
    monkeypatch.setattr(
        Search,
        "values",
        lambda self, *given: [each | changes for each in values(self, *given)],
    )


def test_everything_is_run_once_measured_and_reported(
    reviews: Path, encoder: Path, vectors, small, no_children, tmp_path: Path, capsys
) -> None:
    wanted = settings(
        reviews,
        *("tfidf", "mean", "bilstm-attention", "bert-frozen", "bert-finetuned"),
        embeddings=(Embedding("glove", True),),
        baseline=str(encoder),
        seeds=2,
    )
    output = tmp_path / "out"
    assert benchmark(wanted, output) == 0
    # Logistic regression leaves nothing to chance: one run whatever the seeds.
    assert len(no_children) == 1 + 2 + 2 + 1 + 2
    for row in rows(output):
        result = row["result"]
        assert 0 <= result["test"]["accuracy"] <= 1
        assert set(result["test"]) == {"accuracy", "f1_macro", "matthews_correlation"}
        for name in ("training_seconds", "training_rate", "inference_rate", "size_mib"):
            assert result[name] > 0, name
        assert 0 < result["latency"]["median_ms"] <= result["latency"]["p95_ms"]
        assert result["peak_mib"] >= result["imported_mib"] > 10
        assert 0 < result["trainable_parameters"] <= result["parameters"]
        assert result["trained_on"] == 128
    printed = capsys.readouterr().out
    assert "frozen encoder + logistic regression (tiny-bert, 0.0M)" in printed
    assert "from_pretrained" in printed
    assert f"{program()} predict {output / BEST_MODEL}" in printed
    assert (output / "report.html").stat().st_size > 10_000
    assert not [path for path in output.iterdir() if path.name.startswith(".")]

    no_children.clear()
    assert benchmark(wanted, output) == 0
    assert no_children == []
    assert "BiLSTM + attention" in capsys.readouterr().out


def test_the_best_recurrent_model_is_left_with_labels_and_tokenizer(
    reviews: Path, small, no_children, tmp_path: Path
) -> None:
    outcome = run(settings(reviews, "rnn", "lstm", "mean", seeds=2), tmp_path / "out")
    recurrent = [r for r in rows(tmp_path / "out") if r["job"]["model"] in ("rnn", "lstm")]
    best = max(r["result"]["validation"] for r in recurrent)
    assert outcome.best is not None
    assert outcome.best.row["result"]["validation"] == best
    assert outcome.best.folder == tmp_path / "out" / BEST_MODEL
    model = AutoModelForSequenceClassification.from_pretrained(outcome.best.folder)
    assert model.config.id2label == {0: "bad", 1: "good"}
    wanted = {"rnn": "rnn_tanh", "lstm": "lstm"}[outcome.best.row["job"]["model"]]
    assert model.config.cell_type == wanted
    assert len(AutoTokenizer.from_pretrained(outcome.best.folder)) == model.config.vocab_size


def test_only_a_better_model_takes_the_place_of_the_best(
    reviews: Path, small, monkeypatch, tmp_path: Path
) -> None:
    accuracies = iter([0.6, 0.9, 0.9, 0.7])

    def fake(job, place):
        (place.model / "model").write_text(str(job))
        return finished() | {"validation": next(accuracies)}

    monkeypatch.setattr(run_module, "_in_child", fake)
    outcome = run(settings(reviews, "lstm", seeds=4), tmp_path)
    assert "seed 1" in (tmp_path / BEST_MODEL / "model").read_text()
    assert outcome.best.row["job"]["seed"] == 1


def test_what_lies_in_the_place_of_the_best_model_is_not_lost(
    reviews: Path, monkeypatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(run_module, "_in_child", lambda job, place: finished())
    mine = tmp_path / BEST_MODEL / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("of the user")
    with pytest.raises(ValueError, match=r"best is where the best model of its ki") as caught:
        run(settings(reviews, "lstm"), tmp_path)
    assert "\n" not in str(caught.value)
    assert mine.read_text() == "of the user"
    assert not (tmp_path / RESULTS_FILE).exists()
    # Nothing of the table goes there.
    assert run(settings(reviews, "tfidf"), tmp_path).best is None


def test_the_best_model_of_other_data_is_kept(
    reviews: Path, monkeypatch, tmp_path: Path, capsys
) -> None:
    accuracies = iter([0.9, 0.6])
    monkeypatch.setattr(
        run_module,
        "_in_child",
        lambda job, place: finished() | {"validation": next(accuracies)},
    )
    output = tmp_path / "out"
    first = run(settings(reviews, "lstm"), output).best.row
    others = write_csv(tmp_path / "others.csv", sentences(80, seed=1))
    second = run(settings(others, "lstm"), output).best.row
    aside = output / f"{BEST_MODEL}-{first['key']}"
    assert json.loads((aside / "benchmark_row.json").read_text())["key"] == first["key"]
    held = json.loads((output / BEST_MODEL / "benchmark_row.json").read_text())
    assert held["key"] == second["key"] != first["key"]
    assert f"now lies in {aside}" in capsys.readouterr().err


def test_a_best_model_that_is_gone_is_told(reviews: Path, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(run_module, "_in_child", lambda job, place: finished())
    assert run(settings(reviews, "lstm"), tmp_path).best.folder is not None
    (tmp_path / BEST_MODEL / "benchmark_row.json").unlink()
    assert run(settings(reviews, "lstm"), tmp_path).best.folder is None


def test_trials_are_judged_on_validation_and_the_best_is_run(
    reviews: Path, monkeypatch, tmp_path: Path, capsys
) -> None:
    ran = []
    trials = len(NETWORKS.trials)
    wanted = settings(reviews, "gru", trials=trials, seeds=3)
    best = wanted.trial_values("gru")[trials // 2]

    def fake(job, place):
        ran.append(job)
        accuracy = 0.9 if best.items() <= job.values.items() else 0.5
        result = finished() | {"validation": accuracy}
        if job.kind == "trial":
            del result["test"]
        return result

    monkeypatch.setattr(run_module, "_in_child", fake)
    outcome = run(wanted, tmp_path)
    assert [job.kind for job in ran] == ["trial"] * trials + ["run"] * 3
    assert all(best.items() <= job.values.items() for job in ran[trials:])
    assert [job.seed for job in ran[trials:]] == [0, 1, 2]
    assert len(outcome.lines[0].trials) == trials
    assert not any("test" in row["result"] for row in outcome.lines[0].trials)

    # Once more: what the trials chose is known and done.
    capsys.readouterr()
    run(wanted, tmp_path)
    assert "All runs stand in" in capsys.readouterr().err
    assert len(ran) == trials + 3


def test_a_trial_never_sees_the_test_part(work, vectors) -> None:
    job, _, place = work("mean", "glove:tuned")
    result = run_job(type(job)(**{**vars(job), "kind": "trial"}), place)
    assert "test" not in result
    assert "latency" not in result


def test_what_was_done_before_an_interrupt_is_not_done_again(
    reviews: Path, monkeypatch, tmp_path: Path
) -> None:
    ran = []

    def fake(job, place):
        if len(ran) == 2:
            raise KeyboardInterrupt
        ran.append(str(job))
        return finished()

    monkeypatch.setattr(run_module, "_in_child", fake)
    wanted = settings(reviews, "lstm", seeds=4)
    with pytest.raises(KeyboardInterrupt):
        run(wanted, tmp_path)
    assert not list(tmp_path.glob(".work-*"))
    monkeypatch.setattr(
        run_module, "_in_child", lambda job, place: ran.append(str(job)) or finished()
    )
    run(wanted, tmp_path)
    assert ran == [f"lstm random:tuned, seed {seed}" for seed in range(4)]


def test_a_run_that_fails_is_told_and_the_others_go_on(
    reviews: Path, monkeypatch, tmp_path: Path, capsys
) -> None:
    def fake(job, place):
        if job.model == "lstm":
            raise run_module._JobError("lstm: it broke")
        return finished()

    monkeypatch.setattr(run_module, "_in_child", fake)
    assert benchmark(settings(reviews, "lstm", "gru"), tmp_path) == 1
    captured = capsys.readouterr()
    assert "Failed: lstm: it broke" in captured.err
    assert "GRU" in captured.out
    assert "it broke" in (tmp_path / "report.html").read_text()
    assert len(rows(tmp_path)) == 1


def test_a_baseline_that_is_not_there_is_told_before_anything_is_run(
    reviews: Path, no_children, tmp_path: Path
) -> None:
    (tmp_path / "no-bert").mkdir()
    wanted = settings(reviews, "tfidf", "bert-frozen", baseline=str(tmp_path / "no-bert"))
    with pytest.raises(OSError, match=r"The baseline '.*no-bert' could not be loaded") as caught:
        run(wanted, tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert no_children == []


def test_a_folder_that_cannot_be_written_is_one_sentence(reviews: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"output folder .*file.out cannot be written") as caught:
        run(settings(reviews, "tfidf"), tmp_path / "file" / "out")
    assert "--output" in str(caught.value)
    assert "\n" not in str(caught.value)


def saved(job, place):
    """Save a model and its tokenizer as a child does, without training."""
    if place.vocabulary is not None:
        tokenizer = AutoTokenizer.from_pretrained(place.vocabulary)
        tokenizer.save_pretrained(place.model)
        config = RecurrentConfig(vocab_size=len(tokenizer), embedding_size=4, hidden_size=3)
        RecurrentForSequenceClassification(config).save_pretrained(place.model)
    return finished()


@pytest.mark.skipif(os.name == "nt", reason="rights of another kind")
@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_the_umask_decides_who_may_read_what_is_kept(
    reviews: Path, monkeypatch, tmp_path: Path, umask, mask: int
) -> None:
    umask(mask)
    monkeypatch.setattr(run_module, "_in_child", saved)
    assert benchmark(settings(reviews, "lstm", "mean"), tmp_path / "out") == 0
    for path in [tmp_path / "out", *(tmp_path / "out").rglob("*")]:
        usual = 0o777 if path.is_dir() else 0o666
        assert path.stat().st_mode & 0o777 == usual & ~mask, path
    assert (tmp_path / "out" / BEST_MODEL / "model.safetensors").is_file()
    assert (tmp_path / "out" / BAG_OF_VECTORS / RECORD_FILE).is_file()


def test_a_model_that_is_kept_has_its_record_when_the_comparison_is_stopped(
    reviews: Path, monkeypatch, tmp_path: Path
) -> None:
    left = 3

    def fake(job, place):
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return saved(job, place)

    monkeypatch.setattr(run_module, "_in_child", fake)
    wanted = settings(reviews, "tfidf", "mean", "lstm", "gru")
    with pytest.raises(KeyboardInterrupt):
        benchmark(wanted, tmp_path)
    assert not (tmp_path / "report.html").exists()
    stopped = {name: Record.load(tmp_path / name) for name in (BEST_MODEL, BAG_OF_VECTORS)}
    for name, record in stopped.items():
        assert record.results[0].value == 0.5
        assert record.weights == weights_digest(tmp_path / name)
        assert str(record.results[0].metric) in plan(tmp_path / name, "ada/model").card
    names = [line["model"].split(",")[0] for line in stopped[BEST_MODEL].comparison]
    assert names == ["tf-idf 1-2 grams + logistic regression", "mean of word vectors", "LSTM"]
    assert len(stopped[BAG_OF_VECTORS].comparison) == 2

    left = 100
    assert benchmark(wanted, tmp_path) == 0
    for name, before in stopped.items():
        record = Record.load(tmp_path / name)
        assert len(record.comparison) == 4
        assert record.results == before.results
