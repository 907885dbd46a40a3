import json
import os
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from hf_recurrent.benchmark import jobs
from hf_recurrent.benchmark.jobs import Contender, Job, contenders, make_job
from hf_recurrent.benchmark.settings import BenchmarkSettings
from hf_recurrent.tasks.word_vectors import Embedding


def job_of(settings: BenchmarkSettings | None = None, **changes) -> Job:
    settings = settings or BenchmarkSettings()
    arguments = {
        "kind": "run",
        "contender": Contender("lstm", "glove:tuned"),
        "seed": 0,
        "values": settings.trial_values("lstm")[0],
        "settings": settings,
        "data": "abc",
    } | changes
    return make_job(**arguments)


def test_lines_cross_models_with_embeddings_where_they_have_any() -> None:
    embeddings = (Embedding("glove", True), Embedding("random", False))
    settings = BenchmarkSettings(models=("tfidf", "gru", "gru"), embeddings=embeddings)
    assert list(map(str, contenders(settings))) == ["tfidf", "gru glove:tuned", "gru random:frozen"]


def test_the_key_is_the_same_for_the_same_job_and_survives_json() -> None:
    job = job_of()
    assert job.key == job_of().key
    assert Job(**json.loads(json.dumps(asdict(job)))).key == job.key


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "trial"},
        {"contender": Contender("gru", "glove:tuned")},
        {"contender": Contender("lstm", "glove:frozen")},
        {"seed": 1},
        {"values": BenchmarkSettings().trial_values("lstm")[0] | {"hidden_size": 7}},
        {"settings": BenchmarkSettings(max_length=7)},
        {"settings": BenchmarkSettings(limit_train=7)},
        {"data": "abd"},
    ],
)
def test_all_that_the_outcome_depends_on_changes_the_key(changes: dict) -> None:
    assert job_of(**changes).key != job_of().key


@pytest.mark.parametrize("name", ["EXTRA_WORDS", "VECTOR_SCALE"])
def test_the_vocabulary_and_the_version_change_the_key(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = job_of().key
    assert replace(job_of(), version="0.0.0").key != before
    monkeypatch.setattr(jobs, name, 7)
    assert job_of().key != before


def test_what_does_not_concern_a_model_leaves_its_key() -> None:
    assert job_of(BenchmarkSettings(baseline="other/bert", seeds=5)).key == job_of().key


def test_a_baseline_folder_is_known_by_its_files_and_named_without_its_path(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "my-bert"
    folder.mkdir()
    weights = folder / "model.safetensors"
    weights.write_bytes(b"1234")

    def job() -> Job:
        settings = BenchmarkSettings(baseline=str(folder))
        return job_of(settings, contender=Contender("bert-frozen", None), values=None)

    first = job()
    assert first.baseline is not None
    assert first.baseline.startswith("my-bert#")
    assert job().key == first.key
    os.utime(weights, ns=(1, 1))
    assert job().key != first.key
