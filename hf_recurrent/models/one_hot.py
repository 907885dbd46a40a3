"""One-hot input: each word has its own column in the weights of the first layer."""

from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from .embeddings import InputLayer, LockedDropout, TableShape


class OneHotTokens(NamedTuple):
    """One-hot vectors (batch, time, size), stored as indices.

    Attributes:
        ids: (batch, time) the index of the only entry of each vector that is not 0.
        scale: (batch, time) the value of this entry: 1, 0 for padding, or the result of dropout.
        size: The width.
    """

    ids: Tensor
    scale: Tensor
    size: int

    def dense(self) -> Tensor:
        """Return the dense vectors."""
        vectors = self.scale.new_zeros(*self.ids.shape, self.size)
        return vectors.scatter(-1, self.ids.unsqueeze(-1), self.scale.unsqueeze(-1))

    def dropped(self, dropout: LockedDropout) -> "OneHotTokens":
        """Return the vectors after dropout, which drops a whole word or nothing."""
        if not dropout.training or not dropout.p:
            return self
        if dropout.locked:  # one mask for all steps: all occurrences of a word are dropped together
            mask = dropout(self.scale.new_ones(len(self.ids), 1, self.size)).squeeze(1)
            return self._replace(scale=self.scale * mask.gather(1, self.ids))
        return self._replace(scale=nn.functional.dropout(self.scale, dropout.p))


def has_hooks(module: nn.Module) -> bool:
    """Check whether a call of the module runs hooks, its own or global ones."""
    kinds = ("forward_pre_hooks", "forward_hooks", "backward_pre_hooks", "backward_hooks")
    return any(
        getattr(module, f"_{kind}") or getattr(nn.modules.module, f"_global_{kind}")
        for kind in kinds
    )


class OneHotEmbedding(InputLayer):
    """A vector as long as the vocabulary with a 1 at the token's id; zeros for padding.

    The width ``embedding_size`` follows from ``vocab_size``. A recurrent model does not make the
    vectors: it looks up columns in the input weights of its first layer. If this layer has hooks,
    it is called and returns dense vectors, so that the hooks run.
    """

    needs_size: ClassVar[bool] = False

    def __init__(self, shape: TableShape, fields: dict[str, Any]) -> None:
        super().__init__(shape, fields)
        # An empty buffer that has the dtype of the model.
        self.register_buffer("like", torch.empty(0), persistent=False)
        self.like: Tensor

    @classmethod
    def check(cls, shape: TableShape, fields: dict[str, Any]) -> int:
        """Return ``vocab_size``."""
        return shape.vocab_size

    def tokens(self, input_ids: Tensor) -> OneHotTokens:
        """Return the vectors of ids (batch, time), stored as indices.

        Raises:
            IndexError: If an id is out of range (checked on a CPU only).
        """
        on_cpu = input_ids.device.type == "cpu" and input_ids.numel()
        if on_cpu and not 0 <= int(input_ids.min()) <= int(input_ids.max()) < self.num_embeddings:
            raise IndexError("an id is out of range")
        scale = torch.ones(input_ids.shape, dtype=self.like.dtype, device=input_ids.device)
        if self.padding_idx is not None:
            scale = scale.where(input_ids != self.padding_idx, 0)
        return OneHotTokens(input_ids, scale, self.num_embeddings)

    def forward(self, input_ids: Tensor, **extra: Tensor) -> Tensor:
        """Return the dense vectors (batch, time, vocab_size)."""
        return self.tokens(input_ids).dense()
