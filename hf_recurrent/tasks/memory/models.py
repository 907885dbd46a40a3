"""The rows of the comparison on memory tasks; nothing heavy is imported here."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from ..model_rows import BEST_MODEL, ModelRow, Search, deferred

# All networks get the same budget: each training row once, and a fixed width. Networks without
# gates need a lower learning rate: of copying over 50 steps, the identity-initialised one had 31 %
# of the validation symbols right at 1e-3, and 22 % at 3e-3.
NETWORKS = Search(
    {
        "batch_size": 32,
        "learning_rate": 5e-3,
        "epochs": 1,
        "evaluations": 20,
        "weight_decay": 0.0,
        "warmup_steps": 0.0,
        "hidden_size": 64,
    },
    ({}, {"learning_rate": 1e-2}, {"learning_rate": 1e-3}),
)
_WITHOUT_GATES = Search(
    {**NETWORKS.base, "learning_rate": 1e-3},
    ({}, {"learning_rate": 3e-3}, {"learning_rate": 3e-4}),
)
_LAYERS_LIMIT = (
    "minGRU and minLSTM have two layers, the others one: their gates do not read the state, and "
    "their authors found one layer too little for selective copying."
)
_GUESS_LIMIT = (
    "The guess remembers nothing: it answers blanks and then every symbol with the same "
    "probability, or the mean sum. A network that is no better has not bridged the delay."
)
_fitting = partial(deferred, f"{__name__.rpartition('.')[0]}.fitting")


def _network(title: str, rate: float, *, search: Search = NETWORKS, **config: Any) -> ModelRow:
    return ModelRow(
        title,
        _fitting("fit_recurrent"),
        config=config,
        search=search,
        keep=BEST_MODEL,
        family="recurrent networks",
        rate=rate,
        limits=(_LAYERS_LIMIT,),
    )


MODELS: Mapping[str, ModelRow] = MappingProxyType(
    {
        "guess": ModelRow("guess without memory", _fitting("fit_guess"), limits=(_GUESS_LIMIT,)),
        "elman": _network("Elman", 8000.0, search=_WITHOUT_GATES, cell_type="rnn_tanh"),
        "irnn": _network(
            "Elman, ReLU and identity",
            8000.0,
            search=_WITHOUT_GATES,
            cell_type="rnn_relu",
            recurrent_initializer="identity",
        ),
        "lstm": _network("LSTM", 8000.0, cell_type="lstm"),
        "lstm-chrono": _network("LSTM, chrono", 8000.0, cell_type="lstm", chrono=True),
        "gru": _network("GRU", 3500.0, cell_type="gru"),
        "mingru": _network("minGRU, 2 layers", 4500.0, cell_type="mingru", num_hidden_layers=2),
        "minlstm": _network("minLSTM, 2 layers", 3500.0, cell_type="minlstm", num_hidden_layers=2),
    }
)
