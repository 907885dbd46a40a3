"""The cross-entropy of an output layer over a large vocabulary, without keeping its logits.

With 33,000 words the logits of 2,800 tokens are 370 MB, and so are their probabilities and their
gradient; to write and read them costs as much time as the products of matrices. Here the tokens go
through the output layer some at a time, and the gradient of each piece is computed at once, while
its logits are still in the cache (as the fused losses of Liger-Kernel do on a GPU).
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from .loss import IGNORED
from .one_hot import has_hooks

# Logits of so many tokens are computed at a time: 68 MB with 33,000 words.
_TOKENS = 512
# Exponentials of numbers up to this size neither overflow nor vanish in fp32.
_SAFE = 60


def may_skip_logits(layer: nn.Module) -> bool:
    """Check whether an output layer is a plain linear layer, whose product can be computed here.

    A layer with hooks, a parametrisation or an adapter has to be called.
    """
    weight = getattr(layer, "weight", None)
    plain = type(layer) is nn.Linear and type(weight) is nn.Parameter and not has_hooks(layer)
    # The function below does not know the transforms of torch.func.
    return plain and not torch._C._are_functorch_transforms_active()


def vocabulary_loss(
    hidden: Tensor, layer: nn.Linear, targets: Tensor, label_smoothing: float = 0.0
) -> Tensor:
    """Return the summed cross-entropy of ``layer(hidden)``, a scalar of fp32 or more.

    Gradients are equal to those of ``nn.functional.cross_entropy`` over the logits; under autocast
    the products are of its precision and the probabilities of fp32. There is no second derivative.

    Args:
        hidden: (tokens, size).
        layer: The output layer, which ``may_skip_logits`` allows.
        targets: (tokens,) ids, -100 to leave a token out.
        label_smoothing: Share of the target that is spread over all words.
    """
    device = hidden.device.type
    kind = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else hidden.dtype
    with torch.autocast(device, enabled=False):
        arguments = (hidden, layer.weight, layer.bias, targets, label_smoothing, kind)
        # ``needs_input_grad`` of the function is also true where no gradient is recorded.
        given = (hidden, layer.weight, layer.bias)
        learns = torch.is_grad_enabled() and any(x is not None and x.requires_grad for x in given)
        total: Tensor = (_VocabularyLoss.apply if learns else _loss_alone)(*arguments)
    return total


def _loss_alone(
    hidden: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    targets: Tensor,
    smoothing: float,
    kind: torch.dtype,
) -> Tensor:
    """Return the loss where no gradient is recorded, as in evaluation."""
    own = torch.promote_types(hidden.dtype, torch.float32)
    rows, given = weight.to(kind).T, hidden.to(kind)
    bias = None if bias is None else bias.to(kind)
    total = torch.zeros((), dtype=own, device=hidden.device)
    logits = given.new_empty(min(_TOKENS, len(given)), rows.shape[1])
    for start in range(0, len(given), _TOKENS):
        piece = given[start : start + _TOKENS]
        x = logits[: len(piece)]
        x = torch.mm(piece, rows, out=x) if bias is None else torch.addmm(bias, piece, rows, out=x)
        known, kept = _known(targets[start : start + _TOKENS].unsqueeze(1), own)
        _, losses = _exponentials(x.to(own), known, smoothing)
        total += (losses * kept).sum()
    return total


class _VocabularyLoss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        targets: Tensor,
        smoothing: float,
        kind: torch.dtype,
    ) -> Tensor:
        own = torch.promote_types(hidden.dtype, torch.float32)
        # The bias is one more column of the weights, so that its gradient is too.
        rows, given = weight.to(kind), hidden.to(kind)
        if bias is not None:
            rows = torch.cat([rows, bias.to(kind).unsqueeze(1)], dim=1)
            given = torch.cat([given, given.new_ones(len(given), 1)], dim=1)
        for_hidden = for_rows = None
        if ctx.needs_input_grad[0]:
            for_hidden = torch.zeros_like(hidden)
        if any(ctx.needs_input_grad[1:3]):
            for_rows = torch.zeros_like(rows, dtype=own)
        total = torch.zeros((), dtype=own, device=hidden.device)
        # Fresh memory for each piece would cost more than the products.
        logits = given.new_empty(min(_TOKENS, len(given)), len(rows))
        powers = logits if kind == own else torch.empty_like(logits, dtype=own)
        for start in range(0, len(given), _TOKENS):
            piece = given[start : start + _TOKENS]
            words = targets[start : start + _TOKENS].unsqueeze(1)
            x = torch.mm(piece, rows.T, out=logits[: len(piece)])
            e = powers[: len(piece)]
            losses, slopes = _pass(x, e, words, smoothing)
            total += losses
            if for_hidden is not None:
                for_hidden[start : start + _TOKENS] = (slopes @ rows)[:, : hidden.shape[1]]
            if for_rows is not None and kind == own:
                for_rows.addmm_(slopes.T, piece)
            elif for_rows is not None:
                for_rows += slopes.T @ piece
        width = weight.shape[1]
        ctx.save_for_backward(
            for_hidden,
            None if for_rows is None else for_rows[:, :width].to(weight.dtype),
            None if for_rows is None or bias is None else for_rows[:, width].to(bias.dtype),
        )
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, scale: Tensor) -> tuple[Any, ...]:
        found = (None if grad is None else grad * scale for grad in ctx.saved_tensors)
        return (*found, None, None, None)


def _pass(x: Tensor, e: Tensor, words: Tensor, smoothing: float) -> tuple[Tensor, Tensor]:
    """Return the summed loss of some tokens, and its gradient by their logits in place of these.

    Args:
        x: (tokens, vocab_size) the logits.
        e: Memory of the same shape, in the precision of the loss; it may be that of ``x``.
        words: (tokens, 1) ids, -100 to leave a token out.
        smoothing: The label smoothing.
    """
    known, kept = _known(words, e.dtype)
    if e is not x:
        e.copy_(x)
    total, losses = _exponentials(e, known, smoothing)
    # Probabilities minus targets, 0 where nothing is predicted.
    e *= kept / total
    if smoothing:
        e -= kept * (smoothing / e.shape[1])
    slope = e.gather(1, known) - (1 - smoothing) * kept
    if e is not x:
        x.copy_(e)
    places = torch.arange(len(x), device=x.device)
    x[places, known[:, 0]] = slope[:, 0].to(x.dtype)  # scatter_ would copy all of x
    return (losses * kept).sum(), x


def _known(words: Tensor, kind: torch.dtype) -> tuple[Tensor, Tensor]:
    """Return ids that can be looked up, and 1 where a token is predicted, else 0."""
    kept = words != IGNORED
    return words.where(kept, 0), kept.to(kind)


def _exponentials(e: Tensor, known: Tensor, smoothing: float) -> tuple[Tensor, Tensor]:
    """Return the sum of the exponentials, which replace the logits, and the loss of each token."""
    top = e.amax(1, keepdim=True)
    if not bool((top.abs() < _SAFE).all()):
        e -= top
    target = e.gather(1, known)
    mean = e.mean(1, keepdim=True) if smoothing else torch.zeros_like(target)
    total = e.exp_().sum(1, keepdim=True)
    return total, total.log() - (1 - smoothing) * target - smoothing * mean
