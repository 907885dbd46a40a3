"""The rows of the comparison of recognisers; nothing heavy is imported here."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from ..model_rows import BEST_MODEL, ModelRow, Search, deferred

_fitting = partial(deferred, f"{__name__.rpartition('.')[0]}.fitting")

NETWORKS = Search(
    {
        "batch_size": 16,
        "learning_rate": 3e-3,
        "epochs": 40,
        "weight_decay": 0.0,
        "warmup_steps": 0.1,
        "unit": "character",
        "num_mel_bins": 40,
        "delta_order": 0,
        "conv_dim": [128],
        "conv_kernel": [5],
        "conv_stride": [3],
        "hidden_size": 128,
        "num_hidden_layers": 2,
        "hidden_dropout": 0.3,
        "classifier_dropout": 0.3,
        "mask_time_prob": 0.1,
        "mask_time_length": 6,
        "trim_silence": True,
        "language_model": True,
    }
)
# The usual rate of small Transformers; it was not tuned.
CONFORMER = Search({**NETWORKS.base, "learning_rate": 1e-3, "blocks": 4, "subsampling": 4})
_LANGUAGE = (
    "The language model has three-grams of the training texts only, and the lexicon their words; "
    "its weight is chosen on validation."
)
_SIZE = "The Conformer has about as many parameters as the bidirectional networks."
_TEMPLATES = (
    "The nearest template knows only the texts of the training part, so it is a floor for closed "
    "sets of sentences."
)


def _network(title: str, **config: Any) -> ModelRow:
    return ModelRow(
        title,
        _fitting("fit_recurrent"),
        config=config,
        search=NETWORKS,
        keep=BEST_MODEL,
        family="recurrent networks",
        rate=60.0,
        limits=(_LANGUAGE,),
    )


MODELS: Mapping[str, ModelRow] = MappingProxyType(
    {
        "template": ModelRow("nearest template", _fitting("fit_templates"), limits=(_TEMPLATES,)),
        "bilstm": _network("BiLSTM", cell_type="lstm", bidirectional=True),
        "bigru": _network("BiGRU", cell_type="gru", bidirectional=True),
        "conformer": ModelRow(
            "Conformer from scratch",
            deferred(f"{__name__.rpartition('.')[0]}.conformer", "fit_conformer"),
            search=CONFORMER,
            rate=40.0,
            limits=(_LANGUAGE, _SIZE),
        ),
        "lstm-streaming": _network("LSTM, streaming", cell_type="lstm", bidirectional=False),
    }
)
