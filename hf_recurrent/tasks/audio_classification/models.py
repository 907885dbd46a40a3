"""The rows of the comparison of audio classifiers; nothing heavy is imported here."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from ..model_rows import BEST_MODEL, ModelRow, Search, deferred

_fitting = partial(deferred, f"{__name__.rpartition('.')[0]}.fitting")

# Few speakers stand for all, so that each is heard with other tempos and other vocal tracts too.
NETWORKS = Search(
    {
        "batch_size": 64,
        "learning_rate": 3e-3,
        "epochs": 16,
        "weight_decay": 0.0,
        "warmup_steps": 0.1,
        "num_mel_bins": 40,
        "delta_order": 1,
        "conv_dim": [64, 64],
        "conv_kernel": [5, 3],
        "conv_stride": [2, 2],
        "hidden_size": 64,
        "num_hidden_layers": 1,
        "pooling": "max",
        "hidden_dropout": 0.2,
        "classifier_dropout": 0.3,
        "mask_time_prob": 0.1,
        "mask_time_length": 5,
        "mask_feature_prob": 0.1,
        "mask_feature_length": 6,
        "speeds": [0.8, 0.9, 1.0, 1.1, 1.25],
        "warps": [0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.15],
    },
    ({}, {"num_hidden_layers": 2, "epochs": 24}),
)
_ONE_SPEAKER = "Where one speaker says all parts, figures say nothing of other speakers."


def _network(title: str, **config: Any) -> ModelRow:
    return ModelRow(
        title,
        _fitting("fit_recurrent"),
        config=config,
        search=NETWORKS,
        keep=BEST_MODEL,
        family="recurrent networks",
        rate=300.0,
        limits=(_ONE_SPEAKER,),
    )


MODELS: Mapping[str, ModelRow] = MappingProxyType(
    {
        "template": ModelRow("nearest template", _fitting("fit_templates")),
        "bigru": _network("BiGRU", cell_type="gru", bidirectional=True),
        "bilstm": _network("BiLSTM", cell_type="lstm", bidirectional=True),
        "lstm-streaming": _network("LSTM, streaming", cell_type="lstm", bidirectional=False),
    }
)
