"""Dynamic evaluation: the weights follow the text that is being judged (Krause et al. 2018).

Every token is predicted before the weights have seen it, so the loss is one of a prediction. But it
is no property of fixed weights: give it beside the plain figure and not in its place.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .streams import TextStreams


def dynamic_evaluation(
    model: nn.Module,
    ids: Sequence[int] | np.ndarray,
    *,
    window: int = 5,
    learning_rate: float = 1e-4,
    decay: float = 0.0,
    squares: Mapping[str, Tensor] | None = None,
) -> float:
    """Return the mean loss of a text in nats, with a step of gradient descent after each window.

    The model has its own weights again at the end, also after an error.

    Args:
        model: A causal language model with states.
        ids: The token ids of the text; all but the first are predicted.
        window: Number of tokens after which the weights change.
        learning_rate: Factor of the step.
        decay: Share by which the weights go back to those of training in each step.
        squares: Mean squared gradients of the training text, from ``gradient_squares``. Steps and
            decay are then scaled by their root (RMS with RMS decay, the best variant of the paper).

    Raises:
        ValueError: If the text has less than two tokens.
    """
    rows = TextStreams(ids, 1, window)
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    before = {name: p.detach().clone() for name, p in trained.items()}
    roots = _roots(squares, trained)
    was_training = model.training
    model.eval()
    total = 0.0
    try:
        for loss, items in _losses(model, rows):
            total += float(loss.detach()) * items
            grads = torch.autograd.grad(loss, list(trained.values()), allow_unused=True)
            with torch.no_grad():
                for (name, parameter), grad in zip(trained.items(), grads, strict=True):
                    back = before[name] - parameter
                    if grad is not None:
                        step = grad if roots is None else grad / roots[0][name]
                        parameter.sub_(learning_rate * step)
                    share = decay if roots is None else (decay * roots[1][name]).clamp(max=1)
                    parameter.add_(share * back)
    finally:
        with torch.no_grad():
            for name, parameter in trained.items():
                parameter.copy_(before[name])
        model.train(was_training)
    return total / rows.predicted


def gradient_squares(
    model: nn.Module, ids: Sequence[int] | np.ndarray, *, streams: int = 20, window: int = 35
) -> dict[str, Tensor]:
    """Return the mean square of each weight's gradient over the windows of a training text.

    Args:
        model: A causal language model with states.
        ids: The token ids of the text, or of its beginning.
        streams: Number of streams side by side.
        window: Largest number of tokens in a window.
    """
    rows = TextStreams(ids, streams, window)
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    sums = {name: torch.zeros_like(p) for name, p in trained.items()}
    was_training = model.training
    model.eval()
    for loss, _ in _losses(model, rows):
        grads = torch.autograd.grad(loss, list(trained.values()), allow_unused=True)
        for name, grad in zip(trained, grads, strict=True):
            if grad is not None:
                sums[name] += grad.square()
    model.train(was_training)
    return {name: total * streams / len(rows) for name, total in sums.items()}


def _losses(model: nn.Module, rows: TextStreams) -> Iterator[tuple[Tensor, int]]:
    """Yield the mean loss of each step and its number of tokens, the states carried."""
    device = next(model.parameters()).device
    states: dict[str, Any] = {}
    for first in range(0, len(rows), rows.streams):
        step = [rows[i] for i in range(first, first + rows.streams)]
        given, following = (
            torch.as_tensor(np.stack([row[name] for row in step]), device=device)
            for name in ("input_ids", "shift_labels")
        )
        outputs = model(
            given,
            labels=given,
            shift_labels=following,
            skip_logits=True,
            output_final_state=True,
            **states,
        )
        yield outputs.loss, int((following >= 0).sum())
        states = {"initial_hidden_state": outputs.final_hidden_state.detach()}
        if outputs.final_cell_state is not None:
            states["initial_cell_state"] = outputs.final_cell_state.detach()


def _roots(
    squares: Mapping[str, Tensor] | None, trained: Mapping[str, Tensor]
) -> tuple[dict[str, Tensor], dict[str, Tensor]] | None:
    """Return the roots of the squares, and the same with a mean of 1 over all weights."""
    if squares is None:
        return None
    for name in trained:
        if name not in squares:
            raise ValueError(f"squares has no {name}: take those of gradient_squares(model, ...)")
    roots = {name: squares[name].sqrt() for name in trained}
    mean = sum(float(root.sum()) for root in roots.values()) / sum(
        root.numel() for root in roots.values()
    )
    return {n: r + 1e-2 * mean for n, r in roots.items()}, {n: r / mean for n, r in roots.items()}
