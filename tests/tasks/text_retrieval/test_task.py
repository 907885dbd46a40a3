"""The comparison of searches, from a collection to the page, the card and the commands."""

import json
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from sentence_transformers import SentenceTransformer

from hf_recurrent.__main__ import main
from hf_recurrent.benchmark import BenchmarkSettings, benchmark
from hf_recurrent.hub import Record, plan
from hf_recurrent.tasks import input_layers
from hf_recurrent.tasks.model_rows import Search
from hf_recurrent.tasks.word_vectors import Embedding

from .collection import FILLERS, TOPICS, write_collection


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small networks over vectors in which the words of a topic are near."""
    words = [word for topic, own in TOPICS.items() for word in (topic, *own)] + [*FILLERS]
    random = np.random.default_rng(0)
    keyed = KeyedVectors(8)
    keyed.add_vectors(words, random.normal(size=(len(words), 8)).astype(np.float32))
    for number, own in enumerate(TOPICS.values()):
        for word in own:
            keyed.vectors[keyed.key_to_index[word], number] += 2
    monkeypatch.setattr(input_layers, "load_vectors", lambda name: keyed)
    values, changes = Search.values, {"hidden_size": 8, "batch_size": 8, "embedding_dropout": 0.0}
    monkeypatch.setattr(
        Search, "values", lambda self, *given: [e | changes for e in values(self, *given)]
    )


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_a_comparison_of_searches(
    small,
    no_children,
    encoder,
    tmp_path: Path,
    capsys,
) -> None:
    names = ("tfidf", "bm25", "mean", "sif", "static", "bilstm", "encoder")
    settings = BenchmarkSettings(
        task="text-retrieval",
        dataset=str(write_collection(tmp_path / "data")),
        models=names,
        embeddings=(Embedding.parse("glove:tuned"),),
        baseline=str(encoder),
        epochs=2,
        threads=1,
    )
    output = tmp_path / "out"
    assert benchmark(settings, output) == 0
    printed = " ".join(capsys.readouterr().out.split())
    rows = [json.loads(line) for line in (output / "results.jsonl").read_text().splitlines()]
    found = {row["job"]["model"]: row["result"] for row in rows}
    assert list(found) == [*names]
    for name, result in found.items():
        test = result["test"]
        assert test["queries_per_second"] > 0
        assert test["index_size"] > 0
        assert "graded_ndcg_at_10" in test
        assert ("fused_map" in test) == (name not in ("tfidf", "bm25"))
        assert result["standard_error"] is not None
    assert found["static"]["test"]["ndcg_at_10"] > 0.6
    assert len(found["bilstm"]["curve"]) == 2
    assert "Latency is from query to ranking, one query at a time" in printed
    page = (output / "report.html").read_text(encoding="utf-8")
    assert "vocabulary, idf and the title-text pairs" in page
    assert "Test queries with the answers of" in page
    queries = {row["text"] for row in map(json.loads, _lines(tmp_path / "data/queries.jsonl"))}
    titles = {row["title"] for row in map(json.loads, _lines(tmp_path / "data/corpus.jsonl"))}
    for result in found.values():
        assert {each["text"] for each in result["examples"]} <= queries
        assert {each["predicted"] for each in result["examples"]} <= titles
        assert len(result["examples"]) >= 3

    best = output / "best"
    record = Record.load(best)
    assert record.task == "text-retrieval"
    assert record.data is not None
    assert record.data.splits["corpus"] == 25
    made = plan(best, "ada/searcher")
    assert "pipeline_tag: sentence-similarity" in made.card
    assert "SentenceTransformer(" in made.card
    opened = SentenceTransformer(str(best), device="cpu")
    assert opened.get_embedding_dimension() == 16
    assert opened.max_seq_length == settings.max_length

    assert main(["predict", str(best), "lift drag", "cone plate", "drag lift"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("  drag lift")
    assert lines[1].endswith("  cone plate")
    for texts, told in ((["lift"], "An encoder compares texts"), (["qwerty", "a"], "no word of")):
        assert main(["predict", str(best), *texts]) == 1
        assert told in capsys.readouterr().err
    index = str(tmp_path / "index")
    assert main(["search", index, "--model", str(best), "--add", str(tmp_path / "data")]) == 1
    table = tmp_path / "data" / "corpus.jsonl"
    command = ["search", index, "--model", str(best), "--add", str(table), "--id-column", "_id"]
    assert main([*command, "steel joint bend", "--top", "3"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
