"""The rows of the comparison of text classifiers; nothing heavy is imported here."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from ..._wording import counted
from ...training.defaults import DROPOUTS, HIDDEN_SIZE, PATIENCE, POOLING, RECIPE
from ..model_rows import BASELINE, BERT_SCRATCH, ELMO, ModelRow, Search, deferred
from ..network_rows import (
    ENCODER_COST,
    ENCODER_STEPS,
    PRETRAINED,
    SCRATCH_TUNING,
    STEPS,
    bert_scratch_row,
    elmo_row,
    encoder_row,
    recurrent_row,
)

# Inverse strength of the penalty of logistic regression, chosen on validation: it takes seconds.
LINEAR_TRIALS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)

_BASE: dict[str, Any] = {
    **STEPS,
    "hidden_size": HIDDEN_SIZE,
    "pooling": POOLING,
    "embedding_dropout": 0.0,
    "hidden_dropout": 0.0,
    "classifier_dropout": 0.0,
    "variational_dropout": False,
    "label_smoothing": 0.0,
}
# The trials of every neural model that is trained here: the same list for all.
NETWORKS = Search(
    {
        **_BASE,
        "learning_rate": RECIPE["learning_rate"],
        "epochs": RECIPE["num_train_epochs"],
        "patience": PATIENCE,
        **DROPOUTS,
    },
    (
        {},
        {"learning_rate": 1e-3, "embedding_dropout": 0.5},
        {"learning_rate": 1e-3},
        {"embedding_dropout": 0.5},
        {"learning_rate": 1e-3, "embedding_dropout": 0.5, "label_smoothing": 0.1},
        {"learning_rate": 5e-4, "embedding_dropout": 0.5},
        {"learning_rate": 1e-3, "embedding_dropout": 0.5, "hidden_size": 256},
        {"learning_rate": 4e-3},
    ),
)
# A fine-tuned encoder needs far smaller steps, and has a list of its own.
FINE_TUNING = Search(
    {**_BASE, "learning_rate": 3e-5, "epochs": 3, **ENCODER_STEPS},
    (
        {},
        {"learning_rate": 5e-5},
        {"learning_rate": 1e-4},
        {"learning_rate": 2e-5},
    ),
)
SCRATCH = Search({**_BASE, **SCRATCH_TUNING}, ({}, {"learning_rate": 1e-3}))
ELMO_TUNING = Search(
    {**NETWORKS.base, "learning_rate": 1e-3}, ({}, {"learning_rate": 3e-4}, {"hidden_dropout": 0.5})
)

_VECTOR_LIMIT = (
    "The vocabulary holds all training words and the most frequent words of the vectors; of random "
    "embeddings only the training words that occur at least twice."
)
_ENCODER_LIMIT = f"{ENCODER_COST} Its texts are cut by word pieces, the others' by words."
_LINEAR_LIMIT = (
    f"Logistic regression always chooses its penalty among {counted(len(LINEAR_TRIALS), 'value')} "
    "on validation, as it takes seconds. Chance has no part in it, so one run is enough. Its "
    "training time includes the computation of its features."
)
_HERE = __name__.rpartition(".")[0]
_fitting = partial(deferred, f"{_HERE}.fitting")

_recurrent = partial(
    recurrent_row,
    fit=_fitting("fit_recurrent"),
    search=NETWORKS,
    family="recurrent networks",
    limit=_VECTOR_LIMIT,
)


def _frozen_row(title: str, encoder: str) -> ModelRow:
    own = _ENCODER_LIMIT if encoder == BASELINE else PRETRAINED
    return ModelRow(
        title,
        deferred(f"{_HERE}.linear", "fit_frozen_encoder"),
        choices={"C": list(LINEAR_TRIALS)},
        encoder=encoder,
        rate=120.0 if encoder == BASELINE else 600.0,
        reads_once=True,
        limits=(own, _LINEAR_LIMIT),
    )


MODELS: Mapping[str, ModelRow] = {
    "tfidf": ModelRow(
        "tf-idf 1-2 grams + logistic regression",
        deferred(f"{_HERE}.linear", "fit_tfidf"),
        choices={"C": list(LINEAR_TRIALS)},
        limits=(_LINEAR_LIMIT,),
    ),
    "mean": ModelRow(
        "mean of word vectors",
        _fitting("fit_static"),
        search=NETWORKS,
        uses_word_vectors=True,
        keep="bag-of-vectors",
        family="bags of vectors",
        rate=5500.0,
        limits=(_VECTOR_LIMIT,),
    ),
    "rnn": _recurrent("RNN (Elman)", 2400.0, cell_type="rnn_tanh"),
    "lstm": _recurrent("LSTM", 2200.0, cell_type="lstm"),
    "gru": _recurrent("GRU", 1900.0, cell_type="gru"),
    "mingru": _recurrent("minGRU", 2900.0, cell_type="mingru"),
    "minlstm": _recurrent("minLSTM", 2600.0, cell_type="minlstm"),
    "biminlstm-attention": _recurrent(
        "BiminLSTM + attention",
        2000.0,
        cell_type="minlstm",
        bidirectional=True,
        pooling="attention",
    ),
    "bilstm": _recurrent("BiLSTM", 1400.0, cell_type="lstm", bidirectional=True),
    "bilstm-attention": _recurrent(
        "BiLSTM + attention",
        1300.0,
        cell_type="lstm",
        bidirectional=True,
        pooling="attention",
    ),
    "stacked": _recurrent(
        "2-layer BiLSTM, residual",
        700.0,
        cell_type="lstm",
        bidirectional=True,
        num_hidden_layers=2,
        residual=True,
    ),
    "bert-frozen": _frozen_row("frozen encoder + logistic regression", BASELINE),
    "bert-finetuned": encoder_row(_fitting("fit_encoder"), FINE_TUNING, _ENCODER_LIMIT),
    "elmo-frozen": _frozen_row("frozen ELMo + logistic regression", ELMO),
    "elmo-bilstm": elmo_row(
        "BiLSTM over frozen ELMo", _fitting("fit_elmo"), NETWORKS, tuned=False, rate=150.0
    ),
    "elmo-finetuned": elmo_row(
        "BiLSTM over ELMo, all trained", _fitting("fit_elmo"), ELMO_TUNING, tuned=True, rate=50.0
    ),
    "bert-scratch-frozen": _frozen_row("frozen own BERT + logistic regression", BERT_SCRATCH),
    "bert-scratch-finetuned": bert_scratch_row(
        "fine-tuned own BERT", _fitting("fit_encoder"), SCRATCH, tuned=True, rate=200.0
    ),
}
DEFAULT_MODELS = ("tfidf", "mean", "rnn", "lstm", "gru", "bilstm-attention", "bert-frozen")
