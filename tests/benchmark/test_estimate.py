from hf_recurrent.benchmark.estimate import _RATES, estimate_seconds
from hf_recurrent.benchmark.jobs import make_job, tasks
from hf_recurrent.benchmark.prepare import prepare
from hf_recurrent.benchmark.settings import MODELS, BenchmarkSettings, Embedding


def seconds(reviews, model: str, embedding: str = "glove", **changes) -> float:
    settings = BenchmarkSettings(
        dataset=str(reviews),
        models=(model,),
        embeddings=(Embedding.parse(embedding),),
        **changes,
    )
    prepared = prepare(settings)
    (task,) = tasks(settings)
    values = None if MODELS[model].is_deterministic else settings.trial_values(model)[0]
    return estimate_seconds([make_job("run", task, 0, values, settings, "")], prepared)


def test_every_model_has_a_rate() -> None:
    assert set(_RATES) == {name for name, spec in MODELS.items() if spec.kind != "linear"}


def test_more_work_takes_longer(reviews) -> None:
    assert seconds(reviews, "lstm", epochs=50) > seconds(reviews, "lstm", epochs=5)
    assert seconds(reviews, "bert-finetuned") > seconds(reviews, "bert-frozen")
    assert seconds(reviews, "bert-frozen") > seconds(reviews, "tfidf")
    assert seconds(reviews, "lstm", limit_train=40) < seconds(reviews, "lstm")
