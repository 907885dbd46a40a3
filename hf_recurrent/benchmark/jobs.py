"""One job of the comparison, and the key by which its result is found."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from .. import __version__
from ..tasks.word_vectors import OWN, Embedding
from ..training.defaults import (
    EXTRA_WORDS,
    RANDOM_EMBEDDING_SIZE,
    RANDOM_MIN_FREQUENCY,
    VECTOR_SCALE,
)
from .settings import BenchmarkSettings


@dataclass(frozen=True)
class Contender:
    """A model with its embeddings, if any: one line of the table."""

    model: str
    embedding: str | None

    def __str__(self) -> str:
        return f"{self.model} {self.embedding}" if self.embedding else self.model


@dataclass(frozen=True)
class Job:
    """What one child process does.

    Attributes:
        kind: "trial" is evaluated on validation only, "run" also on test.
        task: Id of the task.
        model: Name of a model of the task.
        embedding: Text form of an ``Embedding``; ``None`` for a model without word vectors.
        seed: Seed of all random numbers.
        values: Values of training, and all other settings that change the result.
        max_length: Tokens after which a row is cut.
        limit_train: Number of training rows; ``None`` for all.
        baseline: The encoder and a digest of it; ``None`` for a model without one.
        data: Digest of all rows and splits.
        version: Version of this package.
    """

    kind: Literal["trial", "run"]
    task: str
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
        """Digest of all fields."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]

    @property
    def contender(self) -> Contender:
        """The table line that the job belongs to."""
        return Contender(self.model, self.embedding)

    def __str__(self) -> str:
        return f"{self.contender}, seed {self.seed}" + (", trial" if self.kind == "trial" else "")


def contenders(settings: BenchmarkSettings) -> list[Contender]:
    """Return the table lines in their order."""
    chosen = []
    for model in dict.fromkeys(settings.chosen_models):
        if settings.chosen_task.models[model].uses_word_vectors:
            chosen += [Contender(model, str(e)) for e in dict.fromkeys(settings.embeddings)]
        else:
            chosen.append(Contender(model, None))
    return chosen


def make_job(
    kind: Literal["trial", "run"],
    contender: Contender,
    seed: int,
    values: Mapping[str, Any] | None,
    settings: BenchmarkSettings,
    data: str,
) -> Job:
    """Return the job of a table line, with all settings that its result depends on.

    ``values`` is ``None`` for models that choose their values themselves.
    """
    task = settings.chosen_task
    row = task.models[contender.model]
    every = dict(row.choices if values is None else values)
    if contender.embedding is not None:
        embedding = Embedding.parse(contender.embedding)
        if embedding.vectors == OWN and settings.vectors:
            every["vectors"] = _identity(settings.vectors)
        if embedding.sets:
            every["extra_words"] = EXTRA_WORDS
            every["vector_scale"] = VECTOR_SCALE
        else:
            every["embedding_size"] = RANDOM_EMBEDDING_SIZE
            every["min_frequency"] = RANDOM_MIN_FREQUENCY
    if row.characters is not None:
        every["characters"] = row.characters
    if settings.threads is not None:
        # Sums of floating-point numbers depend on it. A number that is found is in the result.
        every["threads"] = settings.threads
    return Job(
        kind=kind,
        task=task.id,
        model=contender.model,
        embedding=contender.embedding,
        seed=seed,
        values=every | dict(row.config),
        max_length=settings.max_length,
        limit_train=settings.limit_train,
        baseline=_identity(settings.encoder_of(contender.model)) if row.encoder else None,
        data=data,
    )


def _identity(baseline: str) -> str:
    """Return the name of an encoder; for files with a digest of their sizes and times."""
    place = Path(baseline)
    if not place.exists():
        return baseline
    inside = place.iterdir() if place.is_dir() else [place]
    files = sorted((f.name, f.stat().st_size, f.stat().st_mtime_ns) for f in inside)
    return f"{place.name}#{hashlib.sha256(repr(files).encode()).hexdigest()[:12]}"
