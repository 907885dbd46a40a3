"""The default values for training networks.

The scripts and the comparison share them; a task names the metric that chooses. Nothing heavy is
imported here.
"""

from typing import Any

# The values that differ from the defaults of ``TrainingArguments``.
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
    # Otherwise a resumed run forgets how many epochs were no better, and stops later.
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
# How many of the most frequent words of the vectors the vocabulary has beside those of the texts.
EXTRA_WORDS = 100_000
# Standard deviation to which the entries of each set of vectors are scaled; the scales of published
# sets differ by a factor of ten.
VECTOR_SCALE = 0.5
# Width of embeddings without pretrained vectors; words seen once then train the unknown word.
RANDOM_EMBEDDING_SIZE = 100
RANDOM_MIN_FREQUENCY = 2
