"""Compressed input layers: a row is stored as codes, and decoded when its id is looked up.

``CompressedKeyedVectors`` and ``compress_model`` of ``hf_recurrent.vectors`` make the codes. They
are buffers, so training does not change them.
"""

from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from transformers import initialization as init

from .embeddings import InputLayer, TableShape

_CENTROIDS = 256


class QuantizedEmbedding(InputLayer):
    """Base class of the kinds: codes (vocab_size, width of a code) and the values to decode them.

    Attributes:
        arrays: The names of the buffers, the same as in ``hf_recurrent.vectors.compression``.
    """

    is_table: ClassVar[bool] = True
    arrays: ClassVar[tuple[str, ...]] = ("codes",)
    codes: Tensor

    def set_codes(self, arrays: dict[str, Any]) -> None:
        """Set the buffers from arrays, by their names; no copy is made if torch can share memory.

        Raises:
            ValueError: If an array is missing, or has another shape or type than its buffer.
        """
        for name in self.arrays:
            old, new = getattr(self, name), torch.as_tensor(arrays[name])
            if old.shape != new.shape or old.dtype != new.dtype:
                raise ValueError(
                    f"{name} has shape {tuple(new.shape)} of {new.dtype}, but the model's input "
                    f"layer has {tuple(old.shape)} of {old.dtype}: make them of vectors for this "
                    "model's tokenizer"
                )
            setattr(self, name, new.to(old.device))

    def set_word_vectors(self, vectors: Any) -> None:
        """Raise ``ValueError``, as the code in a checkpoint cannot compress a matrix."""
        raise ValueError(
            "a compressed input layer takes no matrix of word vectors: set them on a model with "
            "the plain look-up, and compress that by hf_recurrent.vectors.compress_model"
        )

    def _init_codes(self, codes: Tensor) -> None:
        if self.padding_idx is not None:
            codes[self.padding_idx] = 0
        init.copy_(self.codes, codes)


class HalfEmbedding(QuantizedEmbedding):
    """Numbers of half precision.

    Their bits are stored as integers, since loading would convert floats to the model's precision.
    """

    def __init__(self, shape: TableShape, fields: dict[str, Any]) -> None:
        super().__init__(shape, fields)
        size = (self.num_embeddings, self.embedding_dim)
        self.register_buffer("codes", torch.empty(size, dtype=torch.int16))
        # An empty buffer that has the dtype of the model.
        self.register_buffer("like", torch.empty(0), persistent=False)
        self.like: Tensor

    def forward(self, input_ids: Tensor, **extra: Tensor) -> Tensor:
        """Decode ids (batch, time)."""
        codes = nn.functional.embedding(input_ids, self.codes)
        return codes.view(torch.float16).to(self.like.dtype)

    def init_weights(self, std: float) -> None:
        """Initialise the rows like those of an ``nn.Embedding``."""
        rows = std * torch.randn(self.codes.shape)
        self._init_codes(rows.to(torch.float16).view(torch.int16))


class Int8Embedding(QuantizedEmbedding):
    """Integers of 8 bits, and a scale for each row."""

    arrays = ("codes", "scales")
    scales: Tensor

    def __init__(self, shape: TableShape, fields: dict[str, Any]) -> None:
        super().__init__(shape, fields)
        size = (self.num_embeddings, self.embedding_dim)
        self.register_buffer("codes", torch.empty(size, dtype=torch.int8))
        self.register_buffer("scales", torch.empty(self.num_embeddings))

    def forward(self, input_ids: Tensor, **extra: Tensor) -> Tensor:
        """Decode ids (batch, time)."""
        codes = nn.functional.embedding(input_ids, self.codes)
        return codes * self.scales[input_ids].unsqueeze(-1)

    def init_weights(self, std: float) -> None:
        """Initialise the rows with uniform numbers of deviation ``std``, zeros for the padding."""
        sizes = torch.randint(1, 128, self.codes.shape, dtype=torch.int8)
        signs = torch.randint(0, 2, self.codes.shape, dtype=torch.int8) * 2 - 1
        self._init_codes(sizes * signs)
        # The mean square of 1 to 127 is 128 * 255 / 6.
        init.constant_(self.scales, std / (128 * 255 / 6) ** 0.5)


class ProductEmbedding(QuantizedEmbedding):
    """Product quantisation: one byte for a few neighbouring numbers (Jegou et al. 2011).

    ``embedding_config``: ``subspace_size``, the number of dimensions that share a byte. Centroid 0
    of each sub-space is zero.
    """

    fields: ClassVar[dict[str, Any]] = {"subspace_size": 2}
    arrays = ("codes", "codebooks")
    codebooks: Tensor

    def __init__(self, shape: TableShape, fields: dict[str, Any]) -> None:
        super().__init__(shape, fields)
        size = fields["subspace_size"]
        parts = -(-self.embedding_dim // size)
        self.register_buffer("codes", torch.empty(self.num_embeddings, parts, dtype=torch.uint8))
        self.register_buffer("codebooks", torch.empty(parts, _CENTROIDS, size))

    @classmethod
    def check(cls, shape: TableShape, fields: dict[str, Any]) -> int:
        """Return ``embedding_size``."""
        size = fields["subspace_size"]
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise ValueError(
                f"embedding_config: subspace_size is {size!r}, expected a whole number of at least "
                "1"
            )
        return shape.embedding_size

    def forward(self, input_ids: Tensor, **extra: Tensor) -> Tensor:
        """Decode ids (batch, time)."""
        codes = nn.functional.embedding(input_ids, self.codes)
        starts = _CENTROIDS * torch.arange(codes.shape[-1], device=codes.device)
        parts = nn.functional.embedding(codes + starts, self.codebooks.flatten(0, 1))
        return parts.flatten(-2)[..., : self.embedding_dim]

    def init_weights(self, std: float) -> None:
        """Initialise the centroids like rows of an ``nn.Embedding``; zeros for the padding."""
        self._init_codes(torch.randint(1, _CENTROIDS, self.codes.shape, dtype=torch.uint8))
        codebooks = std * torch.randn(self.codebooks.shape)
        codebooks[:, 0] = 0
        init.copy_(self.codebooks, codebooks)
