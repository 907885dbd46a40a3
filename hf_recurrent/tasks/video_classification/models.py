"""The rows of the comparison of classifiers of clips; nothing heavy is imported here."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from ..model_rows import BEST_MODEL, ModelRow, Search, deferred

_fitting = partial(deferred, f"{__name__.rpartition('.')[0]}.fitting")

# Height and width of pictures; those of floors and of networks without a picture encoder.
PICTURE_SIZE, SMALL_SIZE = (32, 56), (16, 28)
NETWORKS = Search(
    {
        "batch_size": 16,
        "learning_rate": 2e-3,
        "epochs": 25,
        "weight_decay": 0.01,
        "warmup_steps": 0.1,
        "hidden_size": 64,
        "bidirectional": True,
        "pooling": "mean",
        "embedding_dropout": 0.2,
        "classifier_dropout": 0.3,
        "picture_encoder": True,
    },
    ({}, {"hidden_size": 48, "embedding_dropout": 0.0, "learning_rate": 3e-3}),
)
_PIXELS = Search(
    {**NETWORKS.base, "picture_encoder": False, "embedding_dropout": 0.1}, NETWORKS.trials
)
_ONE_PERSON = (
    "Where one person is in all parts, as with lips of GRID, figures say nothing of other persons."
)
_ENCODER = (
    "A network over clips has a small picture encoder that is trained with it; that over pixels "
    "has none. Over skeletons and sensors both are the same."
)


def _network(title: str, search: Search = NETWORKS, **config: Any) -> ModelRow:
    return ModelRow(
        title,
        _fitting("fit_recurrent"),
        config=config,
        search=search,
        keep=BEST_MODEL,
        family="recurrent networks",
        rate=100.0,
        limits=(_ONE_PERSON, _ENCODER),
    )


MODELS: Mapping[str, ModelRow] = MappingProxyType(
    {
        "majority": ModelRow("most frequent label", _fitting("fit_majority")),
        "nearest-mean": ModelRow("nearest class mean", _fitting("fit_nearest_mean")),
        "dtw": ModelRow("one neighbour, time warping", _fitting("fit_neighbour")),
        "bigru": _network("BiGRU", cell_type="gru"),
        "bilstm": _network("BiLSTM", cell_type="lstm"),
        "elman": _network("Elman, both ways", cell_type="rnn_tanh"),
        "mingru": _network("minGRU, both ways", cell_type="mingru", num_hidden_layers=2),
        "bigru-pixels": _network("BiGRU over pixels", _PIXELS, cell_type="gru"),
    }
)
