"""The data and the vocabularies of a comparison, made once and read by every child process."""

import hashlib
import json
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import datasets

from ..data import TEXT_DATASETS, load_text_dataset, overlap
from ..vectors import load_named_vectors, make_vocabulary, word_inputs
from .fitted import texts_and_labels
from .input_layers import save_inputs
from .settings import EXTRA_WORDS, RANDOM_MIN_FREQUENCY, VECTOR_SCALE, BenchmarkSettings

__all__ = ["Prepared", "prepare"]

_SUBSET_SEED = 0


@dataclass
class Prepared:
    """The data of a comparison.

    Attributes:
        title: Name and description, without the folders of this machine.
        data: The splits, the training part already limited.
        digest: Of all texts, labels and splits before the limit.
        available: Rows of the whole training part.
        warnings: What the reader of the results must know.
    """

    title: str
    data: datasets.DatasetDict
    digest: str
    available: int
    warnings: list[str] = field(default_factory=list)

    @property
    def mean_words(self) -> float:
        """Words a training text, counted by white space."""
        texts = self.data["train"]["text"]
        return sum(len(text.split()) for text in texts) / len(texts)

    def save_vocabulary(self, vectors: str, folder: Path) -> dict[str, Any] | None:
        """Write the tokenizer and, where there are vectors, the input layer into a new folder.

        Returns:
            The name of the vectors, the share of the running words of the training texts that has
            one, and the whole report in words; None for random embeddings.
        """
        texts, _ = texts_and_labels(self.data["train"])
        if vectors == "random":
            vocabulary = make_vocabulary(texts, min_frequency=RANDOM_MIN_FREQUENCY)
            vocabulary.tokenizer.save_pretrained(folder)
            return None
        sets = load_named_vectors(vectors)
        with warnings.catch_warnings():
            # Of the published sets a few in a thousand; they change no figure.
            warnings.filterwarnings("ignore", message=".* out of reach of any text")
            inputs = word_inputs(sets, texts, extra_words=EXTRA_WORDS, scale=VECTOR_SCALE)
        save_inputs(inputs, folder)
        assert inputs.coverage is not None
        return {
            "vectors": vectors,
            "share": inputs.coverage.tokens_found / max(inputs.coverage.tokens, 1),
            "report": str(inputs.coverage),
        }


def prepare(settings: BenchmarkSettings) -> Prepared:
    """Loads the data of a comparison, and looks for what makes its figures doubtful.

    Raises:
        ValueError: If a column or a label is unknown, or the data cannot be split.
        OSError: If the data cannot be read or downloaded.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        data = load_text_dataset(
            settings.dataset,
            data_dir=settings.data_dir,
            text_column=settings.text_column,
            label_column=settings.label_column,
            label_lines=settings.label_lines,
        )
    found = [str(warning.message) for warning in caught if warning.category is UserWarning]
    shared = overlap(data["train"]["text"], data["test"]["text"])
    if shared.count:
        found.append(f"{shared}: the figures flatter every model that can learn by heart.")
    chosen_on = overlap(data["validation"]["text"], data["test"]["text"])
    if chosen_on.count:
        found.append(
            f"{chosen_on.count} of {chosen_on.total} test texts stand in the validation part, on "
            f"which models are chosen."
        )
    digest, available = _digest(data), len(data["train"])
    if settings.limit_train is not None and settings.limit_train < available:
        data["train"] = _subset(data["train"], settings.limit_train)
        found.append(f"Every model is trained on {settings.limit_train:,} of {available:,} rows.")
    spec = TEXT_DATASETS.get(settings.dataset)
    path = Path(settings.dataset)
    name = path.name if path.exists() else settings.dataset
    title = f"{name}: {spec.title}; splits: {spec.splits}" if spec else name
    return Prepared(title, data, digest, available, found)


def _digest(data: datasets.DatasetDict) -> str:
    digest = hashlib.sha256()
    for part in sorted(data):
        rows = data[part]
        content = [part, rows.features["label"].names, rows["text"][:], rows["label"][:]]
        digest.update(json.dumps(content).encode())
    return digest.hexdigest()[:16]


def _subset(rows: datasets.Dataset, size: int) -> datasets.Dataset:
    """Draws rows, each class by its share where each can have one."""
    classes = len(set(rows["label"][:]))
    if size < classes:
        raise ValueError(
            f"limit_train is {size}, which is too few for the {classes} classes of the "
            f"{len(rows)} training rows."
        )
    try:
        return rows.train_test_split(
            train_size=size, stratify_by_column="label", seed=_SUBSET_SEED
        )["train"]
    except ValueError:
        # A class of one row, or too few rows left over for every class.
        return rows.shuffle(seed=_SUBSET_SEED).select(range(size))
