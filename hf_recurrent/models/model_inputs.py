"""The inputs of a model: they are checked, cut to the real steps, and turned into vectors.

The *main input* of a model is what its input layer turns into vectors: ``input_ids``,
``input_features`` or ``pixel_values_videos``. ``inputs_embeds`` may be given in its place. Some
layers also read *extra inputs*, such as ``char_ids``. An input layer names both.

The forward of a model names the inputs of all layers one by one and passes them on together. The
names are necessary: ``Trainer`` drops the columns of a data set that are not in the signature of
the forward, and tracing and the export to ONNX pass arguments by position. The code that uses the
inputs is here, once for all models.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from .ragged import TokenColumns

# The main inputs, and what may be given in their place.
_SHAPES = {
    "input_ids": "(batch, time)",
    "input_features": "(batch, time, channels)",
    "pixel_values_videos": "(batch, time, channels, height, width)",
    "inputs_embeds": "(batch, time, embedding_size)",
}


class ModelInputs(NamedTuple):
    """The inputs of a batch, by name, and the positions of the real steps.

    Attributes:
        given: The inputs that were given, each (batch, time, ...).
        mask: (batch, time, bool), true on real steps.
        columns: The columns of the batch that hold a real step.
        dense: Whether all steps are known to be real.
    """

    given: dict[str, Tensor]
    mask: Tensor
    columns: TokenColumns
    dense: bool = False

    @classmethod
    def of(
        cls, main_input_name: str, attention_mask: Tensor | None, given: dict[str, Tensor | None]
    ) -> "ModelInputs":
        """Check inputs and find their real steps.

        Args:
            main_input_name: The name of the model's main input.
            attention_mask: (batch, time), nonzero on real steps; without it all steps are real.
            given: Inputs by name; ``None`` for an input that was not given.

        Raises:
            ValueError: If not exactly one of the main input and ``inputs_embeds`` is given, or its
                number of dimensions is wrong, ids are no integers, or the mask has another shape.
        """
        there = {name: value for name, value in given.items() if value is not None}
        for name in there:
            if name in _SHAPES and name not in (main_input_name, "inputs_embeds"):
                raise ValueError(
                    f"the model reads {main_input_name} {_SHAPES[main_input_name]}, and {name} "
                    "was given"
                )
        if (main_input_name in there) == ("inputs_embeds" in there):
            raise ValueError(f"give either {main_input_name} or inputs_embeds, and not both")
        name = main_input_name if main_input_name in there else "inputs_embeds"
        value = there[name]
        dimensions = _SHAPES[name].count(",") + 1
        if value.dim() != dimensions:
            raise ValueError(
                f"{name} has shape {tuple(value.shape)}, expected {dimensions} dimensions, "
                f"{_SHAPES[name]}"
            )
        if name == "input_ids" and value.is_floating_point():
            if value.numel():
                raise ValueError(f"input_ids are {value.dtype}, expected integers: ids of tokens")
            there[name] = value.long()  # what tokenizers give for an empty text
        shape = value.shape[:2]
        if attention_mask is None:
            mask = torch.ones(shape, dtype=torch.bool, device=value.device)
            return cls(there, mask, TokenColumns(0, shape[1], shape[1]), dense=True)
        if attention_mask.shape != shape:
            raise ValueError(
                f"attention_mask has shape {tuple(attention_mask.shape)}, expected "
                f"{tuple(shape)} as {name} has"
            )
        mask = attention_mask.bool()
        return cls(there, mask, TokenColumns.of(mask))

    def cut(self) -> "ModelInputs":
        """Return the inputs without the columns that hold only padding.

        Raises:
            ValueError: If an input has another number of columns than the mask.
        """
        columns = self.columns
        if self.dense:
            return self
        cut = {name: columns.cut(value, name) for name, value in self.given.items()}
        return ModelInputs(cut, columns.cut(self.mask), columns)


def embed(layer: nn.Module, inputs: ModelInputs, look_up: Callable[..., Any] | None = None) -> Any:
    """Return the vectors (batch, time, size) of a batch; the values in its padding do not matter.

    Args:
        layer: The plain look-up, or an ``InputLayer``.
        inputs: Its inputs, or ``inputs_embeds``; extra inputs that it does not need are ignored.
        look_up: A function to call in place of the layer itself.

    Raises:
        ValueError: If a token has no row, the given vectors have another size, or the layer needs
            an extra input that was not given.
    """
    given, mask = inputs.given, inputs.mask
    if "inputs_embeds" in given:
        vectors = given["inputs_embeds"]
        if vectors.shape[-1] != layer.embedding_dim:
            raise ValueError(
                f"inputs_embeds has width {vectors.shape[-1]}, expected embedding_size "
                f"{layer.embedding_dim}"
            )
        if inputs.dense:
            return vectors
        # 0 * nan would spoil the gradient, as some kernels compute beyond the end of a row.
        return vectors.where(mask.unsqueeze(-1), 0)
    wanted = getattr(layer, "extra_inputs", ())
    extra = {name: _extra_input(name, given.get(name), mask) for name in wanted}
    main = given[getattr(layer, "main_input_name", "input_ids")]
    if main.dim() > 3:
        return _embed_pictures(layer, main, mask, inputs.dense)
    if main.dim() > 2:
        return (look_up or layer)(main.where(mask.unsqueeze(-1), 0), **extra)
    padding = getattr(layer, "padding_idx", None) or 0
    try:
        return (look_up or layer)(main if inputs.dense else main.where(mask, padding), **extra)
    except IndexError:  # on a CPU; other devices stop with their own error
        rows: Any = layer.num_embeddings
        wrong = main[mask & ((main < 0) | (main >= rows))]
        if not len(wrong):
            raise
        raise ValueError(
            f"input_ids holds {int(wrong[0])}, but the model's embedding has ids 0 to {rows - 1}: "
            "take the tokenizer that belongs to the model, or resize_token_embeddings"
        ) from None


def _embed_pictures(layer: nn.Module, clips: Tensor, mask: Tensor, dense: bool) -> Tensor:
    """Return the vectors of pictures, 0 on padding, whose pictures are not encoded."""
    if dense:
        return layer(clips)
    found: Tensor = layer(clips[mask].unsqueeze(0)).squeeze(0)
    vectors = found.new_zeros(*mask.shape, found.shape[-1])
    return vectors.index_put((mask,), found)


def _extra_input(name: str, value: Tensor | None, mask: Tensor) -> Tensor:
    if value is None:
        raise ValueError(
            f"the model's input layer needs {name} beside input_ids, and none were given: take the "
            f"tokenizer that belongs to the model (it lists {name} in model_input_names)"
        )
    if value.dim() != 3 or value.shape[:2] != mask.shape:
        raise ValueError(
            f"{name} has shape {tuple(value.shape)}, expected {tuple(mask.shape)} as input_ids "
            "has, and a third dimension"
        )
    return value.where(mask.unsqueeze(-1), 0)
