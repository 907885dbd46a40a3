"""Picture encoders, which turn each picture by itself into one vector.

Each kind is a module called with pictures (n, channels, height, width). It returns vectors (n,
size). Its class method ``check`` gives this size for the fields of the kind. No kind has batch
norm over the batch: a picture has the same vector whatever other pictures are beside it.
"""

import functools
import json
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PreTrainedConfig


class ConvLayer(nn.Module):
    """A convolution with stride 2, group norm over a whole picture, and ReLU.

    Args:
        inputs: Number of channels that it reads.
        outputs: Number of channels that it gives.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1)
        self.norm = nn.GroupNorm(1, outputs)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return maps (n, outputs, height / 2, width / 2), rounded up."""
        maps: Tensor = self.norm(self.conv(pictures)).relu()
        return maps


class CnnEncoder(nn.Module):
    """A small convolutional network, to be trained with the layers above it.

    Its last maps are averaged to a grid, so that pictures may have any size, and a vector still
    says where something is.

    Fields:

    - ``channels``: number of channels of each convolution; each halves height and width;
    - ``grid``: rows and columns of the grid.
    """

    fields: ClassVar[dict[str, Any]] = {"channels": (16, 32, 64), "grid": 4}

    def __init__(self, num_channels: int, fields: dict[str, Any]) -> None:
        super().__init__()
        widths = [num_channels, *fields["channels"]]
        self.layers = nn.ModuleList(map(ConvLayer, widths[:-1], widths[1:]))
        self.grid: int = fields["grid"]

    @classmethod
    def check(cls, num_channels: int, fields: dict[str, Any]) -> int:
        """Return the number of channels of the last layer, times the cells of the grid."""
        channels, grid = fields["channels"], fields["grid"]
        whole = isinstance(channels, Sequence) and all(map(_is_size, channels))
        if not whole or not channels:
            raise ValueError(
                f"embedding_config: channels of the encoder is {channels!r}, expected whole "
                "numbers of at least 1, one for each convolution"
            )
        if not _is_size(grid):
            raise ValueError(
                f"embedding_config: grid of the encoder is {grid!r}, expected a whole number of at "
                "least 1"
            )
        return int(channels[-1]) * grid**2

    def forward(self, pictures: Tensor) -> Tensor:
        """Return vectors (n, channels[-1] * grid * grid)."""
        for layer in self.layers:
            pictures = layer(pictures)
        return nn.functional.adaptive_avg_pool2d(pictures, self.grid).flatten(1)


class PixelEncoder(nn.Module):
    """The pixels themselves, averaged to a grid: nothing is trained.

    Fields:

    - ``height``, ``width``: rows and columns of the grid.
    """

    fields: ClassVar[dict[str, Any]] = {"height": 16, "width": 16}

    def __init__(self, num_channels: int, fields: dict[str, Any]) -> None:
        super().__init__()
        self.grid: tuple[int, int] = (fields["height"], fields["width"])

    @classmethod
    def check(cls, num_channels: int, fields: dict[str, Any]) -> int:
        """Return the number of channels, times the cells of the grid."""
        for name in cls.fields:
            if not _is_size(fields[name]):
                raise ValueError(
                    f"embedding_config: {name} of the encoder is {fields[name]!r}, expected a "
                    "whole number of at least 1"
                )
        return num_channels * int(fields["height"]) * int(fields["width"])

    def forward(self, pictures: Tensor) -> Tensor:
        """Return vectors (n, channels * height * width)."""
        return nn.functional.adaptive_avg_pool2d(pictures, self.grid).flatten(1)


