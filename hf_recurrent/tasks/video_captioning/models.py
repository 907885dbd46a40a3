"""The rows of the comparison of captioners; nothing heavy is imported here."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from ..model_rows import BEST_MODEL, ModelRow, Search, deferred

_fitting = partial(deferred, f"{__name__.rpartition('.')[0]}.fitting")

NETWORKS = Search(
    {
        "batch_size": 32,
        "learning_rate": 1e-3,
        "epochs": 40,
        "hidden_size": 128,
        "embedding_size": 64,
        "dropout": 0.1,
        "picture_encoder": True,
    },
    ({}, {"hidden_size": 192, "dropout": 0.2}),
)


def _network(title: str, **config: Any) -> ModelRow:
    return ModelRow(
        title,
        _fitting("fit_captioner"),
        config=config,
        search=NETWORKS,
        keep=BEST_MODEL,
        family="captioners",
        rate=60.0,
    )


MODELS: Mapping[str, ModelRow] = MappingProxyType(
    {
        "frequent": ModelRow("most frequent sentence", _fitting("fit_frequent")),
        "neighbor": ModelRow("nearest clip's sentence", _fitting("fit_neighbour")),
        "attention": _network(
            "GRU, temporal attention",
            cell_type="gru",
            attention_type="additive",
            input_feeding=True,
        ),
        "no-attention": _network("GRU, no attention", cell_type="gru", attention_type="none"),
    }
)
