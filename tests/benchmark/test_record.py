"""The best model carries a record of what was measured, and its card can be made from it."""

from dataclasses import replace
from pathlib import Path

import datasets
import pandas as pd
import pytest
from transformers import AutoModelForSequenceClassification

import hf_recurrent
from hf_recurrent.benchmark import BenchmarkSettings, benchmark
from hf_recurrent.benchmark.outcome import Kept
from hf_recurrent.benchmark.record import kept_record, kept_records
from hf_recurrent.benchmark.run import run
from hf_recurrent.benchmark.summary import summarize
from hf_recurrent.data import TEXT_DATASETS
from hf_recurrent.hub import Record, RecordedAnswer, plan
from hf_recurrent.hub.cards import made_card
from hf_recurrent.tasks.word_vectors import Embedding

from .test_report import BUSY, CHANGED, outcome


@pytest.mark.slow
def test_the_best_model_is_ready_to_be_published(
    reviews: Path, tmp_path: Path, no_children: list[str], vectors, capsys
) -> None:
    settings = BenchmarkSettings(
        dataset=str(reviews),
        models=("tfidf", "mean", "lstm"),
        embeddings=(Embedding("glove", True),),
        seeds=2,
        epochs=2,
        max_length=6,
        threads=1,
    )
    assert benchmark(settings, tmp_path / "out") == 0
    best = tmp_path / "out" / "best"
    record = Record.load(best)
    assert record.title == "LSTM, glove embeddings"
    assert record.vectors is not None
    assert record.vectors.endswith(", tuned in training")
    assert record.data is not None
    assert record.data.name == "reviews.csv"
    assert record.data.hub_id is None
    assert sum(record.data.splits.values()) == 160
    assert [line["model"] for line in record.comparison] == [
        "tf-idf 1-2 grams + logistic regression",
        "mean of word vectors, glove tuned",
        "LSTM, glove tuned",
    ]
    accuracy = {result.metric: result.value for result in record.results}["accuracy"]
    assert 0.5 < accuracy <= 1
    assert record.version == hf_recurrent.__version__
    assert record.settings["epochs, at most"] == 2
    assert 1 <= record.settings["epochs, run"] <= 2
    card = plan(best, "ada/reviews").card
    texts = pd.read_csv(reviews)["text"]
    assert len(texts) == 160
    assert not any(text in card or text in repr(record) for text in texts), "a row of the user's"
    assert f"| Accuracy | test | {100 * accuracy:.1f} % |\n" in card
    assert "hf-recurrent benchmark --task text-classification --dataset reviews.csv" in card
    assert " --models tfidf mean lstm" in card
    assert str(tmp_path) not in card
    for told in ("runs of recurrent networks", "pennington2014glove", "(accuracy_latency.svg)"):
        assert told in card, told
    assert "learning_curve.svg" in card

    bag = tmp_path / "out" / "bag-of-vectors"
    of_bag = Record.load(bag)
    assert of_bag.title == "mean of word vectors, glove embeddings"
    assert of_bag.comparison == record.comparison
    assert any("among 2 runs of bags of vectors" in sentence for sentence in of_bag.limits)
    assert "among 2 runs of bags of vectors" in plan(bag, "ada/bag").card
    assert AutoModelForSequenceClassification.from_pretrained(bag).config.vocab_size > 20


def test_what_is_said_of_the_test_texts(
    reviews: Path, tmp_path: Path, no_children: list[str], vectors
) -> None:
    settings = BenchmarkSettings(
        dataset=str(reviews),
        models=("mean",),
        embeddings=(Embedding("glove", False),),
        epochs=1,
        max_length=6,
        threads=1,
    )
    outcome = run(settings, tmp_path / "out")
    ((folder, record),) = kept_records(outcome, summarize(outcome))
    assert folder.name == "bag-of-vectors"
    texts = outcome.prepared.data["test"]["text"][:]
    # The words are apart already; each text ends in a number of its own, which no other text has.
    words = [text.split() for text in texts]
    known = {word for text in outcome.prepared.data["train"]["text"] for word in text.split()}
    known |= set(vectors.index_to_key)
    share = sum(w in known for row in words for w in row) / sum(map(len, words))
    assert record.test_coverage == f"{share:.1%} of the running words are in the vocabulary"
    assert 0.7 < share < 0.95
    cut = sum(len(row) > 6 for row in words) / len(words)
    assert 0.2 < cut < 0.9
    assert f"Longer texts are cut after 6 words: {cut:.1%} of the test texts." in record.limits


def test_a_text_of_public_data_is_the_example(tmp_path: Path) -> None:
    made = outcome(tmp_path)
    part = datasets.Dataset.from_dict({"text": ["", "long " * 50, "a fine film"], "label": [0] * 3})
    made.prepared.data["test"] = part
    lines, row = summarize(made), made.lines[0].runs[0]
    row["job"]["max_length"] = 6
    row["result"]["answers"] = [{"text": "a fine film", "answer": "good", "expected": None}]
    own = kept_record(made, lines, row, tmp_path)
    assert (own.example, own.answers) == (None, ()), "data of a user's own are never published"
    named = replace(made.settings, dataset=next(iter(TEXT_DATASETS)))
    made = replace(made, settings=named)
    public = kept_record(made, lines, row, tmp_path)
    assert public.example == "a fine film"
    assert public.answers == (RecordedAnswer("a fine film", "good"),)


def test_a_best_model_of_an_earlier_comparison_keeps_its_own_record(tmp_path: Path) -> None:
    made = outcome(tmp_path)
    made.kept = [Kept("best", "", {"key": "of an earlier one"}, tmp_path, True)]
    assert kept_records(made, summarize(made)) == []


def test_a_card_tells_the_threads_and_what_ran_beside(tmp_path: Path) -> None:
    made = outcome(tmp_path)
    row = made.lines[0].runs[0]
    row["job"]["max_length"] = 6
    record = kept_record(made, summarize(made), row, tmp_path)
    assert record.machine["threads"] == 1
    assert record.machine["load before"] == 0.2
    assert record.latency_threads == 1
    assert not any("beside other work" in limit for limit in record.limits)
    row["result"] |= {"load": BUSY, "threads": CHANGED}
    row["result"]["latency"] = row["result"]["latency"] | {"threads": 2}
    record = kept_record(made, summarize(made), row, tmp_path)
    assert record.comparison[0]["latency, ms"] == "1.0*"
    assert record.comparison[0]["runs"] == "2†"
    told = " ".join(record.limits)
    for sentence in (
        "Its own times were measured beside other work",
        "The number of threads changed in its training, from 2 to 1 after step 240",
        "Times marked * were measured beside other work",
    ):
        assert sentence in told, sentence
    record.save(tmp_path)
    assert Record.load(tmp_path) == replace(record, weights=None)
    card = str(made_card(record, "ada/reviews", "", tags=[]))
    assert "1.0 ms (one text at a time, 2 threads)" in card
