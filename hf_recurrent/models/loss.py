"""The losses of heads with labels: class weights, label smoothing and normalisation.

Every loss here is a sum over elements divided by the number of elements: the rows for a single
label, rows times labels for several labels and for regression, the labelled tokens for a tagger.
With gradient accumulation and on several devices ``Trainer`` counts the elements of the *whole*
batch and passes ``num_items_in_batch``, so the parts add up to the loss of the whole.

With class weights w, row i of label y_i adds w[y_i] times its cross-entropy, and the sum is divided
by the number of rows, and not by the sum of the weights as in ``torch.nn.CrossEntropyLoss``:
weighted means of parts do not add up to the weighted mean of the whole. To keep the loss on its
usual scale, choose weights whose mean over the training rows is 1.

In training, the elements can be weighed by their difficulty; see ``hard_training.py``.
"""

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from .checks import check_regression
from .hard_training import HardTraining, weighed

IGNORED = -100


class Units(NamedTuple):
    """The units of a batch, which have losses of their own: rows, tokens, sentences of a CRF.

    Attributes:
        losses: (units,) the loss of each, 0 for a unit without a label.
        difficulty: (units,) the plain loss per label, without class weights and label smoothing.
        items: (units,) how many labels each has, as ``Trainer`` counts them.
    """

    losses: Tensor
    difficulty: Tensor
    items: Tensor


def infer_problem_type(config: Any, labels: Tensor) -> str:
    """Return the problem type of ``config``; if it is not set, use the rule of transformers."""
    if config.problem_type is not None:
        return config.problem_type
    if config.num_labels == 1:
        return "regression"
    return (
        "multi_label_classification"
        if labels.is_floating_point()
        else "single_label_classification"
    )


def sequence_classification_loss(
    logits: Tensor,
    labels: Tensor,
    config: Any,
    num_items_in_batch: Tensor | int | None = None,
    hard: HardTraining | None = None,
) -> Tensor:
    """Return the loss of ``logits`` (batch, num_labels), a scalar.

    Args:
        logits: Computed in fp32 at least.
        labels: (batch,) integers, ``-100`` to leave a row out; (batch, num_labels) floats for
            several labels; (batch,) or (batch, num_labels) floats for regression.
        config: ``problem_type``, ``num_labels``, ``class_weights``, ``label_smoothing``. Smoothing
            by e makes the target (1 - e) y + e / num_labels for a single label (Szegedy et al.
            2016), and (1 - e) y + e / 2 for each of several labels. With several labels, a class
            weight is a factor of the binary cross-entropy of its label.
        num_items_in_batch: Number of elements in the whole batch, of which this may be a part.
        hard: How elements are weighed by their difficulty.

    Raises:
        ValueError: If the labels do not fit the logits.
    """
    logits, labels = _in_fp32(logits), labels.to(logits.device)
    problem = infer_problem_type(config, labels)
    weights = _weights(config, logits)
    smoothing = float(config.label_smoothing)
    if problem == "single_label_classification":
        units = _single_label(logits, labels, weights, smoothing)
    else:
        labels = labels.to(logits.dtype)
        if problem == "regression" and labels.numel() == logits.numel():
            labels = labels.view_as(logits)
        if labels.shape != logits.shape:
            raise ValueError(
                f"labels have shape {tuple(labels.shape)}, expected {tuple(logits.shape)} for "
                f"problem_type '{problem}'"
            )
        if problem == "regression":
            check_regression(config)
            losses = plain = nn.functional.mse_loss(logits, labels, reduction="none")
        else:
            losses = plain = _binary(logits, labels)
            if smoothing:
                losses = _binary(logits, labels * (1 - smoothing) + smoothing / 2)
            if weights is not None:
                losses = losses * weights
        ones = torch.ones_like(labels, dtype=torch.long)
        units = Units(losses.flatten(), plain.flatten(), ones.flatten())
    return mean_loss(units, num_items_in_batch, hard)


def token_classification_loss(
    logits: Tensor,
    labels: Tensor,
    config: Any,
    num_items_in_batch: Tensor | int | None = None,
    hard: HardTraining | None = None,
) -> Tensor:
    """Return the cross-entropy of ``logits`` (batch, time, num_labels), a scalar.

    Args:
        logits: Computed in fp32 at least.
        labels: (batch, time) integers, ``-100`` to leave a token out.
        config: ``class_weights`` and ``label_smoothing``, as for a single label.
        num_items_in_batch: Number of labels in the whole batch, of which this may be a part.
        hard: How tokens are weighed by their difficulty.

    Raises:
        ValueError: If a label is unknown.
    """
    flat = _in_fp32(logits).flatten(0, 1)
    smoothing = float(config.label_smoothing)
    units = _single_label(flat, labels, _weights(config, flat), smoothing)
    return mean_loss(units, num_items_in_batch, hard)


