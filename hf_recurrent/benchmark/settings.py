"""What the comparison runs and with which values.

Those of `training.defaults` are the script's as well. Nothing heavy is imported here.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from .._wording import did_you_mean
from ..training.defaults import (
    DROPOUTS,
    EXTRA_WORDS,
    HIDDEN_SIZE,
    MAX_LENGTH,
    PATIENCE,
    POOLING,
    RANDOM_EMBEDDING_SIZE,
    RANDOM_MIN_FREQUENCY,
    RECIPE,
    VECTOR_SCALE,
)

__all__ = [
    "DEFAULTS",
    "EXTRA_WORDS",
    "FINE_TUNING",
    "FINE_TUNING_TRIALS",
    "LINEAR_TRIALS",
    "MODELS",
    "RANDOM_EMBEDDING_SIZE",
    "RANDOM_MIN_FREQUENCY",
    "TRIALS",
    "VECTOR_SCALE",
    "BenchmarkSettings",
    "Embedding",
    "ModelSpec",
    "Values",
]

Kind = Literal["linear", "static", "recurrent", "frozen-encoder", "tuned-encoder"]


@dataclass(frozen=True)
class ModelSpec:
    """A model of the comparison.

    Attributes:
        title: What the report calls it.
        kind: How it is trained; "linear" and "frozen-encoder" leave nothing to chance.
        config: Fields of its configuration that differ from the defaults.
    """

    title: str
    kind: Kind
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def uses_word_vectors(self) -> bool:
        """Whether the choice of embeddings concerns it."""
        return self.kind in ("static", "recurrent")

    @property
    def is_deterministic(self) -> bool:
        """Whether one run says all, whatever the seed."""
        return self.kind in ("linear", "frozen-encoder")


MODELS: Mapping[str, ModelSpec] = MappingProxyType(
    {
        "tfidf": ModelSpec("tf-idf 1-2 grams + logistic regression", "linear"),
        "mean": ModelSpec("mean of word vectors", "static"),
        "rnn": ModelSpec("RNN (Elman)", "recurrent", {"cell_type": "rnn_tanh"}),
        "lstm": ModelSpec("LSTM", "recurrent", {"cell_type": "lstm"}),
        "gru": ModelSpec("GRU", "recurrent", {"cell_type": "gru"}),
        "bilstm": ModelSpec("BiLSTM", "recurrent", {"cell_type": "lstm", "bidirectional": True}),
        "bilstm-attention": ModelSpec(
            "BiLSTM + attention",
            "recurrent",
            {"cell_type": "lstm", "bidirectional": True, "pooling": "attention"},
        ),
        "stacked": ModelSpec(
            "2-layer BiLSTM, residual",
            "recurrent",
            {
                "cell_type": "lstm",
                "bidirectional": True,
                "num_hidden_layers": 2,
                "residual": True,
            },
        ),
        "bert-frozen": ModelSpec("frozen encoder + logistic regression", "frozen-encoder"),
        "bert-finetuned": ModelSpec("fine-tuned encoder", "tuned-encoder"),
    }
)

VECTORS = ("random", "glove", "word2vec", "glove+word2vec")


@dataclass(frozen=True)
class Embedding:
    """Which word vectors a model starts from, and whether training changes them."""

    vectors: str
    tuned: bool

    def __str__(self) -> str:
        return f"{self.vectors}:{'tuned' if self.tuned else 'frozen'}"

    @classmethod
    def parse(cls, text: str) -> "Embedding":
        """Reads "glove:tuned", "glove:frozen", or "glove", which is tuned.

        Raises:
            ValueError: If there are no such embeddings.
        """
        vectors, _, mode = text.partition(":")
        if vectors not in VECTORS or mode not in ("", "tuned", "frozen"):
            raise ValueError(
                f"There are no embeddings {text!r}: expected one of {', '.join(VECTORS)}, followed "
                f"by ':tuned' or ':frozen'.{did_you_mean(vectors, VECTORS)}"
            )
        return cls(vectors, mode != "frozen")


@dataclass(frozen=True)
class Values:
    """Values of training; the model's own fields pass to its configuration as they are named."""

    learning_rate: float
    epochs: int
    patience: int
    batch_size: int = RECIPE["per_device_train_batch_size"]
    weight_decay: float = 0.0
    warmup_steps: float = 0.0
    hidden_size: int = HIDDEN_SIZE
    pooling: str = POOLING
    embedding_dropout: float = 0.0
    hidden_dropout: float = 0.0
    classifier_dropout: float = 0.0
    variational_dropout: bool = False
    label_smoothing: float = 0.0


