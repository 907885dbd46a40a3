"""Poolings, which turn a sequence of states into one vector; heads have one, base models do not.

Each pooling is a module called with ``hidden`` (batch, time, size) and ``mask`` (batch, time,
bool). It returns ``(pooled, weights)``: pooled (batch, size), zeros for a row without tokens, and
for attention the weights (batch, time), otherwise ``None``. Values in the padding do not matter.
"""

import torch
from torch import Tensor, nn

from .checks import check_choice

POOLINGS = ("last", "mean", "max", "attention")


class LastPooling(nn.Module):
    """The final state of each direction: forward at the last token, backward at the first."""

    def __init__(self, hidden_size: int, num_directions: int) -> None:
        super().__init__()
        self.hidden_size, self.num_directions = hidden_size, num_directions

    def forward(self, hidden: Tensor, mask: Tensor) -> tuple[Tensor, None]:
        """Pool; see the module's docstring for the shapes."""
        if hidden.shape[1] == 0:
            return hidden.sum(1), None
        rows = torch.arange(len(hidden), device=hidden.device)
        first = mask.long().argmax(1)
        last = hidden.shape[1] - 1 - mask.flip(1).long().argmax(1)
        pooled = hidden[rows, last]
        if self.num_directions == 2:
            size = self.hidden_size
            pooled = torch.cat([pooled[:, :size], hidden[rows, first][:, size:]], dim=-1)
        return pooled.where(mask.any(1, keepdim=True), 0), None


class MeanPooling(nn.Module):
    """The mean over the tokens, all with the same weight."""

    def forward(self, hidden: Tensor, mask: Tensor) -> tuple[Tensor, None]:
        """Pool; see the module's docstring for the shapes."""
        total = hidden.where(mask.unsqueeze(-1), 0).sum(1)
        return total / mask.sum(1, keepdim=True).clamp(min=1).to(hidden.dtype), None


class MaxPooling(nn.Module):
    """The largest value of each feature over the tokens (max over time, Collobert et al. 2011)."""

    def forward(self, hidden: Tensor, mask: Tensor) -> tuple[Tensor, None]:
        """Pool; see the module's docstring for the shapes."""
        if hidden.shape[1] == 0:
            return hidden.sum(1), None
        lowest = torch.finfo(hidden.dtype).min
        pooled = hidden.masked_fill(~mask.unsqueeze(-1), lowest).amax(1)
        return pooled.where(mask.any(1, keepdim=True), 0), None


class AttentionPooling(nn.Module):
    """A weighted mean with learnt weights.

    u_t = tanh(W h_t + b), a = softmax(v . u_t), pooled = sum_t a_t h_t: the additive score of
    Bahdanau et al. (2015) with a learnt query, as in Yang et al. (2016).
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.key = nn.Linear(size, size)
        self.query = nn.Linear(size, 1, bias=False)

    def forward(self, hidden: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Pool; see the module's docstring for the shapes."""
        hidden = hidden.where(mask.unsqueeze(-1), 0)
        scores = self.query(torch.tanh(self.key(hidden))).squeeze(-1)
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1).where(mask, 0)  # a row without tokens gets zeros
        return torch.einsum("bt,bts->bs", weights.to(hidden.dtype), hidden), weights


def make_pooling(kind: str, hidden_size: int, num_directions: int) -> nn.Module:
    """Return a pooling by its name, for states of width ``num_directions * hidden_size``.

    Raises:
        ValueError: If no pooling has that name.
    """
    check_choice("pooling", kind, POOLINGS)
    if kind == "last":
        return LastPooling(hidden_size, num_directions)
    if kind == "attention":
        return AttentionPooling(hidden_size * num_directions)
    return {"mean": MeanPooling, "max": MaxPooling}[kind]()
