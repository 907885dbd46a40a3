"""The best model carries a record of what was measured, and its card can be made from it."""

from pathlib import Path

from hf_recurrent.benchmark import BenchmarkSettings, benchmark
from hf_recurrent.benchmark.record import best_record
from hf_recurrent.benchmark.settings import Embedding
from hf_recurrent.benchmark.summary import summarize
from hf_recurrent.hub import Record, plan

from .test_report import outcome


def test_the_best_model_is_ready_to_be_published(
    reviews: Path, tmp_path: Path, no_children: list[str], vectors, capsys
) -> None:
    settings = BenchmarkSettings(
        dataset=str(reviews),
        models=("tfidf", "lstm"),
        embeddings=(Embedding("glove", True),),
        seeds=2,
        epochs=2,
    )
    assert benchmark(settings, tmp_path / "out") == 0
    best = tmp_path / "out" / "best"
    record = Record.load(best)
    assert record.title == "LSTM, glove embeddings"
    assert record.vectors == "glove, tuned in training"
    assert record.data is not None
    assert record.data.name == "reviews.csv"
    assert record.data.hub_id is None
    assert sum(record.data.splits.values()) == 160
    assert [line["model"] for line in record.comparison] == [
        "tf-idf 1-2 grams + logistic regression",
        "LSTM, glove tuned",
    ]
    accuracy = {result.metric: result.value for result in record.results}["accuracy"]
    assert 0.5 < accuracy <= 1
    card = plan(best, "ada/reviews").card
    assert f"| Accuracy | test | {accuracy:.3f} | 1 |" in card
    assert "hf-recurrent benchmark --dataset reviews.csv --models tfidf lstm" in card
    assert str(tmp_path) not in card


def test_a_best_model_of_an_earlier_comparison_keeps_its_own_record(tmp_path: Path) -> None:
    made = outcome(tmp_path)
    made.best, made.best_folder = {"key": "of an earlier one"}, tmp_path
    assert best_record(made, summarize(made)) is None