def mean_loss(
    units: Units, num_items_in_batch: Tensor | int | None, hard: HardTraining | None
) -> Tensor:
    """Return the sum of the losses of units divided by the number of labels, a scalar.

    Args:
        units: The units of this part of the batch.
        num_items_in_batch: Number of labels in the whole batch; ``None`` for that of this part.
        hard: How the units are weighed.
    """
    losses = units.losses if hard is None else weighed(*units, hard)
    return divided(losses.sum(), units.items.sum(), num_items_in_batch)


def divided(
    total: Tensor, items: Tensor | int, num_items_in_batch: Tensor | int | None = None
) -> Tensor:
    """Return a sum divided by the number of elements in the whole batch, or else in this part."""
    if num_items_in_batch is None:
        num_items_in_batch = items
    if isinstance(num_items_in_batch, Tensor):
        return total / num_items_in_batch.to(total.device).clamp(min=1)
    return total / max(num_items_in_batch, 1)


def _in_fp32(logits: Tensor) -> Tensor:
    return logits.float() if logits.dtype in (torch.float16, torch.bfloat16) else logits


def _weights(config: Any, logits: Tensor) -> Tensor | None:
    weights = config.class_weights
    if weights is None:
        return None
    if len(weights) != logits.shape[1]:
        raise ValueError(
            f"class_weights has length {len(weights)}, expected one weight for each label, "
            f"{logits.shape[1]}"
        )
    return torch.tensor(weights, dtype=logits.dtype, device=logits.device)


def known_labels(labels: Tensor, num_labels: int) -> tuple[Tensor, Tensor]:
    """Return which labels are not ``-100``, and the labels with 0 in place of ``-100``.

    Raises:
        ValueError: If the model has no such label.
    """
    kept = labels != IGNORED
    known = labels.where(kept, 0)
    if known.numel() and not bool(((known >= 0) & (known < num_labels)).all()):
        wrong = int(known[(known < 0) | (known >= num_labels)][0])
        raise ValueError(f"label {wrong} is unknown: the model has labels 0 to {num_labels - 1}")
    return kept, known


def _binary(logits: Tensor, labels: Tensor) -> Tensor:
    return nn.functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")


def _single_label(
    logits: Tensor, labels: Tensor, weights: Tensor | None, smoothing: float
) -> Units:
    if labels.is_floating_point():
        raise ValueError(
            f"labels are {labels.dtype}, expected integers for problem_type "
            "'single_label_classification'"
        )
    labels = labels.reshape(-1).long()
    if len(labels) != len(logits):
        raise ValueError(
            f"labels have length {len(labels)}, expected one for each row, {len(logits)}"
        )
    kept, known = known_labels(labels, logits.shape[1])
    log_p = logits.log_softmax(-1)
    losses = plain = -log_p.gather(1, known.unsqueeze(1)).squeeze(1)
    if smoothing:  # a label whose logit is -inf would give 0 * inf
        losses = (1 - smoothing) * plain - smoothing * log_p.mean(-1)
    if weights is not None:
        losses = losses * weights[known]
    return Units(losses.where(kept, 0), plain, kept.long())


def refuse_taken_labels(
    config: Any,
    labels: Tensor | None,
    arguments: dict[str, Any],
    hard: HardTraining | None = None,
    **others: bool,
) -> None:
    """Raise ``ValueError`` if ``Trainer`` removed the labels that the model's own loss needs.

    ``TrainingArguments(label_smoothing_factor=...)`` and ``compute_loss_func`` remove the labels
    before the model gets them. Then ``num_items_in_batch`` is given without labels, and what only
    the model's own loss does would be left out in silence.

    Args:
        config: The configuration of a head.
        labels: The labels that forward was given.
        arguments: The other keywords of forward.
        hard: How the model weighs units.
        **others: Other fields that only the model's own loss uses, and whether they are set.
    """
    if labels is not None or arguments.get("num_items_in_batch") is None:
        return
    asked = {
        "class_weights": config.class_weights is not None,
        "label_smoothing": bool(config.label_smoothing),
        "focal_gamma": bool(config.focal_gamma),
        "hard_example_share": config.hard_example_share < 1,
        "loss_limit": hard is not None and hard.loss_limit < math.inf,
        **others,
    }
    for name, is_asked in asked.items():
        if is_asked:
            raise ValueError(
                f"Trainer took the labels away before the forward pass (label_smoothing_factor or "
                f"compute_loss_func), so the model's {name} would be ignored: use the config "
                f"field label_smoothing instead of label_smoothing_factor, or unset "
                f"{name.split('=')[0]}"
            )
