"""The rows of networks that tasks share: over word vectors, and the fine-tuned encoder.

Nothing heavy is imported here.
"""

from typing import Any

from ..training.defaults import RECIPE
from .model_rows import BEST_MODEL, Fit, ModelRow, Search

__all__ = ["ENCODER_COST", "ENCODER_STEPS", "STEPS", "VECTOR_COST", "encoder_row", "recurrent_row"]

# Values of training that all networks have, and those that encoders want in their place.
STEPS: dict[str, Any] = {
    "batch_size": RECIPE["per_device_train_batch_size"],
    "weight_decay": 0.0,
    "warmup_steps": 0.0,
}
ENCODER_STEPS: dict[str, Any] = {"patience": 1, "weight_decay": 0.01, "warmup_steps": 0.06}
# What a row's limits begin with.
VECTOR_COST = (
    "Word vectors were trained on billions of words, and that cost stands nowhere in this table."
)
ENCODER_COST = (
    "The encoder was pretrained on far more text than the word vectors, and that cost stands "
    "nowhere in this table."
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
    """Return the row of a recurrent network over word vectors, of which the best is kept.

    Args:
        title: What the report calls it.
        rate: As of ``ModelRow``, and so are ``fit``, ``search`` and ``family``.
        fit: Trains it.
        search: Values of training and their trials.
        family: Plural of what it is the best of.
        limit: A sentence on what must not be compared.
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
    """Return the row of the encoder, all of it tuned."""
    return ModelRow(
        "fine-tuned encoder", fit, search=search, uses_encoder=True, rate=32.0, limits=(limit,)
    )
