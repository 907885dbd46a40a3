"""EfficientNet-Lite0 (Tan and Le 2019; the variant for phones of 2020) as a picture encoder.

It has plain convolutions and ReLU6, without squeeze-and-excitation.
``hf_recurrent.data.efficientnet_weights`` loads trained weights (Apache-2.0).
"""

from typing import Any, ClassVar

from torch import Tensor, nn

# Number of blocks, kernel, stride of the first, expansion, outputs.
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_STEM, _SIZE = 32, 1280


class ConvNorm(nn.Module):
    """A convolution, and batch norm by its stored statistics, in training too.

    Args:
        inputs: Number of channels that it reads.
        outputs: Number of channels that it gives.
        kernel: Height and width of the filters.
        stride: Steps between them.
        groups: Number of groups of channels.
        activation: Whether ReLU6 follows.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 1,
        stride: int = 1,
        groups: int = 1,
        activation: bool = True,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=1e-3)
        self.kernel, self.stride, self.activation = kernel, stride, activation

    def forward(self, x: Tensor) -> Tensor:
        """Return maps of height / stride and width / stride, rounded up."""
        # As in TensorFlow, where the trained weights are from: an odd pixel of padding comes last.
        pads: list[int] = []
        for size in (x.shape[3], x.shape[2]):
            total = max((-(-size // self.stride) - 1) * self.stride + self.kernel - size, 0)
            pads += [total // 2, total - total // 2]
        x = self.conv(nn.functional.pad(x, pads))
        n = self.norm
        x = nn.functional.batch_norm(
            x, n.running_mean, n.running_var, n.weight, n.bias, False, 0.0, n.eps
        )
        return nn.functional.relu6(x) if self.activation else x


class InvertedResidual(nn.Module):
    """A block: expanded by a product, filtered channel by channel, and projected."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        width = inputs * expansion
        self.expand = ConvNorm(inputs, width) if expansion > 1 else nn.Identity()
        self.depthwise = ConvNorm(width, width, kernel, stride, groups=width)
        self.project = ConvNorm(width, outputs, activation=False)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """Return the maps of the block."""
        y: Tensor = self.project(self.depthwise(self.expand(x)))
        return x + y if self.residual else y


class EfficientNetLite0(nn.Module):
    """The network without its output layer: the mean of its last maps, 1,280 numbers.

    It has no fields of its own.
    """

    fields: ClassVar[dict[str, Any]] = {}

    def __init__(self, num_channels: int, fields: dict[str, Any]) -> None:
        super().__init__()
        self.stem = ConvNorm(num_channels, _STEM, 3, 2)
        blocks, width = [], _STEM
        for many, kernel, stride, expansion, outputs in _STAGES:
            for number in range(many):
                step = 1 if number else stride
                blocks.append(InvertedResidual(width, outputs, kernel, step, expansion))
                width = outputs
        self.blocks = nn.ModuleList(blocks)
        self.head = ConvNorm(width, _SIZE)

    @classmethod
    def check(cls, num_channels: int, fields: dict[str, Any]) -> int:
        """Return 1,280."""
        if num_channels != 3:
            raise ValueError(
                f"embedding_config: num_channels is {num_channels}, and efficientnet_lite0 reads "
                "pictures in colour: set it to 3"
            )
        return _SIZE

    def forward(self, pictures: Tensor) -> Tensor:
        """Return vectors (n, 1280)."""
        x = self.stem(pictures)
        for block in self.blocks:
            x = block(x)
        maps: Tensor = self.head(x)
        return maps.mean((2, 3))
