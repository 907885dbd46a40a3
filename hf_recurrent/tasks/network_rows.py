"""The rows of networks that tasks share: networks over word vectors, and the fine-tuned encoder.

Nothing heavy is imported here.
"""

from typing import Any

from ..training.defaults import RECIPE
from .model_rows import BEST_MODEL, Fit, ModelRow, Search

# Values for training of all networks, and the values of encoders in their place.
STEPS: dict[str, Any] = {
    "batch_size": RECIPE["per_device_train_batch_size"],
    "weight_decay": 0.0,
    "warmup_steps": 0.0,
}
ENCODER_STEPS: dict[str, Any] = {"patience": 1, "weight_decay": 0.01, "warmup_steps": 0.06}
# The beginning of a row's limits.
VECTOR_COST = "Word vectors were trained on billions of words; this cost is not in the table."
ENCODER_COST = (
    "The encoder was pretrained on far more text than the word vectors; this cost is not in the "
    "table."
)


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
        "fine-tuned encoder", fit, search=search, uses_encoder=True, rate=32.0, limits=(limit,)
    )
