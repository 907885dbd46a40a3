"""The rows of the comparison on series; nothing heavy is imported here."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from ..model_rows import BEST_MODEL, ModelRow, Search, deferred

# All networks train for as many seconds.
_BASE: dict[str, Any] = {
    "learning_rate": 5e-3,
    "epochs": None,
    "seconds": 20.0,
    "batch_size": 32,
    "hidden_size": 40,
    "num_hidden_layers": 2,
    "dropout": 0.1,
    "scaling": "std",
    "anchor": "last",
    "samples": 100,
}
# DeepAR as it was published (scaling "mean", no anchor) was four times as bad by wQL on validation
# after as many seconds on exchange rates, and twenty times on co2.
_SEARCH = Search(_BASE, ({}, {"anchor": "season"}))
_REFITTED = (
    "Settings are chosen on validation; every model is then fitted anew on all that is before the "
    "test part, and judged on it once."
)
_EQUAL = "Networks train for equal times (or, with --epochs, on equally many windows)."
_QUANTILES = (
    "Quantiles are fed back from step to step, and a sample is never beyond the outermost of them."
)
_FUTURE_ONLY = "The TimeSeriesTransformer reads no columns that are known of the past alone."
_fitting = partial(deferred, f"{__name__.rpartition('.')[0]}.fitting")
_floors = partial(deferred, f"{__name__.rpartition('.')[0]}.floors")


def _floor(title: str, kind: str, limit: str, **config: Any) -> ModelRow:
    return ModelRow(title, _floors("fit_floor"), config={"floor": kind, **config}, limits=(limit,))


def _network(title: str, *limits: str, **config: Any) -> ModelRow:
    return ModelRow(
        title,
        _fitting("fit_recurrent"),
        config=config,
        search=_SEARCH,
        keep=BEST_MODEL,
        family="recurrent networks",
        rate=1000.0,
        limits=(_REFITTED, _EQUAL, *limits),
    )


_NAIVE = "Naive forecasts are normal, with the deviation of their errors on the past."
_LAST = (
    "AutoETS and AutoTheta (statsforecast) are fitted to the last values of each window's past; "
    "one on which they cannot be fitted has the naive forecast."
)
MODELS: Mapping[str, ModelRow] = MappingProxyType(
    {
        "naive": _floor("naive", "naive", _NAIVE),
        "seasonal-naive": _floor("seasonal naive", "seasonal naive", _NAIVE),
        "auto-ets": _floor("AutoETS", "AutoETS", _LAST, longest=500),
        "auto-theta": _floor("AutoTheta", "AutoTheta", _LAST, longest=500),
        "lstm": _network("LSTM, Student-t", cell_type="lstm"),
        "gru": _network("GRU, Student-t", cell_type="gru"),
        "mingru": _network("minGRU, Student-t", cell_type="mingru"),
        "lstm-quantiles": _network(
            "LSTM, quantiles", _QUANTILES, cell_type="lstm", distribution_output="quantiles"
        ),
        "gru-quantiles": _network(
            "GRU, quantiles", _QUANTILES, cell_type="gru", distribution_output="quantiles"
        ),
        "transformer": ModelRow(
            "TimeSeriesTransformer",
            _fitting("fit_transformer"),
            search=Search(
                {n: v for n, v in _BASE.items() if n not in ("scaling", "anchor", "hidden_size")}
                | {"learning_rate": 1e-3, "scaling": "std", "d_model": 32},
                ({}, {"scaling": "mean"}),
            ),
            rate=1000.0,
            limits=(_REFITTED, _EQUAL, _FUTURE_ONLY),
        ),
    }
)
DEFAULT_MODELS = tuple(name for name in MODELS if name != "gru-quantiles")