class TransformersEncoder(nn.Module):
    """Any image model of transformers: its pooled output, or the mean of its last maps or patches.

    Batch norms keep their stored statistics, in training too.

    Args:
        config: The configuration of the model.
        pooled: Whether its pooled output is taken, if it has one. A pooler with weights is left
            out otherwise: classifiers of pictures, such as those of ViT, are saved without it.
    """

    def __init__(self, config: PreTrainedConfig, pooled: bool = True) -> None:
        super().__init__()
        self.model = AutoModel.from_config(config)
        self.pooled = pooled
        pooler = getattr(self.model, "pooler", None)
        if not pooled and pooler is not None and any(True for _ in pooler.parameters()):
            self.model.pooler = None

    def forward(self, pictures: Tensor) -> Tensor:
        """Return vectors (n, size)."""
        outputs = self.model(pixel_values=pictures)
        pooled: Tensor | None = outputs.get("pooler_output") if self.pooled else None
        if pooled is not None:
            return pooled.flatten(1)
        last: Tensor = outputs.last_hidden_state
        return last.flatten(2).mean(2) if last.dim() == 4 else last.mean(1)

    def train(self, mode: bool = True) -> "TransformersEncoder":
        """Set the mode, except for batch norms."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.eval()
        return self


def image_config(fields: dict[str, Any], num_channels: int) -> PreTrainedConfig:
    """Return the configuration of an image model of transformers.

    Raises:
        ValueError: If transformers does not know the kind of model, or it reads another number of
            channels.
    """
    given = {name: value for name, value in fields.items() if name != "model_type"}
    try:
        config = AutoConfig.for_model(fields["model_type"], **given)
    except ValueError as error:
        raise ValueError(
            f"embedding_config: model_type of the encoder is {fields['model_type']!r}, which "
            "transformers does not know: expected an image model of transformers"
        ) from error
    read = getattr(config, "num_channels", None)
    if read != num_channels:
        raise ValueError(
            f"embedding_config: num_channels is {num_channels}, and a {config.model_type} reads "
            f"{'no pictures' if read is None else f'{read} channels'}: set num_channels of both "
            "to the same, or take an image model"
        )
    return config


def image_size_of(config: PreTrainedConfig, pooled: bool = True) -> int:
    """Return the width of the vectors of an image model of transformers.

    Args:
        config: The configuration of the model.
        pooled: See ``TransformersEncoder``.

    Raises:
        ValueError: If the model makes no vector of a picture by itself.
    """
    if config.model_type == "vit_mae":
        raise ValueError(
            "embedding_config: a vit_mae hides parts of each picture at random: take a vit with "
            "its weights, or another encoder"
        )
    return _found_size(config.to_json_string(use_diff=False), pooled)


@functools.lru_cache(maxsize=16)
def _found_size(config: str, pooled: bool) -> int:
    """Return the width that a model without memory, on the device "meta", gives to a picture."""
    fields = json.loads(config)
    own = AutoConfig.for_model(fields.pop("model_type"), **fields)
    try:
        with torch.device("meta"), torch.no_grad():
            encoder = TransformersEncoder(own, pooled).eval()
            picture = torch.zeros(1, own.num_channels, *picture_size(own, 224))
            vectors = encoder(picture)
    except Exception as error:  # whatever the code of transformers raises
        raise ValueError(
            f"embedding_config: a model of model_type {own.model_type!r} makes no vector of a "
            f"picture with these fields ({' '.join(str(error).split())}): take another encoder"
        ) from error
    return int(vectors.shape[1])


def picture_size(config: Any, otherwise: int) -> tuple[int, int]:
    """Return the height and width of pictures that an image model is configured for.

    Args:
        config: Its configuration.
        otherwise: Both, if it reads pictures of any size.
    """
    size = getattr(config, "image_size", None) or otherwise
    height, width = (size, size) if isinstance(size, int) else size
    return height, width


def copy_weights(encoder: nn.Module, source: nn.Module | dict[str, Tensor]) -> None:
    """Copy weights into an encoder.

    Args:
        encoder: The encoder.
        source: A module with the same weights, such as an image model from ``from_pretrained``,
            or its ``state_dict()``.

    Raises:
        ValueError: If a weight is missing or has another shape.
    """
    into = encoder.model if isinstance(encoder, TransformersEncoder) else encoder
    given = source.state_dict() if isinstance(source, nn.Module) else source
    own = into.state_dict()
    for name, value in own.items():
        found = None if name not in given else tuple(given[name].shape)
        if found != tuple(value.shape):
            raise ValueError(
                f"the weights for the picture encoder have "
                f"{f'no {name}' if found is None else f'{name} of shape {found}'}, expected "
                f"{tuple(value.shape)}: take those of the model that the configuration describes"
            )
    with torch.no_grad():
        for name, value in own.items():
            value.copy_(given[name])


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
