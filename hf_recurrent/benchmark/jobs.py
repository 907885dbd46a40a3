"""One piece of work of the comparison, and the key by which it is known to be done."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from .. import __version__
from .settings import (
    EXTRA_WORDS,
    LINEAR_TRIALS,
    MODELS,
    RANDOM_EMBEDDING_SIZE,
    RANDOM_MIN_FREQUENCY,
    VECTOR_SCALE,
    BenchmarkSettings,
    Embedding,
    Values,
)

__all__ = ["Job", "Task", "make_job", "tasks"]


@dataclass(frozen=True)
class Task:
    """A model with its embeddings, if it has any: one line of the table."""

    model: str
    embedding: str | None

    def __str__(self) -> str:
        return f"{self.model} {self.embedding}" if self.embedding else self.model


@dataclass(frozen=True)
class Job:
    """What one child process does.

    Attributes:
        kind: "trial" is judged on validation only, "run" also on test.
        model: Key of `settings.MODELS`.
        embedding: As `Embedding` writes itself; None for a model without word vectors.
        seed: Of everything that chance decides.
        values: Those of training, and whatever else of the settings the outcome depends on.
        max_length: Tokens after which a text is cut.
        limit_train: Rows to train on; None for all.
        baseline: The encoder and a digest of it, for a model that has one.
        data: Digest of all texts, labels and splits.
        version: Of this package.
    """

    kind: Literal["trial", "run"]
    model: str
    embedding: str | None
    seed: int
    values: Mapping[str, Any]
    max_length: int
    limit_train: int | None
    baseline: str | None
    data: str
    version: str = __version__

    @property
    def key(self) -> str:
        """Digest of all of it."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]

    @property
    def task(self) -> Task:
        """The line of the table that it belongs to."""
        return Task(self.model, self.embedding)

    def __str__(self) -> str:
        return f"{self.task}, seed {self.seed}" + (", trial" if self.kind == "trial" else "")


def tasks(settings: BenchmarkSettings) -> list[Task]:
    """Gives the lines of the table in their order."""
    chosen = []
    for model in dict.fromkeys(settings.models):
        if MODELS[model].uses_word_vectors:
            chosen += [Task(model, str(e)) for e in dict.fromkeys(settings.embeddings)]
        else:
            chosen.append(Task(model, None))
    return chosen


def make_job(
    kind: Literal["trial", "run"],
    task: Task,
    seed: int,
    values: Values | None,
    settings: BenchmarkSettings,
    data: str,
) -> Job:
    """Makes the job of a task, with everything that its outcome depends on in it.

    `values` is None for the models that choose theirs themselves, those of logistic regression.
    """
    spec = MODELS[task.model]
    every: dict[str, Any] = {"C": list(LINEAR_TRIALS)} if values is None else asdict(values)
    if task.embedding is not None:
        if Embedding.parse(task.embedding).vectors == "random":
            every["embedding_size"] = RANDOM_EMBEDDING_SIZE
            every["min_frequency"] = RANDOM_MIN_FREQUENCY
        else:
            every["extra_words"] = EXTRA_WORDS
            every["vector_scale"] = VECTOR_SCALE
    if settings.threads is not None:
        # Sums of floating-point numbers depend on it. One that is found stands in the result.
        every["threads"] = settings.threads
    has_encoder = spec.kind in ("frozen-encoder", "tuned-encoder")
    return Job(
        kind=kind,
        model=task.model,
        embedding=task.embedding,
        seed=seed,
        values=every | dict(spec.config),
        max_length=settings.max_length,
        limit_train=settings.limit_train,
        baseline=_identity(settings.baseline) if has_encoder else None,
        data=data,
    )


def _identity(baseline: str) -> str:
    """Names an encoder, a folder by its name and a digest of the sizes and times of its files."""
    folder = Path(baseline)
    if not folder.is_dir():
        return baseline
    files = sorted((f.name, f.stat().st_size, f.stat().st_mtime_ns) for f in folder.iterdir())
    return f"{folder.name}#{hashlib.sha256(repr(files).encode()).hexdigest()[:12]}"
