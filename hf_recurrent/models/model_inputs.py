"""What a model reads: the inputs that its input layer names, and where their real steps stand.

The *main input* of a model is what its input layer makes vectors of: ``input_ids`` or
``input_features``. ``inputs_embeds`` may be given in its place. Some layers read *extra inputs*
beside it, such as ``char_ids``. An input layer names both.

The forward of a model names the inputs of all layers one by one and hands them on together. It has
to name them: ``Trainer`` drops the columns of a data set that the signature of the forward lacks,
and tracing and the export to ONNX give arguments by their place in it. What is done with them
stands here, once.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from .ragged import TokenColumns

# The main inputs that there are, and what may stand in their place.
_SHAPES = {
    "input_ids": "(batch, time)",
    "input_features": "(batch, time, channels)",
    "inputs_embeds": "(batch, time, embedding_size)",
}


class ModelInputs(NamedTuple):
    """The inputs of a batch, by name, and where their real steps stand.

    Attributes:
        given: each (batch, time, ...); just those that were given.
        mask: (batch, time, bool), true on real steps.
        columns: the columns of the batch that hold a real step.
    """

    given: dict[str, Tensor]
    mask: Tensor
    columns: TokenColumns

    @classmethod
    def of(
        cls, main_input_name: str, attention_mask: Tensor | None, given: dict[str, Tensor | None]
    ) -> "ModelInputs":
        """Check inputs and find their real steps.

        Args:
            main_input_name: what the model makes vectors of.
            attention_mask: (batch, time), nonzero on real steps; without it all are real.
            given: inputs by name; ``None`` for what was not given.

        Raises:
            ValueError: unless just one of the main input and ``inputs_embeds`` is given, has as
                many dimensions as it must, and the mask has its shape.
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
        shape = value.shape[:2]
        if attention_mask is None:
            mask = torch.ones(shape, dtype=torch.bool, device=value.device)
            return cls(there, mask, TokenColumns(0, shape[1], shape[1]))
        if attention_mask.shape != shape:
            raise ValueError(
                f"attention_mask has shape {tuple(attention_mask.shape)}, expected "
                f"{tuple(shape)} as {name} has"
            )
        mask = attention_mask.bool()
        return cls(there, mask, TokenColumns.of(mask))

    def cut(self) -> "ModelInputs":
        """Return the inputs without the columns that hold padding only.

        Raises:
            ValueError: if an input has another number of columns than the mask.
        """
        columns = self.columns
        cut = {name: columns.cut(value, name) for name, value in self.given.items()}
        return ModelInputs(cut, columns.cut(self.mask), columns)


def embed(layer: nn.Module, inputs: ModelInputs, look_up: Callable[..., Any] | None = None) -> Any:
    """Return the vectors (batch, time, size) of a batch; nothing is read in its padding.

    Args:
        layer: the plain look-up, or an ``InputLayer``.
        inputs: what it reads, or ``inputs_embeds``; extra inputs that it does not need are passed
            over.
        look_up: what is called in place of the layer itself.

    Raises:
        ValueError: if a token has no row, the given vectors have another size, or the layer needs
            an extra input that is not there.
    """
    given, mask = inputs.given, inputs.mask
    if "inputs_embeds" in given:
        vectors = given["inputs_embeds"]
        if vectors.shape[-1] != layer.embedding_dim:
            raise ValueError(
                f"inputs_embeds has width {vectors.shape[-1]}, expected embedding_size "
                f"{layer.embedding_dim}"
            )
        # 0 * nan would spoil the gradient where a kernel runs on behind the end of a row.
        return vectors.where(mask.unsqueeze(-1), 0)
    wanted = getattr(layer, "extra_inputs", ())
    extra = {name: _extra_input(name, given.get(name), mask) for name in wanted}
    main = given[getattr(layer, "main_input_name", "input_ids")]
    if main.dim() > 2:
        return (look_up or layer)(main.where(mask.unsqueeze(-1), 0), **extra)
    padding = getattr(layer, "padding_idx", None) or 0
    try:
        return (look_up or layer)(main.where(mask, padding), **extra)
    except IndexError:  # on a CPU; elsewhere the device itself stops
        rows: Any = layer.num_embeddings
        wrong = main[mask & ((main < 0) | (main >= rows))]
        if not len(wrong):
            raise
        raise ValueError(
            f"input_ids holds {int(wrong[0])}, but the model's embedding has ids 0 to {rows - 1}: "
            "take the tokenizer that belongs to the model, or resize_token_embeddings"
        ) from None


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
