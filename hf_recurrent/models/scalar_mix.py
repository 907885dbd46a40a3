"""The learned mix of the layers of ELMo."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from transformers import initialization as init

from .own_weights import OwnWeights

LAYER_NORMS = ("sentence", "batch")
_EPSILON = 1e-12


class ScalarMix(OwnWeights):
    """A weighted sum of layers, ``gamma * sum(softmax(weights)[k] * layer[k])``.

    This is the sum of Peters et al. (2018). A new mix is the plain mean.

    Args:
        layers: Number of layers.
        layer_norm: Whether each layer is first brought to mean 0 and variance 1 over all of its
            numbers: those of a ``"sentence"`` for itself, or of the whole ``"batch"`` as in the
            original, where the vectors of a sentence depend on the others in the batch. Padding
            does not count. ``None`` for no norm.
    """

    def __init__(self, layers: int, layer_norm: str | None = None) -> None:
        super().__init__()
        self.layer_norm = layer_norm
        self.weights = nn.Parameter(torch.empty(layers))
        self.gamma = nn.Parameter(torch.empty(1))

    def forward(self, layers: Sequence[Tensor], mask: Tensor) -> Tensor:
        """Return the mix (batch, time, size), 0 on padding.

        Args:
            layers: (batch, time, size) each, 0 on padding.
            mask: (batch, time, bool), true on real tokens.
        """
        if self.layer_norm is not None:
            layers = [self._normed(layer, mask) for layer in layers]
        shares = self.weights.softmax(0)
        mixed = sum(share * layer for share, layer in zip(shares, layers, strict=True))
        return self.gamma * mixed

    def _normed(self, layer: Tensor, mask: Tensor) -> Tensor:
        over = (1, 2) if self.layer_norm == "sentence" else (0, 1, 2)
        real = mask.unsqueeze(-1)
        values = layer.to(torch.promote_types(layer.dtype, torch.float32))
        number = (real.sum(over, keepdim=True) * layer.shape[-1]).clamp(min=1)
        mean = values.sum(over, keepdim=True) / number
        centred = (values - mean).where(real, 0)
        variance = centred.square().sum(over, keepdim=True) / number
        return (centred / (variance + _EPSILON).sqrt()).to(layer.dtype)

    def init_weights(self, std: float) -> None:
        """Start from the mean of the layers."""
        init.zeros_(self.weights)
        init.ones_(self.gamma)

    def extra_repr(self) -> str:
        """Show the settings in the printed model."""
        return f"{len(self.weights)}, layer_norm={self.layer_norm}"
