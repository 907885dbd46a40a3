"""The rows of the comparison on sessions; nothing heavy is imported here."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from ..model_rows import BEST_MODEL, ModelRow, Search, deferred

# Chosen on the validation part of the yoochoose slice, where more epochs gained nothing.
_BASE: dict[str, Any] = {
    "learning_rate": 3e-3,
    "epochs": 7,
    "batch_size": 32,
    "weight_decay": 0.0,
    "warmup_steps": 0.0,
    "hidden_size": 128,
    "embedding_dropout": 0.3,
    "classifier_dropout": 0.3,
}
_SEARCH = Search(
    _BASE, ({}, {"hidden_size": 256, "embedding_dropout": 0.5, "classifier_dropout": 0.4})
)
# The values of GRU4Rec: Adagrad, no clipping, as many sessions side by side as a batch has rows.
_REFERENCE = Search(
    _BASE
    | {"learning_rate": 0.1, "momentum": 0.0, "max_grad_norm": 0.0, "schedule": "constant"}
    | {"batch_size": 100, "parallel": True, "hidden_size": 100, "epochs": 4}
    | {"embedding_dropout": 0.1, "classifier_dropout": 0.0},
    ({}, {"learning_rate": 0.05, "momentum": 0.2}),
)
_NEGATIVES = {"negatives": 512}
_REFITTED = (
    "Values are chosen on validation; every model is then fitted anew on the training and the "
    "validation part, and judged on the test part once."
)
_REFERENCE_LIMIT = (
    "Session-parallel: the mode of the first GRU4Rec, one item a step and no gradient through the "
    "steps before it. The other networks are trained through all steps of whole sessions."
)
_fitting = partial(deferred, f"{__name__.rpartition('.')[0]}.fitting")
_floors = partial(deferred, f"{__name__.rpartition('.')[0]}.floors")


def _floor(title: str, kind: str, **settings: Any) -> ModelRow:
    config = {"floor": kind, **settings}
    return ModelRow(title, _floors("fit_floor"), config=config, limits=(_REFITTED,))


def _network(
    title: str, rate: float, search: Search = _SEARCH, limits: tuple[str, ...] = (), **config: Any
) -> ModelRow:
    return ModelRow(
        title,
        _fitting("fit_recurrent"),
        config=config,
        search=search,
        keep=BEST_MODEL,
        family="recurrent networks",
        rate=rate,
        limits=(_REFITTED, *limits),
    )


def _sampled(title: str, loss: str) -> ModelRow:
    return _network(
        f"GRU, {title}",
        1000.0,
        cell_type="gru",
        output_loss=loss,
        output_loss_config=_NEGATIVES,
    )


MODELS: Mapping[str, ModelRow] = MappingProxyType(
    {
        "popularity": _floor("popularity", "popularity"),
        "session-popularity": _floor("popularity in the session", "session popularity"),
        "item-knn": _floor("item-kNN", "item neighbors", damping=20.0),
        "markov": _floor("Markov chain", "rules", steps=1),
        "rules": _floor("sequential rules", "rules", steps=10),
        "vs-knn": _floor("VS-kNN", "session neighbors", neighbors=100, newest=1000),
        "gru": _network("GRU", 1000.0, cell_type="gru"),
        "lstm": _network("LSTM", 1000.0, cell_type="lstm"),
        "mingru": _network("minGRU", 1000.0, cell_type="mingru"),
        "gru-sampled": _sampled("sampled softmax", "sampled_softmax"),
        "gru-nce": _sampled("NCE", "nce"),
        "gru-bpr-max": _sampled("BPR-max", "bpr_max"),
        "gru-top1-max": _sampled("TOP1-max", "top1_max"),
        "gru4rec": _network(
            "GRU, session-parallel",
            500.0,
            _REFERENCE,
            (_REFERENCE_LIMIT,),
            cell_type="gru",
            output_loss="sampled_softmax",
            output_loss_config=_NEGATIVES | {"in_batch": True},
        ),
        "gpt2": ModelRow(
            "GPT-2 from scratch",
            _fitting("fit_gpt2"),
            config={"num_hidden_layers": 1},
            search=Search(
                {n: v for n, v in _BASE.items() if "dropout" not in n and n != "hidden_size"}
                | {"learning_rate": 2e-3, "context": 64, "dropout": 0.25, "like": 128},
                ({}, {"learning_rate": 1e-3}),
            ),
            rate=500.0,
            limits=(_REFITTED,),
        ),
    }
)
DEFAULT_MODELS = tuple(name for name in MODELS if not name.startswith("gru-"))
