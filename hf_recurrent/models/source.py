"""What a decoder reads of an encoder, of this package or of transformers."""

import inspect
from typing import Any, NamedTuple

from torch import Tensor, nn
from transformers import AutoModel
from transformers.modeling_outputs import BaseModelOutput
from transformers.utils import ModelOutput

from .bridge import StateShape
from .configuration_recurrent_seq2seq import is_recurrent
from .modeling_recurrent import RecurrentModel

# The families whose base model is a ``RecurrentModel`` by its configuration alone.
_RECURRENT = ("recurrent", "recurrent_video")


class SourceShape(NamedTuple):
    """The widths of what an encoder gives.

    Attributes:
        size: Width of its outputs.
        states: Its final states, ``None`` if it has none.
    """

    size: int
    states: StateShape | None


class Source(NamedTuple):
    """What a decoder reads of a batch of sources.

    Attributes:
        memory: (batch, source, size) the outputs of the encoder.
        mask: (batch, source, bool), true on real steps; ``None`` if all are.
        keys: (batch, source, width) what attention compares with queries; ``None`` without
            attention.
        hidden: (batch, layers * directions, hidden_size) the final hidden states of the encoder,
            if the decoder begins with them.
        cell: Likewise its cell states.
    """

    memory: Tensor
    mask: Tensor | None
    keys: Tensor | None
    hidden: Tensor | None
    cell: Tensor | None


def source_shape(config: Any) -> SourceShape:
    """Return the widths of what an encoder with this configuration gives.

    Raises:
        ValueError: If its width is not known.
    """
    if is_recurrent(config):
        has_cell = config.cell_type == "lstm"
        states = StateShape(config.num_hidden_layers, config.output_size, has_cell)
        return SourceShape(config.output_size, states)
    # Of ELMo the outputs of both directions are beside each other.
    width = "output_size" if config.model_type == "elmo" else "hidden_size"
    size = getattr(config, width, None)
    if not isinstance(size, int):
        raise ValueError(
            f"encoder: a configuration of model_type {config.model_type!r} has no hidden_size, by "
            "which the decoder knows the width of its outputs: take another encoder"
        )
    return SourceShape(size, None)


def make_encoder(config: Any, bridge: str) -> nn.Module:
    """Return an encoder with fresh weights.

    Args:
        config: Its configuration.
        bridge: What the decoder begins with; see ``RecurrentSeq2SeqConfig``.
    """
    if config.model_type in _RECURRENT:  # these are known without registration too
        encoder: Any = RecurrentModel(config)
    else:
        encoder = AutoModel.from_config(config)
    if is_recurrent(config):
        # An LSTM runs faster where its final cell states are not needed.
        encoder.keeps_cell_state = bridge == "copy"
    return encoder


def encode(
    encoder: Any, bridge: str, attention_mask: Tensor | None, given: dict[str, Any]
) -> ModelOutput:
    """Run an encoder.

    Args:
        encoder: The encoder.
        bridge: What the decoder begins with.
        attention_mask: (batch, source), nonzero on real steps.
        given: Its inputs by name, and what else a model of transformers takes; ``None`` for what
            was not given. What the encoder does not know is left out.
    """
    known = inspect.signature(encoder.forward).parameters
    passed = {"attention_mask": attention_mask, **states_asked_for(encoder, bridge), **given}
    if is_recurrent(encoder.config):  # it refuses what its input layer does not read
        passed = {name: value for name, value in passed.items() if value is not None}
    else:
        passed = {n: value for n, value in passed.items() if value is not None and n in known}
    outputs: ModelOutput = encoder(**passed, return_dict=True)
    return outputs


def states_asked_for(encoder: Any, bridge: str) -> dict[str, bool]:
    """Return the argument by which an encoder returns its final states, if these are needed."""
    if bridge == "none" or not is_recurrent(encoder.config):
        return {}
    return {"output_final_state": True}


def as_outputs(given: Any) -> Any:
    """Return the outputs of an encoder, which may be given as a tuple as in transformers."""
    if isinstance(given, tuple | list):
        names = ("last_hidden_state", "hidden_states", "attentions")
        return BaseModelOutput(**dict(zip(names, given, strict=False)))
    return given


def read_source(
    encoder: Any, attention: Any, bridge: str, outputs: Any, attention_mask: Tensor | None
) -> Source:
    """Return what a decoder reads of the outputs of an encoder.

    Args:
        encoder: The encoder.
        attention: The attention of the decoder, or ``None``.
        bridge: What the decoder begins with.
        outputs: The outputs of the encoder. In generation they hold ``attention_keys`` too.
        attention_mask: (batch, source), nonzero on real steps of what the encoder read.

    Raises:
        ValueError: If the outputs lack states that are needed, or do not fit the mask.
    """
    memory: Tensor = outputs.last_hidden_state
    # Encoders of this package that give other steps than they read tell which ones are real.
    mask: Tensor | None = outputs.get("mask")
    if mask is not None:
        mask = mask.bool()
    elif attention_mask is not None:
        mask = _mask_of_outputs(encoder, memory, attention_mask)
    hidden = cell = None
    if states_asked_for(encoder, bridge):
        hidden, cell = outputs.get("final_hidden_state"), outputs.get("final_cell_state")
        lacks_cell = bridge == "copy" and encoder.config.cell_type == "lstm" and cell is None
        if hidden is None or lacks_cell:
            name = "final_cell_state" if hidden is not None else "final_hidden_state"
            raise ValueError(
                f"encoder_outputs has no {name}, with which the decoder begins (bridge "
                f"{bridge!r}): call the encoder with output_final_state=True"
            )
    keys = outputs.get("attention_keys")
    if keys is None and attention is not None:
        keys = attention.keys(memory)
    return Source(memory, mask, keys, hidden, cell)


def _mask_of_outputs(encoder: Any, memory: Tensor, attention_mask: Tensor) -> Tensor:
    """Return the mask of the outputs (batch, source, bool) from that of the inputs."""
    steps = memory.shape[1]
    if attention_mask.shape == memory.shape[:2]:
        return attention_mask.to(memory.device).bool()
    # Encoders of sound of transformers give fewer steps than they read, and know their mask.
    reduced = getattr(encoder, "_get_feature_vector_attention_mask", None)
    if reduced is not None and attention_mask.dim() == 2:
        mask: Tensor = reduced(steps, attention_mask)
        return mask.bool()
    raise ValueError(
        f"attention_mask has shape {tuple(attention_mask.shape)}, and the encoder gave "
        f"{tuple(memory.shape[:2])} steps (batch, source): give a mask of that shape"
    )
