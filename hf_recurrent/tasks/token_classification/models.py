"""The rows of the comparison of taggers; nothing heavy is imported here."""

from collections.abc import Mapping
from functools import partial

from ..model_rows import ModelRow, Search, deferred
from ..network_rows import (
    ENCODER_COST,
    ENCODER_STEPS,
    FROZEN_HEAD,
    SCRATCH_TUNING,
    STEPS,
    bert_scratch_row,
    elmo_row,
    encoder_row,
    recurrent_row,
)

NETWORKS = Search(
    {
        **STEPS,
        "learning_rate": 2e-3,
        "epochs": 25,
        "patience": 4,
        "hidden_size": 200,
        "embedding_dropout": 0.4,
        "hidden_dropout": 0.4,
        "classifier_dropout": 0.4,
    },
    ({}, {"batch_size": 16}),
)
FINE_TUNING = Search(
    {**STEPS, "learning_rate": 1e-4, "epochs": 4, **ENCODER_STEPS},
    ({}, {"learning_rate": 5e-5}),
)
SCRATCH = Search({**STEPS, **SCRATCH_TUNING}, ({}, {"learning_rate": 1e-3}))
FROZEN = Search({**STEPS, **FROZEN_HEAD}, ({}, {"learning_rate": 1e-2}))
ELMO_TUNING = Search({**NETWORKS.base, "learning_rate": 1e-3}, ({}, {"learning_rate": 3e-4}))
_VECTOR_LIMIT = "Words are looked up in lower case; characters see the case."
_ENCODER_LIMIT = (
    f"{ENCODER_COST} Its tokenizer cuts words into pieces; the first piece of a word is tagged."
)
_FLOOR_LIMIT = (
    "Chance has no part in the floors, so one run is enough. The CRF over hand-made features "
    "chooses its penalties on validation."
)
_fitting = partial(deferred, f"{__name__.rpartition('.')[0]}.fitting")


def _floor(title: str, name: str) -> ModelRow:
    return ModelRow(title, _fitting(name), limits=(_FLOOR_LIMIT,))


_recurrent = partial(
    recurrent_row,
    fit=_fitting("fit_recurrent"),
    search=NETWORKS,
    family="recurrent taggers",
    limit=_VECTOR_LIMIT,
)

MODELS: Mapping[str, ModelRow] = {
    "most-frequent": _floor("most frequent tag of each word", "fit_most_frequent"),
    "feature-crf": _floor("CRF over hand-made features", "fit_feature_crf"),
    "bigru": _recurrent("BiGRU", 600.0, cell_type="gru", bidirectional=True),
    "bilstm": _recurrent("BiLSTM", 600.0, cell_type="lstm", bidirectional=True),
    "bimingru": _recurrent("BiminGRU", 900.0, cell_type="mingru", bidirectional=True),
    "biminlstm": _recurrent("BiminLSTM", 800.0, cell_type="minlstm", bidirectional=True),
    "bilstm-crf": _recurrent("BiLSTM-CRF", 400.0, cell_type="lstm", bidirectional=True, crf=True),
    "bilstm-chars": _recurrent(
        "BiLSTM, characters", 300.0, characters="cnn", cell_type="lstm", bidirectional=True
    ),
    "bilstm-crf-chars": _recurrent(
        "BiLSTM-CRF, characters",
        250.0,
        characters="cnn",
        cell_type="lstm",
        bidirectional=True,
        crf=True,
    ),
    "bert-finetuned": encoder_row(_fitting("fit_encoder"), FINE_TUNING, _ENCODER_LIMIT),
    "elmo-bilstm": elmo_row(
        "BiLSTM over frozen ELMo", _fitting("fit_elmo"), NETWORKS, tuned=False, rate=100.0
    ),
    "elmo-finetuned": elmo_row(
        "BiLSTM over ELMo, all trained", _fitting("fit_elmo"), ELMO_TUNING, tuned=True, rate=40.0
    ),
    "bert-scratch-frozen": bert_scratch_row(
        "linear layer on frozen own BERT", _fitting("fit_encoder"), FROZEN, tuned=False, rate=400.0
    ),
    "bert-scratch-finetuned": bert_scratch_row(
        "fine-tuned own BERT", _fitting("fit_encoder"), SCRATCH, tuned=True, rate=150.0
    ),
}
DEFAULT_MODELS = (
    "most-frequent",
    "feature-crf",
    "bigru",
    "bilstm",
    "bilstm-crf",
    "bilstm-crf-chars",
)
