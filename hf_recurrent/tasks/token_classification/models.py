"""The rows of the comparison of taggers; nothing heavy is imported here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ...training.defaults import RECIPE
from ..model_rows import BEST_MODEL, ModelRow, Search, deferred

__all__ = ["DEFAULT_MODELS", "FINE_TUNING", "MODELS", "NETWORKS"]

_BASE: dict[str, Any] = {
    "batch_size": RECIPE["per_device_train_batch_size"],
    "weight_decay": 0.0,
    "warmup_steps": 0.0,
}
NETWORKS = Search(
    {
        **_BASE,
        "learning_rate": 2e-3,
        "epochs": 25,
        "patience": 4,
        "hidden_size": 200,
        "embedding_dropout": 0.4,
        "hidden_dropout": 0.4,
        "classifier_dropout": 0.4,
    },
    ({}, {"batch_size": 16}),
)
FINE_TUNING = Search(
    {
        **_BASE,
        "learning_rate": 1e-4,
        "epochs": 4,
        "patience": 1,
        "weight_decay": 0.01,
        "warmup_steps": 0.06,
    },
    ({}, {"learning_rate": 5e-5}),
)
_VECTOR_LIMIT = (
    "Word vectors were trained on billions of words, and that cost stands nowhere in this table. "
    "Words are looked up in lower case; characters see the case."
)
_ENCODER_LIMIT = (
    "The encoder was pretrained on far more text than the word vectors, and that cost stands "
    "nowhere in this table. Its tokenizer cuts words into pieces; the first piece of a word is "
    "tagged."
)
_FLOOR_LIMIT = (
    "The floors leave nothing to chance, so one run says all. The CRF over hand-made features "
    "chooses its penalties on validation."
)
_HERE = __name__.rpartition(".")[0]


def _floor(title: str, name: str) -> ModelRow:
    return ModelRow(title, deferred(f"{_HERE}.fitting", name), limits=(_FLOOR_LIMIT,))


def _recurrent(title: str, rate: float, characters: str | None = None, **config: Any) -> ModelRow:
    return ModelRow(
        title,
        deferred(f"{_HERE}.fitting", "fit_recurrent"),
        config=config,
        search=NETWORKS,
        uses_word_vectors=True,
        characters=characters,
        keep=BEST_MODEL,
        family="recurrent taggers",
        rate=rate,
        limits=(_VECTOR_LIMIT,),
    )


MODELS: Mapping[str, ModelRow] = MappingProxyType(
    {
        "most-frequent": _floor("most frequent tag of each word", "fit_most_frequent"),
        "feature-crf": _floor("CRF over hand-made features", "fit_feature_crf"),
        "bigru": _recurrent("BiGRU", 600.0, cell_type="gru", bidirectional=True),
        "bilstm": _recurrent("BiLSTM", 600.0, cell_type="lstm", bidirectional=True),
        "bilstm-crf": _recurrent(
            "BiLSTM-CRF", 400.0, cell_type="lstm", bidirectional=True, crf=True
        ),
        "bilstm-chars": _recurrent(
            "BiLSTM, characters", 300.0, "cnn", cell_type="lstm", bidirectional=True
        ),
        "bilstm-crf-chars": _recurrent(
            "BiLSTM-CRF, characters",
            250.0,
            "cnn",
            cell_type="lstm",
            bidirectional=True,
            crf=True,
        ),
        "bert-finetuned": ModelRow(
            "fine-tuned encoder",
            deferred(f"{_HERE}.fitting", "fit_encoder"),
            search=FINE_TUNING,
            uses_encoder=True,
            rate=32.0,
            limits=(_ENCODER_LIMIT,),
        ),
    }
)
DEFAULT_MODELS = (
    "most-frequent",
    "feature-crf",
    "bigru",
    "bilstm",
    "bilstm-crf",
    "bilstm-crf-chars",
)
