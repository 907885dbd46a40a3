"""Pictures in place of words: a picture encoder as the input layer of a network over clips."""

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from .efficientnet import EfficientNetLite0
from .embeddings import InputLayer, TableShape
from .picture_encoders import (
    CnnEncoder,
    PixelEncoder,
    TransformersEncoder,
    copy_weights,
    image_config,
    image_size_of,
    picture_size,
)
from .sentence_store import SentenceStore

ENCODERS: dict[str, Any] = {
    "cnn": CnnEncoder,
    "efficientnet_lite0": EfficientNetLite0,
    "pixels": PixelEncoder,
}


class PictureEmbedding(InputLayer):
    """The vector of each picture of a clip, by a picture encoder (LRCN, Donahue et al. 2015).

    A model with this layer reads ``pixel_values_videos`` (batch, time, channels, height, width) in
    place of ``input_ids``. They are converted to the dtype of the model. Pictures of the padding
    are not encoded.

    ``embedding_config``:

    - ``encoder``: the picture encoder: ``{"kind": "cnn"}``, a small network to be trained
      (``picture_encoders.py`` has the fields); ``{"kind": "efficientnet_lite0"}``;
      ``{"kind": "pixels"}``, which encodes nothing; or the configuration of an image model of
      transformers, a dictionary with ``"model_type"``;
    - ``num_channels``: 3 for colour, 1 for grey;
    - ``pooled``: whether the pooled output of an image model of transformers is taken, if it has
      one; otherwise the mean of its last maps or patches, and weights of a pooler are not needed;
    - ``projection``: whether a linear map makes vectors of width ``embedding_size``; without it
      the width is that of the encoder;
    - ``frozen``: whether training leaves the encoder as it is. ``freeze_embeddings`` keeps the
      linear map too.

    Attributes:
        store: Where the vectors of pictures are kept; see ``keep_pictures``.
    """

    fields: ClassVar[dict[str, Any]] = {
        "encoder": {"kind": "cnn"},
        "num_channels": 3,
        "pooled": True,
        "projection": False,
        "frozen": False,
    }
    main_input_name: ClassVar[str] = "pixel_values_videos"

    def __init__(self, shape: TableShape, fields: dict[str, Any]) -> None:
        super().__init__(shape, fields)
        self.num_channels: int = fields["num_channels"]
        self.encoder = _made(fields)
        self.frozen: bool = fields["frozen"]
        self.encoder_size = _encoder_size(fields)
        self.projection = (
            nn.Linear(self.encoder_size, self.embedding_dim) if fields["projection"] else None
        )
        self.store: SentenceStore | None = None
        # An empty buffer that has the dtype of the model.
        self.register_buffer("like", torch.empty(0), persistent=False)
        self.like: Tensor

    @classmethod
    def check(cls, shape: TableShape, fields: dict[str, Any]) -> int:
        """Return ``embedding_size`` with a projection, otherwise the width of the encoder."""
        channels = fields["num_channels"]
        if channels not in (1, 3) or isinstance(channels, bool):
            raise ValueError(
                f"embedding_config: num_channels is {channels!r}, expected 3 for colour or 1 for "
                "grey"
            )
        for name in ("pooled", "projection", "frozen"):
            if not isinstance(fields[name], bool):
                raise ValueError(
                    f"embedding_config: {name} is {fields[name]!r}, expected true or false"
                )
        size = _encoder_size(fields)
        return shape.embedding_size if fields["projection"] else size

    def freeze_as_configured(self) -> None:
        """Keep the encoder out of training if ``frozen`` is set."""
        if self.frozen:
            self.encoder.requires_grad_(False)

    def copy_encoder(self, source: nn.Module | dict[str, Tensor]) -> None:
        """Copy the weights of a trained picture encoder into that of this layer.

        Args:
            source: A module with the same weights, such as an image model of transformers from
                ``from_pretrained``, or its ``state_dict()``.

        Raises:
            ValueError: If a weight is missing or has another shape.
        """
        copy_weights(self.encoder, source)

    def keep_pictures(self, folder: str | None = None, half: bool = False) -> None:
        """Compute the vector of each picture once, while the encoder is not trained.

        They are kept in a temporary file that is mapped into memory, so from the second epoch on
        training reads them from there. A picture is known by its pixels.

        Args:
            folder: Folder of the file; ``None`` for the usual one of temporary files. The file is
                gone when the process ends.
            half: Whether to keep the numbers in half precision.

        Raises:
            OSError: If there can be no file in the folder.
        """
        dtype = torch.float16 if half else torch.float32
        self.store = SentenceStore(self.encoder_size, folder, dtype)

    def forward(self, input_ids: Tensor, **extra: Tensor) -> Tensor:
        """Return the vectors (batch, time, embedding_dim) of pictures.

        Args:
            input_ids: The pictures (batch, time, channels, height, width), in the place of ids.
            **extra: Nothing.

        Raises:
            ValueError: If the pictures have another number of channels, are empty, or are not
                floating-point.
        """
        clips = input_ids
        if not clips.is_floating_point():
            raise ValueError(
                f"pixel_values_videos are {clips.dtype}, expected floating-point numbers: take the "
                "video processor of the model"
            )
        if clips.shape[2] != self.num_channels or not clips.shape[3] * clips.shape[4]:
            raise ValueError(
                f"pixel_values_videos have shape {tuple(clips.shape)}, expected (batch, time, "
                f"{self.num_channels}, height, width), as num_channels is {self.num_channels}"
            )
        pictures = clips.flatten(0, 1).to(self.like.dtype)
        if len(pictures):
            vectors = self._vectors(pictures)
        else:  # some layers refuse an empty batch
            vectors = self.encoder(pictures.new_zeros(1, *clips.shape[2:]))[:0]
        if self.projection is not None:
            vectors = self.projection(vectors)
        return vectors.unflatten(0, clips.shape[:2])

    def _vectors(self, pictures: Tensor) -> Tensor:
        """Return the vectors (n, size) of pictures, kept ones where they are kept."""
        weights = [*self.encoder.parameters(), *self.encoder.buffers()]
        trained = torch.is_grad_enabled() and (
            pictures.requires_grad or any(weight.requires_grad for weight in weights)
        )
        if self.store is None or trained:
            vectors: Tensor = self.encoder(pictures)
            return vectors
        one = torch.ones(len(pictures), 1, dtype=torch.bool)
        kept = self.store(
            lambda rows: self.encoder(pictures[rows]).unsqueeze(1),
            pictures.unsqueeze(1),
            one,
            weights,
        )
        return kept.squeeze(1).to(pictures.dtype)

    def example(self) -> Tensor:
        """Return two black pictures of the size that the encoder expects, or of 32 pixels."""
        config = getattr(getattr(self.encoder, "model", None), "config", None)
        return torch.zeros(1, 2, self.num_channels, *picture_size(config, 32))

    def extra_repr(self) -> str:
        """Show the sizes in the printed model."""
        return f"{self.num_channels}, {self.embedding_dim}"

    def resize(self, vocab_size: int, std: float, mean_resizing: bool) -> None:
        """Raise ``ValueError``, as a model over pictures has no token ids."""
        raise ValueError("the model reads pixel_values_videos, so it has no token ids to resize")


