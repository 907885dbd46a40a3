"""The rows of the comparison on search; nothing heavy is imported here."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from ..model_rows import BASELINE, BEST_MODEL, ModelRow, Search, deferred
from ..network_rows import ENCODER_COST

_fitting = partial(deferred, f"{__name__.rpartition('.')[0]}.fitting")
_STEPS: dict[str, Any] = {"batch_size": 64, "warmup_steps": 0.1}
NETWORKS = Search(
    {
        **_STEPS,
        "learning_rate": 2e-3,
        "epochs": 8,
        "hidden_size": 128,
        "embedding_dropout": 0.2,
    },
    ({}, {"learning_rate": 1e-3}, {"hidden_size": 256}),
)
STATIC = Search({**_STEPS, "learning_rate": 1e-2, "epochs": 8}, ({}, {"learning_rate": 3e-3}))


def _vectors(title: str, weighting: str) -> ModelRow:
    return ModelRow(
        title,
        _fitting("fit_vectors"),
        config={"weighting": weighting},
        choices={"weighting": weighting},
        uses_word_vectors=True,
    )


def _network(title: str, **config: Any) -> ModelRow:
    return ModelRow(
        title,
        _fitting("fit_recurrent"),
        config={"bidirectional": True, **config},
        search=NETWORKS,
        uses_word_vectors=True,
        keep=BEST_MODEL,
        family="recurrent networks",
        rate=300.0,
    )


MODELS: Mapping[str, ModelRow] = MappingProxyType(
    {
        "tfidf": ModelRow("tf-idf", _fitting("fit_tfidf"), choices={"stop_words": "english"}),
        "bm25": ModelRow("BM25, stemmed", _fitting("fit_bm25"), choices={"k1": 1.5, "b": 0.75}),
        "mean": _vectors("mean of vectors", "mean"),
        "sif": _vectors("SIF of vectors", "sif"),
        "static": ModelRow(
            "static, trained",
            _fitting("fit_static"),
            search=STATIC,
            uses_word_vectors=True,
            keep="static",
            family="static encoders",
            rate=2000.0,
        ),
        "bilstm": _network("BiLSTM", cell_type="lstm"),
        "bigru": _network("BiGRU", cell_type="gru"),
        "encoder": ModelRow(
            "frozen encoder",
            _fitting("fit_encoder"),
            choices={"pooling": "mean"},
            encoder=BASELINE,
            rate=30.0,
            limits=(ENCODER_COST,),
        ),
    }
)
