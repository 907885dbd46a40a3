"""The models that the comparison knows, one row each; nothing heavy is imported here."""

from dataclasses import replace
from typing import Any

from ..model_rows import BEST_MODEL, ModelRow, Search, deferred

_HERE = "hf_recurrent.tasks.text_generation"
_FIT_NGRAMS = deferred(f"{_HERE}.floors", "fit_ngrams")
_FIT_RECURRENT = deferred(f"{_HERE}.fitting", "fit_recurrent")
_FIT_GPT2 = deferred(f"{_HERE}.fitting", "fit_gpt2")

# All networks have about 700,000 parameters and a minute of training, in which they read only a
# part of a text of two million tokens. So one layer and an output bias that begins at the
# frequencies gain most: after 30 s of one core an LSTM had a perplexity of 82 on addresses of the
# validation part, and one of two layers, a million parameters and no such bias 233.
_BASE: dict[str, Any] = {
    "learning_rate": 6e-3,
    "epochs": None,
    "seconds": 60.0,
    "batch_size": 32,
    "window": 32,
    "random_windows": False,
    "parameters": 700_000,
}
_TRIALS: tuple[dict[str, Any], ...] = ({}, {"learning_rate": 3e-3}, {"learning_rate": 1e-2})
_SEARCH = Search(_BASE, _TRIALS)
# As many tokens a step; its window is also all that it reads when it is judged.
_OF_GPT2 = {"learning_rate": 1e-3, "batch_size": 8, "window": 128}
# The gates of minGRU and minLSTM do not see the state, so one layer of them is weak.
_LAYERS = {"mingru": 2, "minlstm": 2}
_EQUAL = (
    "Networks have about equal numbers of parameters, and train for equal times (or, with "
    "--epochs, on equal texts): the faster one reads more. With --threads 1 the time is that of "
    "the processor. minGRU, minLSTM and GPT-2 have two layers, the others one."
)
_AWD = (
    "AWD-LSTM is the LSTM with the dropouts, the activation regularisation and the random windows "
    "of Merity et al. (2018), with lower rates for so short a training, and Adam without averaging."
)
_CONTEXT = (
    "GPT-2 reads 128 tokens at most, and predicts each token after at least 64; recurrent "
    "networks carry their states through a document."
)
_ADAPTED = (
    "With dynamic evaluation (Krause et al. 2018) or a cache (Grave et al. 2017) a model learns "
    "from the test document, after it has predicted it: such a row is no property of fixed "
    "weights, and is held against no other."
)


def _recurrent(
    title: str,
    cell: str,
    search: Search = _SEARCH,
    limits: tuple[str, ...] = (_EQUAL,),
    **config: Any,
) -> ModelRow:
    return ModelRow(
        title,
        _FIT_RECURRENT,
        config={"cell_type": cell, "num_hidden_layers": _LAYERS.get(cell, 1), **config},
        search=search,
        keep=BEST_MODEL,
        rate=200.0,
        family="recurrent networks",
        limits=limits,
    )


def _adapted(title: str, evaluation: str) -> ModelRow:
    """Return the row of the LSTM that goes on learning when it is judged."""
    row = _recurrent(
        title,
        "lstm",
        search=Search(_BASE | {"evaluation": evaluation}, _TRIALS),
        limits=(_EQUAL, _ADAPTED),
    )
    return replace(row, keep="", family="", apart=True)


def _ngrams(title: str, order: int) -> ModelRow:
    return ModelRow(title, _FIT_NGRAMS, config={"order": order}, choices={"order": order})


MODELS: dict[str, ModelRow] = {
    "unigram": _ngrams("unigram", 1),
    "kneser-ney": _ngrams("modified Kneser-Ney 5-gram", 5),
    "rnn": _recurrent("RNN", "rnn_tanh"),
    "lstm": _recurrent("LSTM", "lstm"),
    "awd-lstm": _recurrent(
        "AWD-LSTM",
        "lstm",
        search=Search(_BASE | {"random_windows": True}, _TRIALS),
        limits=(_EQUAL, _AWD),
        variational_dropout=True,
        word_dropout=0.05,
        embedding_dropout=0.1,
        classifier_dropout=0.1,
        weight_dropout=0.2,
        activation_regularization=2.0,
        temporal_activation_regularization=1.0,
    ),
    "gru": _recurrent("GRU", "gru"),
    "mingru": _recurrent("minGRU", "mingru"),
    "minlstm": _recurrent("minLSTM", "minlstm"),
    "gpt2": ModelRow(
        "GPT-2 from scratch",
        _FIT_GPT2,
        config={"num_hidden_layers": 2},
        search=Search(_BASE | _OF_GPT2, ({}, {"learning_rate": 3e-3})),
        rate=100.0,
        limits=(_EQUAL, _CONTEXT),
    ),
    "lstm-dynamic": _adapted("LSTM, dynamic evaluation", "dynamic"),
    "lstm-cache": _adapted("LSTM, continuous cache", "cache"),
}
DEFAULT_MODELS = tuple(name for name, row in MODELS.items() if not row.apart)
