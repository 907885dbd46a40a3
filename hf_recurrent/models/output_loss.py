"""The loss of a language model in training where it is not the whole cross-entropy."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from .adaptive_output import AdaptiveOutput
from .loss import IGNORED
from .output_loss_fields import RANKING, is_sampled, loss_fields
from .sampled_losses import Scores, bpr_max, corrected, nce, sampled_softmax, top1_max
from .samplers import NegativeSampler
from .vocabulary_loss import may_skip_logits

# So many scores are computed at a time where all tokens are negatives: 16 MiB of fp32.
_SCORES = 2**22


def make_output_layer(size: int, config: Any) -> nn.Module:
    """Return the output layer that the loss of a configuration needs.

    Args:
        size: Width of the input.
        config: The configuration of the language model.
    """
    if config.output_loss == "adaptive":
        return AdaptiveOutput(size, config.vocab_size, loss_fields(config))
    return nn.Linear(size, config.vocab_size)


def may_skip(layer: nn.Module) -> bool:
    """Check whether a loss may be computed without a call of the output layer."""
    return layer.may_skip_logits if isinstance(layer, AdaptiveOutput) else may_skip_logits(layer)


class SampledLoss(NegativeSampler):
    """A loss over the label and some negatives, which are drawn once for all tokens of a call.

    Args:
        config: The configuration of the language model, with a loss that is sampled.

    Attributes:
        sparse_gradients: Whether the output layer gets sparse gradients, which hold only the rows
            of labels and negatives. Only an optimizer with row-sparse updates takes them; it sets
            this, which is not saved.
    """

    sparse_gradients = False

    def __init__(self, config: Any) -> None:
        fields = loss_fields(config)
        super().__init__(config.vocab_size, fields)
        self.kind: str = config.output_loss
        self.bpreg, self.elu = fields.get("bpreg", 0.0), fields.get("elu")

    def forward(
        self, hidden: Tensor, layer: nn.Module, targets: Tensor, logits: Tensor | None
    ) -> Tensor:
        """Return the summed loss in training, a scalar of fp32 or more.

        Args:
            hidden: (tokens, size) the inputs of the output layer.
            layer: The output layer, whose rows of labels and negatives are read.
            targets: (tokens,) ids, -100 to leave a token out.
            logits: (tokens, vocab_size), if the layer had to be called.

        Raises:
            ValueError: If the sampler needs counts, and the model has none.
        """
        kept = targets != IGNORED
        hidden, targets = hidden[kept], targets[kept]
        drawn = self.draw()
        others = len(targets) - 1 if self.in_batch else 0
        if others + len(drawn) < 1 or not len(targets):
            return (hidden if logits is None else logits).float().sum() * 0  # nothing to compare
        ids = torch.cat([targets, drawn]) if self.in_batch else drawn
        if logits is None:
            assert isinstance(layer, nn.Linear)
            scores = self._scores(hidden, layer, targets, ids)
        else:
            logits = _wide(logits[kept])
            scores = Scores(
                logits.gather(1, targets.unsqueeze(1)).squeeze(1), logits.index_select(1, ids)
            )
        if self.in_batch:
            own = torch.eye(len(targets), len(ids), dtype=torch.bool, device=ids.device)
            scores = scores._replace(own=own)
        if self.kind not in RANKING:
            log_target, log_ids = self.log_expected(targets, others), self.log_expected(ids, others)
            scores = corrected(scores, log_target, log_ids)
        return self._losses(scores).sum()

    def _scores(self, hidden: Tensor, layer: nn.Linear, targets: Tensor, ids: Tensor) -> Scores:
        read = ids if self.in_batch else torch.cat([targets, ids])
        weight = _rows(layer.weight, read, self.sparse_gradients)
        bias = None if layer.bias is None else _rows(layer.bias, read, self.sparse_gradients)
        if self.in_batch:
            scores = _wide(nn.functional.linear(hidden, weight, bias))
            return Scores(scores.diagonal(), scores)
        end = len(targets)
        target = (_wide(hidden) * _wide(weight[:end])).sum(1)
        if bias is not None:
            target, bias = target + bias[:end], bias[end:]
        return Scores(target, _wide(nn.functional.linear(hidden, weight[end:], bias)))

    def _losses(self, scores: Scores) -> Tensor:
        if self.elu is not None:
            elu = nn.functional.elu
            scores = scores._replace(
                target=elu(scores.target, self.elu), negatives=elu(scores.negatives, self.elu)
            )
        if self.kind == "bpr_max":
            return bpr_max(scores, self.bpreg)
        kinds = {"sampled_softmax": sampled_softmax, "nce": nce, "top1_max": top1_max}
        return kinds[self.kind](scores)

    def whole(
        self, hidden: Tensor, layer: nn.Module, targets: Tensor, logits: Tensor | None
    ) -> Tensor:
        """Return the summed loss of a ranking with all other tokens as negatives, a scalar.

        The arguments are those of ``forward``.
        """
        kept = targets != IGNORED
        hidden, targets = hidden[kept], targets[kept]
        logits = None if logits is None else logits[kept]
        total = torch.zeros((), device=hidden.device)
        many = max(1, _SCORES // len(self.token_counts))
        for start in range(0, len(targets), many):
            labels = targets[start : start + many].unsqueeze(1)
            piece = layer(hidden[start : start + many]) if logits is None else logits[start:][:many]
            piece = _wide(piece)
            own = torch.zeros_like(piece, dtype=torch.bool).scatter_(1, labels, True)
            total = total + self._losses(Scores(piece.gather(1, labels)[:, 0], piece, own)).sum()
        return total


def make_sampled_loss(config: Any) -> SampledLoss | None:
    """Return the sampled loss of a configuration; ``None`` if its loss is none."""
    return SampledLoss(config) if is_sampled(config) else None


def _wide(scores: Tensor) -> Tensor:
    return scores.float() if scores.dtype in (torch.float16, torch.bfloat16) else scores


def _rows(table: Tensor, ids: Tensor, sparse: bool) -> Tensor:
    """Return rows of a table (rows, ...), with a dense gradient or a sparse one."""
    if not sparse:
        return table.index_select(0, ids)
    rows: Tensor = _SparseRows.apply(table, ids)
    return rows


class _SparseRows(torch.autograd.Function):
    """The look-up of rows, whose gradient holds only these rows."""

    @staticmethod
    def forward(ctx: Any, table: Tensor, ids: Tensor) -> Tensor:
        ctx.save_for_backward(ids)
        ctx.shape = table.shape
        return table.index_select(0, ids)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        (ids,) = ctx.saved_tensors
        places = ids.unsqueeze(0)
        return torch.sparse_coo_tensor(places, grad, ctx.shape, check_invariants=False), None
