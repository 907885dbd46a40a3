"""Checks of configuration fields that several families share; each error names the field."""

from collections.abc import Sequence
from typing import Any, get_args

from transformers import PreTrainedConfig

from .tag_schemes import Scheme

PROBLEM_TYPES = ("single_label_classification", "multi_label_classification", "regression")


class FamilyConfig(PreTrainedConfig):
    """A configuration that refuses a checkpoint of another family."""

    @classmethod
    def from_dict(cls, config_dict: dict[str, Any], **kwargs: Any) -> Any:
        """Make a configuration from a dictionary; raise ``ValueError`` for another family's."""
        found = config_dict.get("model_type", cls.model_type)
        if found != cls.model_type:
            raise ValueError(
                f"this is a checkpoint of model_type {found!r}, and {cls.__name__} is for "
                f"{cls.model_type!r}: load it with an Auto class, or with its own"
            )
        return super().from_dict(config_dict, **kwargs)


def check_choice(field: str, value: str, choices: Sequence[str]) -> None:
    """Raise ``ValueError`` unless ``value`` is one of ``choices``."""
    if value not in choices:
        raise ValueError(f"{field} is {value!r}, expected one of {', '.join(choices)}")


def check_sizes(config: Any, *fields: str) -> None:
    """Raise ``ValueError`` unless each field is at least 1."""
    for field in fields:
        if getattr(config, field) < 1:
            raise ValueError(f"{field} is {getattr(config, field)}, expected at least 1")


def check_dropouts(config: Any, *fields: str) -> None:
    """Raise ``ValueError`` unless each field is a probability below 1."""
    for field in fields:
        if not 0 <= getattr(config, field) < 1:
            raise ValueError(
                f"{field} is {getattr(config, field)}, expected at least 0 and below 1"
            )


def check_words(config: Any) -> None:
    """Check the fields of every model over token ids: the padding, and the initializer range."""
    pad = config.pad_token_id
    if pad is not None and not 0 <= pad < config.vocab_size:
        raise ValueError(
            f"pad_token_id is {pad}, expected an id below vocab_size {config.vocab_size}"
        )
    if not 0 <= config.initializer_range < float("inf"):
        raise ValueError(f"initializer_range is {config.initializer_range}, expected at least 0")


def check_tokenizer(tokenizer: Any, config: Any) -> None:
    """Check that a model has a row for every id of a tokenizer, and that both pad alike.

    Raises:
        ValueError: If the tokenizer has more ids than the model, or another id of the padding.
    """
    check_rows(tokenizer, config)
    if tokenizer.pad_token_id != config.pad_token_id:
        raise ValueError(
            f"pad_token_id of the model is {config.pad_token_id}, and that of the tokenizer "
            f"{tokenizer.pad_token_id}: set both to the same id"
        )


def check_rows(tokenizer: Any, config: Any) -> None:
    """Raise ``ValueError`` unless a model has a row for every id of a tokenizer."""
    if len(tokenizer) > config.vocab_size:
        raise ValueError(
            f"the tokenizer has {len(tokenizer):,} ids, and vocab_size of the model is "
            f"{config.vocab_size:,}: give the model as many rows, or make a smaller tokenizer"
        )


def check_labels(config: Any) -> None:
    """Check the fields of every head with labels, which a base model does not use."""
    check_dropouts(config, "classifier_dropout")
    if not 0 <= config.label_smoothing < 1:
        raise ValueError(
            f"label_smoothing is {config.label_smoothing}, expected at least 0 and below 1"
        )
    weights = config.class_weights
    if weights is not None and len(weights) != config.num_labels:
        raise ValueError(
            f"class_weights has length {len(weights)}, expected one weight for each label, "
            f"{config.num_labels}"
        )
    if weights is not None and not all(0 <= w < float("inf") for w in weights):
        raise ValueError(f"class_weights is {list(weights)}, expected finite weights of at least 0")
    if not 0 <= config.focal_gamma < float("inf"):
        raise ValueError(f"focal_gamma is {config.focal_gamma}, expected a number of at least 0")
    if not 0 < config.hard_example_share <= 1:
        raise ValueError(
            f"hard_example_share is {config.hard_example_share}, expected a share above 0 and at "
            "most 1"
        )


def check_classification(config: Any) -> None:
    """Check the fields of a sequence classifier."""
    check_labels(config)
    if config.problem_type is not None:
        check_choice("problem_type", config.problem_type, PROBLEM_TYPES)
    if config.problem_type == "regression":
        check_regression(config)


def check_regression(config: Any) -> None:
    """Raise ``ValueError`` if a field is set that only labels of classes have."""
    for field in ("class_weights", "label_smoothing", "focal_gamma"):
        if getattr(config, field):
            raise ValueError(
                f"{field} has no meaning for problem_type 'regression', where no class has a "
                f"probability: unset {field}"
            )


def check_tagging(config: Any) -> None:
    """Check the fields of a tagger."""
    check_labels(config)
    if not config.crf:
        for field in ("tag_scheme", "constrained_training"):
            if getattr(config, field):
                raise ValueError(
                    f"{field} is {getattr(config, field)!r}, and only a CRF has constraints: set "
                    "crf=True too"
                )
        return
    if config.num_labels < 2:
        raise ValueError(
            f"crf=True needs at least 2 labels to choose from, and num_labels is "
            f"{config.num_labels}: set num_labels or id2label"
        )
    if config.tag_scheme is not None:
        check_choice("tag_scheme", config.tag_scheme, get_args(Scheme))
        for number in range(config.num_labels):
            if not isinstance(config.id2label.get(number), str):
                raise ValueError(
                    f"id2label has no name for label {number}, and tag_scheme goes by the names: "
                    f"expected one for each label from 0 to {config.num_labels - 1}"
                )
    elif config.constrained_training:
        raise ValueError(
            "constrained_training is True, and without a tag_scheme nothing is constrained: set "
            f"tag_scheme to one of {', '.join(get_args(Scheme))}"
        )
    for field in ("class_weights", "label_smoothing"):
        if getattr(config, field):
            raise ValueError(
                f"crf=True takes no {field}: the likelihood of a CRF is that of whole sentences, "
                f"and not of single labels; unset {field}, or crf"
            )
