"""The fields ``output_loss`` and ``output_loss_config`` of a language model, and their checks."""

import math
from collections.abc import Mapping
from typing import Any

from .checks import check_choice
from .samplers import DISTRIBUTIONS, IN_BATCH

_SAMPLED: dict[str, Any] = {
    "sampler": "unigram",
    "negatives": 1024,
    "alpha": 0.75,
    "in_batch": False,
    "fixed_shares": False,
}
# The fields of each loss in ``output_loss_config``, with their defaults.
LOSS_FIELDS: dict[str, dict[str, Any]] = {
    "cross_entropy": {},
    "adaptive": {"cutoffs": None, "div_value": 4.0},
    "sampled_softmax": _SAMPLED,
    "nce": _SAMPLED,
    "bpr_max": _SAMPLED | {"bpreg": 1.0, "elu": None},
    "top1_max": _SAMPLED | {"elu": None},
}
# Ranking losses, whose scores are no logarithms of probabilities.
RANKING = ("bpr_max", "top1_max")


def is_sampled(config: Any) -> bool:
    """Check whether the loss of a configuration draws negatives."""
    return "sampler" in LOSS_FIELDS[config.output_loss]


def loss_fields(config: Any) -> dict[str, Any]:
    """Return the fields of the loss of a configuration, defaults filled in."""
    return LOSS_FIELDS[config.output_loss] | (config.output_loss_config or {})


def check_output_loss(config: Any) -> None:
    """Check the fields of a configuration on the loss of a language model.

    Raises:
        ValueError: If one has a wrong value.
    """
    loss = config.output_loss
    check_choice("output_loss", loss, list(LOSS_FIELDS))
    given = config.output_loss_config or {}
    known = LOSS_FIELDS[loss]
    for name in given.keys() - known.keys():
        raise ValueError(
            f"output_loss_config: output_loss {loss!r} has no field {name!r}, expected some of "
            f"{', '.join(known) or 'none'}"
        )
    if loss != "cross_entropy" and config.label_smoothing:
        raise ValueError(
            f"output_loss {loss!r} takes no label_smoothing, which needs the scores of all tokens: "
            "set label_smoothing=0"
        )
    fields = loss_fields(config)
    if loss == "adaptive":
        _check_adaptive(config, fields)
    elif is_sampled(config):
        _check_sampled(given, fields)
    if "bpreg" in fields:
        _check_number("bpreg", fields["bpreg"], 0)
    if fields.get("elu") is not None:
        _check_number("elu", fields["elu"], 0, above=True)


def _check_adaptive(config: Any, fields: Mapping[str, Any]) -> None:
    if config.tie_word_embeddings:
        raise ValueError(
            "tie_word_embeddings is True, and output_loss 'adaptive' has fewer features for rare "
            "tokens than their embeddings have: set tie_word_embeddings=False"
        )
    _check_number("div_value", fields["div_value"], 1)
    size, cutoffs = config.vocab_size, fields["cutoffs"]
    if cutoffs is None and size > 1:
        return
    if cutoffs is None:
        raise ValueError(f"output_loss 'adaptive' needs 2 tokens or more, and vocab_size is {size}")
    ends = [0, *cutoffs, size] if isinstance(cutoffs, list | tuple) else []
    rises = all(_is_whole(end) for end in ends) and ends == sorted(set(ends))
    if len(ends) < 3 or not rises:
        raise ValueError(
            f"output_loss_config: cutoffs is {cutoffs!r}, expected a list of rising whole numbers "
            f"above 0 and below vocab_size {size}"
        )


def _check_sampled(given: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
    sampler = fields["sampler"]
    names = list(sampler) if isinstance(sampler, Mapping) else [sampler]
    if isinstance(sampler, Mapping):
        _check_mixture(sampler)
    elif sampler not in (*DISTRIBUTIONS, IN_BATCH):
        raise ValueError(
            f"output_loss_config: sampler is {sampler!r}, expected one of "
            f"{', '.join((*DISTRIBUTIONS, IN_BATCH))}, or a dictionary of their weights"
        )
    negatives = fields["negatives"]
    if not _is_whole(negatives) or negatives < 1:
        raise ValueError(
            f"output_loss_config: negatives is {negatives!r}, expected a whole number of at least 1"
        )
    _check_number("alpha", fields["alpha"], 0)
    for name in ("in_batch", "fixed_shares"):
        if not isinstance(fields[name], bool):
            raise ValueError(f"output_loss_config: {name} is {fields[name]!r}, expected a boolean")
    if fields["fixed_shares"] and len(names) < 2:
        raise ValueError(
            f"output_loss_config: fixed_shares is True, and sampler is {sampler!r}: give it a "
            "dictionary of two or more weights"
        )
    # What the sampler would not use.
    if sampler == IN_BATCH and "negatives" in given:
        raise ValueError(
            "output_loss_config: sampler 'in_batch' draws no negatives, so leave negatives out, or "
            "take another sampler with in_batch=True"
        )
    if "unigram" not in names and "alpha" in given:
        raise ValueError(
            f"output_loss_config: alpha is the exponent of sampler 'unigram', and sampler is "
            f"{sampler!r}: leave alpha out"
        )


def _check_mixture(weights: Mapping[str, Any]) -> None:
    for name, weight in weights.items():
        if name not in DISTRIBUTIONS:
            raise ValueError(
                f"output_loss_config: sampler mixes {name!r}, expected some of "
                f"{', '.join(DISTRIBUTIONS)}; labels of the batch are added by in_batch=True"
            )
        _check_number(f"sampler's weight of {name}", weight, 0, above=True)
    if not weights:
        raise ValueError("output_loss_config: sampler mixes nothing, expected weights by name")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _check_number(name: str, value: Any, least: float, above: bool = False) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and least <= value < math.inf and not (above and value == least):
        return
    bound = f"above {least}" if above else f"of at least {least}"
    raise ValueError(f"output_loss_config: {name} is {value!r}, expected a number {bound}")
