"""The rows of networks that tasks share: networks over word vectors, and the fine-tuned encoder.

Nothing heavy is imported here.
"""

from typing import Any

from ..training.defaults import RECIPE
from .model_rows import BASELINE, BERT_SCRATCH, BEST_MODEL, ELMO, Fit, ModelRow, Search

# Values for training of all networks, and the values of encoders in their place.
STEPS: dict[str, Any] = {
    "batch_size": RECIPE["per_device_train_batch_size"],
    "weight_decay": 0.0,
    "warmup_steps": 0.0,
}
ENCODER_STEPS: dict[str, Any] = {"patience": 1, "weight_decay": 0.01, "warmup_steps": 0.06}
# What a report says of the word vectors in its table: of packaged ones, and of the user's.
VECTOR_COST = (
    "The packaged word vectors were trained on billions of words; this cost is not in the table."
)
OWN_VECTOR_COST = "The training of the user's own word vectors is not in the table."
# The beginning of a row's limits.
ENCODER_COST = (
    "The encoder was pretrained on far more text than the word vectors; this cost is not in the "
    "table."
)

PRETRAINED = (
    "The row of a model that was pretrained here says on what and for how long; this time is not "
    "in the table."
)
# A small encoder that was pretrained for a short time is far from its end, and learns at larger
# steps than a large one: as a whole, or only the head on it.
SCRATCH_TUNING: dict[str, Any] = {
    "learning_rate": 3e-4,
    "epochs": 10,
    **ENCODER_STEPS,
    "patience": 2,
}
FROZEN_HEAD: dict[str, Any] = {"learning_rate": 3e-3, "epochs": 25, "patience": 4}


def recurrent_row(
    title: str,
    rate: float,
    *,
    fit: Fit,
    search: Search,
    family: str,
    limit: str,
    characters: str | None = None,
    **config: Any,
) -> ModelRow:
    """Return the row of a recurrent network over word vectors; the best of these is kept.

    Args:
        title: Its name in the report.
        rate: See ``ModelRow``.
        fit: Trains it.
        search: Values for training and their trials.
        family: Plural of the models among which the best is kept.
        limit: A sentence about figures that must not be compared.
        characters: "cnn" or "lstm" for characters beside the word vectors.
        **config: Fields of the configuration, the cell first.
    """
    return ModelRow(
        title,
        fit,
        config=config,
        search=search,
        uses_word_vectors=True,
        characters=characters,
        keep=BEST_MODEL,
        family=family,
        rate=rate,
        limits=(limit,),
    )


def encoder_row(fit: Fit, search: Search, limit: str) -> ModelRow:
    """Return the row of the encoder with all its parameters tuned."""
    return ModelRow(
        "fine-tuned encoder", fit, search=search, encoder=BASELINE, rate=32.0, limits=(limit,)
    )


def elmo_row(
    title: str, fit: Fit, search: Search, *, tuned: bool, rate: float, **config: Any
) -> ModelRow:
    """Return the row of a bidirectional LSTM over ELMo's vectors.

    Args:
        title: Its name in the report.
        fit: Trains it.
        search: Values for training and their trials.
        tuned: Whether the language model is trained too; else only the mix of its layers is.
        rate: See ``ModelRow``.
        **config: Further fields of the configuration.
    """
    return ModelRow(
        title,
        fit,
        config={"cell_type": "lstm", "bidirectional": True, **config},
        search=Search({**search.base, "tuned": tuned}, search.trials),
        encoder=ELMO,
        rate=rate,
        limits=(PRETRAINED,),
    )


def bert_scratch_row(title: str, fit: Fit, search: Search, *, tuned: bool, rate: float) -> ModelRow:
    """Return the row of a head over a BERT that the user pretrained, with or without its training.

    Args:
        title: Its name in the report.
        fit: Trains it.
        search: Values for training and their trials.
        tuned: Whether the encoder is trained too.
        rate: See ``ModelRow``.
    """
    return ModelRow(
        title,
        fit,
        search=Search({**search.base, "tuned": tuned}, search.trials),
        encoder=BERT_SCRATCH,
        rate=rate,
        limits=(PRETRAINED,),
    )