def _encoder_fields(given: Any) -> tuple[Any, dict[str, Any]]:
    """Return the class of a picture encoder and its fields, defaults filled in."""
    kind = given.get("kind") if isinstance(given, dict) else None
    if kind not in ENCODERS:
        raise ValueError(
            f"embedding_config: encoder is {given!r}, expected a kind, "
            f"{', '.join(sorted(ENCODERS))}, or the model_type of an image model of transformers"
        )
    own = ENCODERS[kind]
    unknown = given.keys() - own.fields.keys() - {"kind"}
    if unknown:
        raise ValueError(
            f"embedding_config: the encoder {kind!r} has no field {min(unknown)!r}, expected some "
            f"of {', '.join(own.fields) or 'none'}"
        )
    return own, {**own.fields, **given}


def _of_transformers(given: Any) -> bool:
    return isinstance(given, dict) and "model_type" in given


def _encoder_size(fields: dict[str, Any]) -> int:
    """Return the width of the encoder's vectors; raise ``ValueError`` for a wrong field."""
    given, channels = fields["encoder"], fields["num_channels"]
    if _of_transformers(given):
        return image_size_of(image_config(given, channels), fields["pooled"])
    kind, own = _encoder_fields(given)
    size: int = kind.check(channels, own)
    return size


def _made(fields: dict[str, Any]) -> nn.Module:
    given, channels = fields["encoder"], fields["num_channels"]
    if _of_transformers(given):
        return TransformersEncoder(image_config(given, channels), fields["pooled"])
    kind, own = _encoder_fields(given)
    encoder: nn.Module = kind(channels, own)
    return encoder
