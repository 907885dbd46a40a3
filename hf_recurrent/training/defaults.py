"""The values that networks are trained with where nothing else is asked for.

The scripts and the comparison share them; a task names the metric that chooses. Nothing heavy is
imported here.
"""

from typing import Any

__all__ = [
    "DROPOUTS",
    "EXTRA_WORDS",
    "HIDDEN_SIZE",
    "MAX_LENGTH",
    "PATIENCE",
    "POOLING",
    "RANDOM_EMBEDDING_SIZE",
    "RANDOM_MIN_FREQUENCY",
    "RECIPE",
    "VECTOR_SCALE",
]

# What differs from the defaults of `TrainingArguments`.
RECIPE: dict[str, Any] = {
    "learning_rate": 2e-3,
    "num_train_epochs": 8,
    "per_device_train_batch_size": 32,
    "per_device_eval_batch_size": 128,
    "eval_strategy": "epoch",
    "save_strategy": "epoch",
    "logging_strategy": "epoch",
    "save_total_limit": 1,
    "load_best_model_at_end": True,
    # Else a resumed run forgets how many epochs were no better, and stops later than another.
    "restore_callback_states_from_checkpoint": True,
    "train_sampling_strategy": "sequential",
    "report_to": "none",
}
# Epochs without a better one after which training ends.
PATIENCE = 2
# Tokens after which a text is cut.
MAX_LENGTH = 256
# Fields of the configuration.
HIDDEN_SIZE = 128
POOLING = "max"
DROPOUTS: dict[str, Any] = {
    "embedding_dropout": 0.3,
    "hidden_dropout": 0.3,
    "classifier_dropout": 0.5,
}
# Most frequent words of the vectors that the vocabulary holds beside those of the training texts.
EXTRA_WORDS = 100_000
# Standard deviation that the entries of each set of vectors get; sets come at scales ten times
# apart.
VECTOR_SCALE = 0.5
# Width of embeddings that do not come from vectors; words seen once train the unknown word then.
RANDOM_EMBEDDING_SIZE = 100
RANDOM_MIN_FREQUENCY = 2