# Every neural model that is trained here, and what each trial changes: the same list for all.
DEFAULTS = Values(
    learning_rate=RECIPE["learning_rate"],
    epochs=RECIPE["num_train_epochs"],
    patience=PATIENCE,
    **DROPOUTS,
)
TRIALS: tuple[Mapping[str, Any], ...] = (
    {},
    {"learning_rate": 1e-3, "embedding_dropout": 0.5},
    {"learning_rate": 1e-3},
    {"embedding_dropout": 0.5},
    {"learning_rate": 1e-3, "embedding_dropout": 0.5, "label_smoothing": 0.1},
    {"learning_rate": 5e-4, "embedding_dropout": 0.5},
    {"learning_rate": 1e-3, "embedding_dropout": 0.5, "hidden_size": 256},
    {"learning_rate": 4e-3},
)
# A pretrained encoder that is fine-tuned wants far smaller steps, and has a list of its own.
FINE_TUNING = Values(learning_rate=3e-5, epochs=3, patience=1, weight_decay=0.01, warmup_steps=0.06)
FINE_TUNING_TRIALS: tuple[Mapping[str, Any], ...] = (
    {},
    {"learning_rate": 5e-5},
    {"learning_rate": 1e-4},
    {"learning_rate": 2e-5},
)
# Inverse strength of the penalty of logistic regression, chosen on validation: it takes seconds.
LINEAR_TRIALS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)

LATENCY_TEXTS = 200
INFERENCE_BATCH = 32
PACKAGED_BASELINE = "minilm"
BASELINE_TITLES = {PACKAGED_BASELINE: "MiniLM-L6 sentence encoder"}

DEFAULT_MODELS = ("tfidf", "mean", "rnn", "lstm", "gru", "bilstm-attention", "bert-frozen")
DEFAULT_EMBEDDINGS = (Embedding("glove", True),)
ALL_EMBEDDINGS = tuple(Embedding(vectors, tuned) for vectors in VECTORS for tuned in (True, False))


@dataclass(frozen=True)
class BenchmarkSettings:
    """What one call of the comparison was asked for.

    Attributes:
        dataset: Name, file, folder or Hub id.
        models: Keys of `MODELS`.
        embeddings: Those that the models over word vectors are run with.
        seeds: Number of seeds, from 0 on.
        trials: Number of values tried for each model, 1 to 8; 1 takes the defaults.
        epochs: Largest number of epochs; None for that of the defaults.
        max_length: Tokens after which a text is cut.
        baseline: "minilm", a Hub id or a folder of an encoder.
        limit_train: Rows to train on; None for all.
        data_dir: Folder of the files of named data sets.
        text_column: Column of the texts in files and on the Hub.
        label_column: Column of the labels in files and on the Hub.
        label_lines: Whether files are lines of a label and a text.
        threads: Number of threads of every model; None to find it for each by a trial.
        trust_remote_code: Whether code that lies beside the baseline may run.
    """

    dataset: str = "movie-snippets"
    models: tuple[str, ...] = DEFAULT_MODELS
    embeddings: tuple[Embedding, ...] = DEFAULT_EMBEDDINGS
    seeds: int = 2
    trials: int = 1
    epochs: int | None = None
    max_length: int = MAX_LENGTH
    baseline: str = PACKAGED_BASELINE
    limit_train: int | None = None
    data_dir: str | None = None
    text_column: str | None = None
    label_column: str | None = None
    label_lines: bool = False
    threads: int | None = None
    trust_remote_code: bool = False

    def __post_init__(self) -> None:
        unknown = [name for name in self.models if name not in MODELS]
        if unknown:
            raise ValueError(
                f"There is no model {unknown[0]!r}: expected one of {', '.join(MODELS)}."
                f"{did_you_mean(unknown[0], MODELS)}"
            )
        for name, value, least, most in (
            ("seeds", self.seeds, 1, None),
            ("trials", self.trials, 1, len(TRIALS)),
            ("epochs", self.epochs, 1, None),
            ("max_length", self.max_length, 1, None),
            ("limit_train", self.limit_train, 1, None),
            ("threads", self.threads, 1, None),
        ):
            if value is not None and (value < least or (most is not None and value > most)):
                bounds = f"{least} to {most}" if most else f"at least {least}"
                raise ValueError(f"{name} is {value}, expected {bounds}.")

    def trial_values(self, model: str) -> list[Values]:
        """Gives the values to try for a neural model, the defaults first."""
        tuned = MODELS[model].kind == "tuned-encoder"
        base = FINE_TUNING if tuned else DEFAULTS
        if self.epochs is not None:
            base = replace(base, epochs=self.epochs)
        changes = (FINE_TUNING_TRIALS if tuned else TRIALS)[: self.trials]
        return [replace(base, **change) for change in changes]

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as they stand in the report, without the folders of this machine."""
        shown = asdict(self)
        del shown["data_dir"]
        if Path(self.baseline).is_dir():
            shown["baseline"] = Path(self.baseline).name
        return shown | {"embeddings": [str(embedding) for embedding in self.embeddings]}
