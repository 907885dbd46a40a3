"""Tiny data, a tiny encoder, and runs without child processes."""

import csv
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from gensim.models import KeyedVectors
from threadpoolctl import threadpool_limits
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast, set_seed

from hf_recurrent.benchmark import run as run_module
from hf_recurrent.benchmark.jobs import contenders, make_job
from hf_recurrent.benchmark.prepare import prepare
from hf_recurrent.benchmark.settings import BenchmarkSettings
from hf_recurrent.benchmark.worker import Workplace, run_job
from hf_recurrent.tasks import input_layers
from hf_recurrent.tasks.model_rows import Work
from hf_recurrent.tasks.word_vectors import Embedding

GOOD, BAD = ("fine", "warm", "moving", "clever"), ("dull", "cold", "empty", "clumsy")
FILLERS = ("the", "film", "is", "a", "story", "of", "two", "friends", "and", "their", "dog")


def sentences(count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Make sentences that one word makes good or bad."""
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        words = [chance.choice(FILLERS) for _ in range(chance.randrange(3, 9))]
        words.insert(chance.randrange(len(words)), chance.choice((GOOD, BAD)[number % 2]))
        rows.append((" ".join([*words, str(number)]), ("good", "bad")[number % 2]))
    return rows


def write_csv(path: Path, rows: list[tuple[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    return path


def finished() -> dict:
    """A result that needed no training."""
    return {
        "validation": 0.5,
        "curve": [0.4, 0.5],
        "epochs": 2.0,
        "training_seconds": 1.0,
        "trained_on": 128,
        "threads": {"fixed": True, "training": 1, "inference": 2, "changes": []},
        "load": {"before": 0.2, "after": 1.1, "others": 0.1, "cpus": 2, "usable": 2},
        "machine": {"cpus": 2},
        "test": {"accuracy": 0.5, "f1_macro": 0.4, "matthews_correlation": 0.1},
        "latency": {"median_ms": 1.0, "p95_ms": 2.0, "timed": 16, "threads": 1},
        "inference_rate": 1.0,
        "training_rate": 1.0,
        "parameters": 10,
        "trainable_parameters": 10,
        "size_mib": 1.0,
        "peak_mib": 2.0,
        "imported_mib": 1.0,
        "truncation": "256 words",
        "trials": [],
        "encoder": None,
        "note": "",
        "examples": [],
    }


@pytest.fixture(autouse=True)
def one_thread():
    """Models this small gain nothing from threads, and lose much where cores are shared."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with threadpool_limits(1, user_api="blas"):
        yield
    torch.set_num_threads(threads)


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "reviews.csv", sentences(160))


@pytest.fixture
def vectors(monkeypatch: pytest.MonkeyPatch) -> KeyedVectors:
    """Word vectors of the sentences, of which those of good and of bad words are far apart."""
    keyed = KeyedVectors(4)
    generator = np.random.default_rng(0)
    for words, mean in ((GOOD, 1.0), (BAD, -1.0), (FILLERS, 0.0)):
        keyed.add_vectors(list(words), generator.normal(mean, 0.2, (len(words), 4)))
    monkeypatch.setattr(input_layers, "load_vectors", lambda name: keyed)
    return keyed


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny BERT with a tokenizer, as a folder."""
    folder = tmp_path_factory.mktemp("encoders") / "tiny-bert"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *GOOD, *BAD, *FILLERS]
    backend = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    backend.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="[PAD]", unk_token="[UNK]", model_max_length=16
    ).save_pretrained(folder)
    set_seed(0)
    BertModel(
        BertConfig(
            vocab_size=len(words),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=32,
        )
    ).save_pretrained(folder)
    return folder


@pytest.fixture
def no_children(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Runs jobs in this process; gives the list of what was run."""
    done: list[str] = []

    def run_here(job, place):
        result = run_job(job, place)
        done.append(str(job))
        return result

    monkeypatch.setattr(run_module, "_in_child", run_here)
    return done


@pytest.fixture
def work(tmp_path: Path, reviews: Path):
    """Prepares one job on the reviews: gives the job, its data and its work place."""

    def make(model: str, embedding: str | None = None, **changes):
        values = changes.pop("values", {})
        settings = BenchmarkSettings(
            **{"dataset": str(reviews), "models": (model,), "epochs": 2, "threads": 1}
            | changes
            | ({"embeddings": (Embedding.parse(embedding),)} if embedding else {})
        )
        prepared = prepare(settings)
        (contender,) = contenders(settings)
        first = settings.trial_values(model)[0]
        job = make_job("run", contender, 0, first, settings, prepared.digest)
        job = type(job)(**{**vars(job), "values": {**job.values, **values}})
        vocabulary = None
        if embedding:
            vocabulary = tmp_path / "vocabulary"
            vocabulary.mkdir()
            prepared.save_vocabulary(embedding.split(":")[0], vocabulary)
        prepared.data.save_to_disk(str(tmp_path / "data"))
        (tmp_path / "model").mkdir()
        place = Workplace(
            tmp_path / "data", vocabulary, tmp_path / "model", settings.encoder_of(model)
        )
        return job, prepared.data, place

    return make


@pytest.fixture
def given(work):
    """Prepares what a fitting function is given: returns it and its work place."""

    def make(model: str, embedding: str | None = None, **changes):
        job, data, place = work(model, embedding, **changes)
        task = BenchmarkSettings().chosen_task
        return Work(
            str(job),
            task,
            task.models[job.model],
            job.values,
            job.seed,
            job.max_length,
            data,
            Embedding.parse(embedding) if embedding else None,
            place.vocabulary,
            place.baseline,
        ), place

    return make
