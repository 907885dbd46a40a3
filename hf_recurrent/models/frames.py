"""Frames of real numbers in place of words: sound, skeletons, sensors."""

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from .embeddings import InputLayer, TableShape


class FrameEmbedding(InputLayer):
    """The vectors of frames: their channels unchanged, or a linear map of them.

    A model with this layer reads ``input_features`` (batch, time, channels) in place of
    ``input_ids``. They are converted to the dtype of the model. The next layer begins with a matrix
    product anyway, so the linear map is useful only to reduce a large number of channels.

    ``embedding_config``:

    - ``num_channels``: how many numbers a frame has;
    - ``layer_norm``: whether each frame is first normalised over its channels;
    - ``projection``: whether a linear map makes vectors of width ``embedding_size``; without it
      the width is ``num_channels``.
    """

    fields: ClassVar[dict[str, Any]] = {
        "num_channels": ...,
        "layer_norm": False,
        "projection": False,
    }
    main_input_name: ClassVar[str] = "input_features"

    def __init__(self, shape: TableShape, fields: dict[str, Any]) -> None:
        super().__init__(shape, fields)
        self.num_channels = fields["num_channels"]
        self.layer_norm = nn.LayerNorm(self.num_channels) if fields["layer_norm"] else None
        self.projection = (
            nn.Linear(self.num_channels, self.embedding_dim) if fields["projection"] else None
        )
        # An empty buffer that has the dtype of the model.
        self.register_buffer("like", torch.empty(0), persistent=False)
        self.like: Tensor

    @classmethod
    def check(cls, shape: TableShape, fields: dict[str, Any]) -> int:
        """Return ``embedding_size`` with a projection, otherwise ``num_channels``."""
        channels = fields["num_channels"]
        if not isinstance(channels, int) or isinstance(channels, bool) or channels < 1:
            raise ValueError(
                f"embedding_config: num_channels is {channels!r}, expected a whole number of at "
                "least 1"
            )
        for name in ("layer_norm", "projection"):
            if not isinstance(fields[name], bool):
                raise ValueError(
                    f"embedding_config: {name} is {fields[name]!r}, expected true or false"
                )
        if fields["layer_norm"] and channels == 1:
            raise ValueError(
                "embedding_config: layer_norm over num_channels 1 would make every frame 0"
            )
        return shape.embedding_size if fields["projection"] else channels

    def forward(self, input_features: Tensor, **extra: Tensor) -> Tensor:  # type: ignore[override]
        """Return the vectors (batch, time, embedding_dim) of frames (batch, time, channels).

        Raises:
            ValueError: If the frames have another number of channels, or are not floating-point.
        """
        if not input_features.is_floating_point():
            raise ValueError(
                f"input_features are {input_features.dtype}, expected floating-point numbers"
            )
        channels = input_features.shape[-1]
        if channels != self.num_channels:
            raise ValueError(
                f"input_features have {channels} channel{'s' if channels != 1 else ''}, expected "
                f"num_channels {self.num_channels}"
            )
        vectors = input_features.to(self.like.dtype)
        if self.layer_norm is not None:
            vectors = self.layer_norm(vectors)
        return vectors if self.projection is None else self.projection(vectors)

    def example(self) -> Tensor:
        """Return two frames of zeros."""
        return torch.zeros(1, 2, self.num_channels)

    def extra_repr(self) -> str:
        """Show the sizes in the printed model."""
        return f"{self.num_channels}, {self.embedding_dim}"

    def resize(self, vocab_size: int, std: float, mean_resizing: bool) -> None:
        """Raise ``ValueError``, as a model over frames has no token ids."""
        raise ValueError("the model reads input_features, so it has no token ids to resize")
