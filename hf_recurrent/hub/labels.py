"""The names of a model's labels, for its card and its description."""

from collections.abc import Mapping, Sequence
from typing import Any

# In transformers, names of classes with labels hold this word: of sequences, tokens, sound.
_GIVES_LABELS = "Classification"


def label_names(classes: Sequence[str] | None, names: Mapping[Any, str] | None) -> list[str]:
    """Return the names of the labels of a classifier.

    Every configuration of transformers has an ``id2label``; it is made up for a model without
    labels. A model with a single one returns a number.

    Args:
        classes: Names of the model's classes, ``architectures`` of its configuration.
        names: ``id2label`` of its configuration.
    """
    gives_labels = any(_GIVES_LABELS in name for name in classes or ())
    return list(names.values()) if gives_labels and names and len(names) > 1 else []
