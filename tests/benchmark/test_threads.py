"""Each measurement says its threads, and each row the load beside it."""

from dataclasses import replace

import pytest
import torch

from hf_recurrent.benchmark import worker
from hf_recurrent.benchmark.jobs import contenders, make_job
from hf_recurrent.benchmark.settings import BenchmarkSettings
from hf_recurrent.benchmark.threads import changes_text, is_row_crowded
from hf_recurrent.benchmark.worker import run_job
from hf_recurrent.tasks import threads
from hf_recurrent.tasks.threads import fastest, typical

from .conftest import finished


def free(job):
    """Return the job without a fixed number of threads."""
    values = {name: value for name, value in job.values.items() if name != "threads"}
    return replace(job, values=values)


def test_a_fixed_number_is_used_without_a_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "find_threads", lambda step, most: 1 / 0)
    assert fastest(lambda: None, 2) == torch.get_num_threads() == 2


def test_a_number_that_is_found_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "most_threads", lambda: 5)
    monkeypatch.setattr(threads, "find_threads", lambda step, most: most - 2)
    assert fastest(lambda: None, None) == torch.get_num_threads() == 3


def test_typical_texts_are_of_median_length() -> None:
    texts = ["x" * n for n in (9, 1, 5, 3, 7)]
    assert typical(texts, 3) == ["x" * n for n in (3, 5, 7)]
    assert sorted(typical(texts, 99)) == sorted(texts)


@pytest.mark.parametrize(
    ("model", "embedding"), [("tfidf", None), ("mean", "random"), ("bert-frozen", None)]
)
def test_a_row_tells_its_threads_and_its_load(
    model: str, embedding: str | None, work, encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, _, place = work(model, embedding, baseline=str(encoder))
    assert job.values["threads"] == 1
    at: dict[str, int] = {}
    for name in ("predict_all", "latency"):
        measure = getattr(worker, name)

        def seen(*arguments, name=name, measure=measure):
            at[name] = torch.get_num_threads()
            return measure(*arguments)

        monkeypatch.setattr(worker, name, seen)
    found = iter([3, 2] if model != "bert-frozen" else [4, 3, 2])
    monkeypatch.setattr(threads, "find_threads", lambda step, most: (step(), next(found))[1])
    monkeypatch.setattr("hf_recurrent.training.threads.most_threads", lambda: 1)
    result = run_job(free(job), place)
    assert at == {"predict_all": 3, "latency": 2}
    assert result["threads"] == {
        "fixed": False,
        "training": 4 if model == "bert-frozen" else 1,
        "inference": 3,
        "changes": [],
    }
    assert result["latency"]["threads"] == 2
    assert result["load"].keys() == {"before", "after", "others", "cpus", "usable"}


def test_a_trial_of_values_tells_them_too(work) -> None:
    job, _, place = work("mean", "random")
    result = run_job(replace(job, kind="trial"), place)
    assert result["threads"] == {"fixed": True, "training": 1, "changes": []}
    assert "load" in result


def test_a_fixed_number_makes_another_run() -> None:
    keys = set()
    for number in (None, 1, 2):
        settings = BenchmarkSettings(models=("gru", "tfidf"), threads=number)
        for each in contenders(settings):
            keys.add(make_job("run", each, 0, None, settings, "data").key)
    assert len(keys) == 6


def test_the_load_counts_the_threads_of_every_measurement() -> None:
    beside = {"load": finished()["load"] | {"others": 1.0}}
    result = finished() | beside
    assert is_row_crowded(result), "inference ran with two threads"
    result["threads"] = result["threads"] | {"inference": 1}
    assert not is_row_crowded(result)
    result["latency"] = result["latency"] | {"threads": 2}
    assert is_row_crowded(result)
    assert not is_row_crowded({"machine": {"threads": 2}})
    assert changes_text({}) == ""
