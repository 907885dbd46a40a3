from dataclasses import replace
from functools import partial

import pytest

from hf_recurrent.benchmark import estimate
from hf_recurrent.benchmark import run as run_module
from hf_recurrent.benchmark.estimate import Estimate, estimate_seconds
from hf_recurrent.benchmark.jobs import contenders, make_job
from hf_recurrent.benchmark.prepare import prepare
from hf_recurrent.benchmark.settings import BenchmarkSettings
from hf_recurrent.tasks import all_tasks
from hf_recurrent.tasks.word_vectors import Embedding

from .conftest import finished


def seconds(reviews, model: str, embedding: str = "glove", **changes) -> float:
    settings = BenchmarkSettings(
        dataset=str(reviews),
        models=(model,),
        embeddings=(Embedding.parse(embedding),),
        **changes,
    )
    prepared = prepare(settings)
    (contender,) = contenders(settings)
    values = settings.trial_values(model)[0]
    return estimate_seconds([make_job("run", contender, 0, values, settings, "")], prepared)


def test_every_model_has_a_rate() -> None:
    for task in all_tasks():
        assert all(row.rate > 0 for row in task.models.values() if not row.is_deterministic)


def test_more_work_takes_longer(reviews) -> None:
    assert seconds(reviews, "lstm", epochs=50) > seconds(reviews, "lstm", epochs=5)
    assert seconds(reviews, "bert-finetuned") > seconds(reviews, "bert-frozen")
    assert seconds(reviews, "bert-frozen") > seconds(reviews, "tfidf")
    assert seconds(reviews, "lstm", limit_train=40) < seconds(reviews, "lstm")


class Clock:
    now = 50.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def comparison(reviews, monkeypatch):
    """Return an estimate of five runs of ten seconds each, its jobs and its clock."""
    settings = BenchmarkSettings(
        dataset=str(reviews), models=("tfidf", "rnn", "gru"), embeddings=(Embedding("glove", True),)
    )
    monkeypatch.setattr(estimate, "estimate_seconds", lambda jobs, prepared: 10.0 * len(jobs))
    jobs = []
    for each in contenders(settings):
        values = settings.trial_values(each.model)[0]
        seeds = 1 if values is None else 2
        jobs += [make_job("run", each, s, values, settings, "") for s in range(seeds)]
    clock = Clock()
    return Estimate(jobs, prepare(settings), clock), jobs, clock


def test_the_estimate_is_made_again_after_each_run(comparison) -> None:
    left, (tfidf, rnn, rnn_again, gru, _), clock = comparison
    assert left.seconds_left() == 50
    clock.now += 30
    left.done(tfidf)
    # Three times as long as expected, so the others probably too.
    assert left.seconds_left() == 120
    assert left.told() == "1 of 5 runs in 30 s, about 2 min left"
    clock.now += 70
    left.done(rnn)
    # The second run of the same model as the first; the others five times as long as expected.
    assert left.seconds_left() == 70 + 2 * 50
    assert left.told() == "2 of 5 runs in 2 min, about 3 min left"
    clock.now += 50
    left.done(rnn_again)
    left.dropped(gru.contender)
    assert left.seconds_left() == 0
    assert left.told() == "3 of 3 runs in 2 min"


def test_a_run_with_other_values_than_expected_counts_as_done(comparison) -> None:
    left, jobs, clock = comparison
    clock.now += 10
    left.done(replace(jobs[1], values={**jobs[1].values, "learning_rate": 1.0}))
    assert left.seconds_left() == 40


def test_each_run_is_one_line_in_a_log(reviews, monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.setattr(run_module, "_in_child", lambda job, place: finished())
    monkeypatch.setattr(run_module, "Estimate", partial(Estimate, clock=Clock()))
    wanted = BenchmarkSettings(
        dataset=str(reviews), models=("lstm",), embeddings=(Embedding("random", True),), seeds=2
    )
    run_module.run(wanted, tmp_path)
    first, *others = capsys.readouterr().err.splitlines()
    assert first.startswith("2 runs to do, at most about 1 minute: an estimate")
    lines = [line for line in others if "validation" in line]
    assert len(lines) == 2
    told = "lstm random:tuned, seed 0: accuracy on validation 50.0 %, on test 50.0 %, trained"
    assert lines[0].startswith(told)
    assert lines[0].endswith("; 1 of 2 runs in 0 s, about 0 s left")
    assert lines[1].endswith("; 2 of 2 runs in 0 s")
