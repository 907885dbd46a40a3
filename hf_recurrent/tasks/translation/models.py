"""The models that the comparison knows, one row each; nothing heavy is imported here."""

from typing import Any

from ..model_rows import BEST_MODEL, ModelRow, Search, deferred

_HERE = "hf_recurrent.tasks.translation"
_FIT_COPY = deferred(f"{_HERE}.floors", "fit_copy")
_FIT_LEXICON = deferred(f"{_HERE}.floors", "fit_lexicon")
_FIT_ALIGNED = deferred(f"{_HERE}.floors", "fit_aligned_vectors")
_FIT_RECURRENT = deferred(f"{_HERE}.fitting", "fit_recurrent")
_FIT_MARIAN = deferred(f"{_HERE}.fitting", "fit_marian")

# All networks have about 2.5 million parameters and five minutes of training.
_BASE: dict[str, Any] = {
    "tokenizer": "bpe",
    "joint": True,
    "pieces": 4000,
    "learning_rate": 3e-3,
    "epochs": None,
    "seconds": 300.0,
    "evaluations": 4,
    "batch_size": 64,
    "parameters": 2_500_000,
    "num_hidden_layers": 1,
    "dropout": 0.2,
    "label_smoothing": 0.1,
}
_SEARCH = Search(_BASE, ({}, {"learning_rate": 1e-3}, {"dropout": 0.4}))
_OF_MARIAN = {"learning_rate": 1e-3, "num_hidden_layers": 2, "dropout": 0.1}
_EQUAL = (
    "Networks have about equal numbers of parameters and one vocabulary, and train for equal times "
    "(or, with --epochs, on equal texts): the faster one reads more. Of the evaluations in this "
    "time the best is kept."
)
_WORDS = (
    "Word by word: each word becomes its most probable translation, in the order of the sentence."
)


def _recurrent(title: str, cell: str, attention: str, feeding: bool = False) -> ModelRow:
    return ModelRow(
        title,
        _FIT_RECURRENT,
        config={"cell_type": cell, "attention_type": attention, "input_feeding": feeding},
        search=_SEARCH,
        keep=BEST_MODEL,
        family="recurrent networks",
        rate=100.0,
        limits=(_EQUAL,),
    )


MODELS: dict[str, ModelRow] = {
    "copy": ModelRow("the sentence itself", _FIT_COPY),
    "lexicon": ModelRow(
        "word by word, IBM model 1",
        _FIT_LEXICON,
        config={"iterations": 5},
        choices={"iterations": 5},
        limits=(_WORDS,),
    ),
    "aligned-vectors": ModelRow(
        "word by word, aligned vectors",
        _FIT_ALIGNED,
        config={"vector_size": 100, "epochs": 10},
        choices={"vector_size": 100, "epochs": 10},
        rate=200.0,
        limits=(_WORDS,),
    ),
    "lstm-none": _recurrent("LSTM without attention", "lstm", "none"),
    "lstm-additive": _recurrent("LSTM, Bahdanau attention", "lstm", "additive", True),
    "lstm-general": _recurrent("LSTM, Luong attention", "lstm", "general"),
    "lstm-general-feeding": _recurrent(
        "LSTM, Luong attention, input feeding", "lstm", "general", True
    ),
    "gru-none": _recurrent("GRU without attention", "gru", "none"),
    "gru-additive": _recurrent("GRU, Bahdanau attention", "gru", "additive", True),
    "gru-general": _recurrent("GRU, Luong attention", "gru", "general"),
    "gru-general-feeding": _recurrent(
        "GRU, Luong attention, input feeding", "gru", "general", True
    ),
    "marian": ModelRow(
        "Transformer (Marian) from scratch",
        _FIT_MARIAN,
        search=Search(_BASE | _OF_MARIAN, ({}, {"learning_rate": 5e-4})),
        rate=100.0,
        limits=(_EQUAL,),
    ),
}
# Vectors are aligned by words that are spelled alike, which few pairs of texts have enough of.
DEFAULT_MODELS = tuple(name for name in MODELS if name != "aligned-vectors")
