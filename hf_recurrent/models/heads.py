"""What a head does before it predicts: it runs its base model over the columns that hold tokens."""

from typing import Any, NamedTuple

from torch import Tensor

from .ragged import TokenColumns, token_mask


class Reading(NamedTuple):
    """What a base model made of a batch.

    Attributes:
        outputs: of the base model.
        hidden: (batch, columns, size) its last hidden state, without columns of padding only.
        mask: (batch, columns, bool) the real tokens there.
        columns: which columns these are; ``columns.restore`` puts the others back.
    """

    outputs: Any
    hidden: Tensor
    mask: Tensor
    columns: TokenColumns


def read(
    head: Any,
    input_ids: Tensor | None,
    attention_mask: Tensor | None,
    inputs_embeds: Tensor | None,
    extra: dict[str, Tensor | None],
    output_hidden_states: bool | None = None,
    **arguments: Any,
) -> Reading:
    """Run the base model of a head.

    Args:
        head: the model whose base model ``head.model`` is.
        input_ids: (batch, time) token ids.
        attention_mask: (batch, time), nonzero on real tokens.
        inputs_embeds: (batch, time, embedding_size), in place of ``input_ids``.
        extra: what some input layers read beside ids, by name, each (batch, time, n).
        output_hidden_states: whether the base model returns every layer's output.
        **arguments: what else the base model is asked for; one without states ignores them.

    Raises:
        ValueError: if the shapes of the arguments do not fit together.
    """
    mask = token_mask(input_ids, inputs_embeds, attention_mask)
    columns = TokenColumns.of(mask)
    if output_hidden_states is None:
        output_hidden_states = head.config.output_hidden_states
    if not output_hidden_states:  # the base model has nothing to restore then
        input_ids, attention_mask = columns.cut(input_ids), columns.cut(attention_mask)
        inputs_embeds = columns.cut(inputs_embeds)
        extra = {name: columns.cut(value, name) for name, value in extra.items()}
    outputs = head.model(
        input_ids=input_ids,
        attention_mask=attention_mask,
        inputs_embeds=inputs_embeds,
        output_hidden_states=output_hidden_states,
        return_dict=True,
        **extra,
        **arguments,
    )
    hidden = columns.cut(outputs.last_hidden_state)
    return Reading(outputs, hidden, columns.cut(mask), columns)
