"""Convolutions over time that give fewer steps than they read.

A convolution with kernel k and stride s gives step j from the frames j * s - k + 1 to j * s, with
zeros before the first: it looks back only. So n frames give ceil(n / s) steps, a stream of frames
gives the same steps as the whole, and no step waits for frames to come. The last up to s - 1 frames
are not read.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import initialization as init

from .own_weights import OwnWeights
from .ragged import RaggedBatch


class CausalConvolution(nn.Conv1d, OwnWeights):
    """A convolution over time that looks back only, and ReLU.

    Its *context* are the last ``kernel - 1`` frames or more that the next step still reads, a
    tensor (batch, channels, n).

    Args:
        channels: Number of channels that it reads.
        dim: Number of channels that it gives.
        kernel: Number of frames that a step reads.
        stride: One step for so many frames; at most ``kernel``.
    """

    def __init__(self, channels: int, dim: int, kernel: int, stride: int) -> None:
        super().__init__(channels, dim, kernel, stride)

    def init_weights(self, std: float) -> None:
        """Initialise as Keras does: Xavier uniform weights, zeros as bias."""
        init.xavier_uniform_(self.weight)
        assert self.bias is not None
        init.zeros_(self.bias)

    def begin(self, rows: int) -> Tensor:
        """Return the context before the first frame."""
        return self.weight.new_zeros(rows, self.in_channels, self.kernel_size[0] - 1)

    def forward(self, x: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        """Return the steps (batch, n, dim) that frames (batch, time, channels) complete.

        Args:
            x: The frames.
            context: The context that the frames before left.

        Returns:
            The steps, and the context for the frames to come.
        """
        frames = torch.cat([context, x.transpose(1, 2)], 2)
        kernel, stride = self.kernel_size[0], self.stride[0]
        steps = max(0, (frames.shape[2] - kernel) // stride + 1)
        if not steps:
            return x.new_zeros(len(x), 0, self.out_channels), frames
        read = frames[:, :, : (steps - 1) * stride + kernel]
        return super().forward(read).relu().transpose(1, 2), frames[:, :, steps * stride :]


class Subsampling(nn.Module):
    """A stack of such convolutions, over padded batches and over streams.

    Args:
        channels: Number of channels that the first reads.
        dims: Number of channels that each gives.
        kernels: The kernel of each.
        strides: The stride of each.
    """

    def __init__(
        self, channels: int, dims: Sequence[int], kernels: Sequence[int], strides: Sequence[int]
    ) -> None:
        super().__init__()
        widths = [channels, *dims]
        self.layers: Any = nn.ModuleList(
            CausalConvolution(*sizes)
            for sizes in zip(widths[:-1], dims, kernels, strides, strict=True)
        )

    def forward(self, frames: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return the steps of a padded batch, and their mask; the real steps of a row come first.

        Args:
            frames: (batch, time, channels), any numbers on padding.
            mask: (batch, time, bool), true on real frames; holes are skipped.
        """
        x, real = compact(frames, mask)
        lengths = real.sum(1)
        for layer in self.layers:
            x, _ = layer(x, layer.begin(len(x)))
            lengths = (lengths + layer.stride[0] - 1) // layer.stride[0]
            real = torch.arange(x.shape[1], device=x.device) < lengths.unsqueeze(1)
            x = x.where(real.unsqueeze(-1), 0)
        return x, real

    def begin(self, rows: int) -> list[Tensor]:
        """Return the contexts before the first frame."""
        return [layer.begin(rows) for layer in self.layers]

    def stream(self, x: Tensor, contexts: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """Return the steps that frames of a stream without padding complete, and the contexts."""
        new = []
        for layer, context in zip(self.layers, contexts, strict=True):
            x, left = layer(x, context)
            new.append(left)
        return x, new


def compact(values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Return the real steps of each row first, zeros after them, and their mask.

    Args:
        values: (batch, time, size).
        mask: (batch, time, bool), true on real steps.
    """
    ragged = RaggedBatch.from_mask(mask)
    real = torch.arange(mask.shape[1], device=mask.device) < ragged.lengths.unsqueeze(1)
    moved = values.gather(1, ragged.positions.unsqueeze(-1).expand_as(values))
    return moved.where(real.unsqueeze(-1), 0), real
