"""Code that all heads share: running the base model, and refusing checkpoints of other heads."""

import math
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from .hard_training import HardTraining
from .model_inputs import ModelInputs
from .ragged import TokenColumns


class Reading(NamedTuple):
    """The results of a base model for a batch.

    Attributes:
        outputs: The outputs of the base model.
        hidden: (batch, columns, size) its last hidden state, without the columns that hold only
            padding.
        mask: (batch, columns, bool), true on real tokens.
        columns: Which columns these are; ``columns.restore`` adds the others.
    """

    outputs: Any
    hidden: Tensor
    mask: Tensor
    columns: TokenColumns


def read(
    head: Any,
    attention_mask: Tensor | None,
    given: dict[str, Tensor | None],
    output_hidden_states: bool | None = None,
    **arguments: Any,
) -> Reading:
    """Run the base model of a head.

    Args:
        head: The head; its base model is ``head.model``.
        attention_mask: (batch, time), nonzero on real tokens.
        given: The inputs by name; ``None`` for an input that was not given.
        output_hidden_states: Whether the base model returns every layer's output.
        **arguments: Other arguments for the base model; one without states ignores them.

    Raises:
        ValueError: If the shapes of the arguments do not fit together.
    """
    if attention_mask is None:  # every step is real, and the base model checks the inputs
        there = {name: value for name, value in given.items() if value is not None}
        outputs = head.model(
            **there, output_hidden_states=output_hidden_states, return_dict=True, **arguments
        )
        hidden = outputs.last_hidden_state
        if outputs.get("mask") is not None:
            return _of_steps(outputs)
        batch, time = hidden.shape[:2]
        mask = torch.ones((batch, time), dtype=torch.bool, device=hidden.device)
        return Reading(outputs, hidden, mask, TokenColumns(0, time, time))
    inputs = ModelInputs.of(head.main_input_name, attention_mask, given)
    short = inputs.cut()
    if output_hidden_states is None:
        output_hidden_states = head.config.output_hidden_states
    # Cut columns must be restored in the hidden states of all layers, so the base model cuts then.
    passed = inputs if output_hidden_states else short
    outputs = head.model(
        **passed.given,
        attention_mask=passed.mask,
        output_hidden_states=output_hidden_states,
        return_dict=True,
        **arguments,
    )
    if outputs.get("mask") is not None:
        return _of_steps(outputs)
    hidden = inputs.columns.cut(outputs.last_hidden_state)
    return Reading(outputs, hidden, short.mask, inputs.columns)


def _of_steps(outputs: Any) -> Reading:
    """Return the reading of a base model whose steps are not those of its inputs."""
    time = outputs.mask.shape[1]
    return Reading(outputs, outputs.last_hidden_state, outputs.mask, TokenColumns(0, time, time))


# What the classifier of a head labels, by the ending of its class name.
_LABELLED = {
    "ForSequenceClassification": "sequences",
    "ForAudioClassification": "sequences",
    "ForVideoClassification": "sequences",
    "ForTokenClassification": "tokens",
}


class LabelHead:
    """A head whose ``classifier`` labels something.

    Attributes:
        labelled: What it labels. The classifier of another kind of head has weights of the same
            name, so it would be loaded without a warning.
        loss_limit: The difficulty from which on a unit does not count in training; see
            ``hard_training.py``. ``SelfPacedLearning`` sets it; it is not saved.
    """

    config: Any
    model: Any
    training: bool
    classifier_dropout: nn.Module
    classifier: nn.Module
    labelled: ClassVar[str]
    loss_limit: float = math.inf

    @property
    def hard_training(self) -> HardTraining | None:
        """How the units of a batch are weighed; ``None`` in evaluation, and if all are equal."""
        config = self.config
        hard = HardTraining(config.focal_gamma, config.hard_example_share, self.loss_limit)
        return hard if self.training and hard != HardTraining() else None

    @classmethod
    def from_pretrained(cls, *args: Any, **kwargs: Any) -> Any:
        """Load as transformers does; see ``PreTrainedModel.from_pretrained``.

        Raises:
            ValueError: If the checkpoint's classifier labels something else.
        """
        parent: Any = super()
        loaded = parent.from_pretrained(*args, **kwargs)
        model = loaded[0] if isinstance(loaded, tuple) else loaded
        saved = (model.config.architectures or [""])[0]
        for ending, labelled in _LABELLED.items():
            if saved.endswith(ending) and labelled != cls.labelled:
                raise ValueError(
                    f"this is a checkpoint of {saved}, whose classifier labels {labelled}, and "
                    f"{cls.__name__} labels {cls.labelled}: load it by the class that it was made "
                    "by, or its base model alone by AutoModel"
                )
        return loaded
