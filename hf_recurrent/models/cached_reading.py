"""Running the base model of a language model from the states in a cache."""

from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from transformers import Cache

from .heads import Reading, read
from .one_hot import has_hooks
from .ragged import TokenColumns
from .state_cache import keeps_past, read_states, side_by_side, write_states


class _StepOutputs(NamedTuple):
    """What ``RecurrentModelOutput`` holds after one token, without the cost of making one."""

    last_hidden_state: Tensor
    hidden_states: None = None
    final_hidden_state: None = None
    final_cell_state: None = None


def read_with_cache(
    head: Any,
    cache: Cache,
    attention_mask: Tensor | None,
    given: dict[str, Tensor | None],
    last: int,
    **arguments: Any,
) -> Reading:
    """Run the base model of a head from the states in a cache, and put the new states there.

    Args:
        head: The head.
        cache: The cache.
        attention_mask: (batch, time) or, with the tokens that were read before, (batch, more).
        given: The inputs by name.
        last: If the cache keeps earlier states, they are kept at this number of tokens from the
            end; 0 for all.
        **arguments: Other arguments of ``heads.read``.

    Raises:
        ValueError: If the cache is of another model or batch.
    """
    there: dict[str, Any] = {n: tensor for n, tensor in given.items() if tensor is not None}
    value = there.get(head.main_input_name, there.get("inputs_embeds"))
    if value is None or value.dim() < 2:
        return read(head, attention_mask, given)  # which refuses it
    time = value.shape[1]
    if attention_mask is not None and attention_mask.shape[1] > time:
        attention_mask = attention_mask[:, attention_mask.shape[1] - time :]
    if time == 1:
        stepped = None if attention_mask is not None else _step(head, cache, there, arguments)
        if stepped is not None:
            return stepped
    if time < 2 or not keeps_past(cache):
        return _read_piece(head, cache, attention_mask, there, **arguments)
    # One call a step, as the kernels of torch return the last states only.
    first = max(time - last, 0) if last else 0
    ends = [*([first] if first else []), *range(first + 1, time + 1)]
    readings = []
    for start, end in pairwise([0, *ends]):
        piece = {name: tensor[:, start:end] for name, tensor in there.items()}
        mask = None if attention_mask is None else attention_mask[:, start:end]
        readings.append(_read_piece(head, cache, mask, piece, **arguments))
    outputs = readings[-1].outputs
    if outputs.hidden_states is not None:
        layers = zip(*(one.outputs.hidden_states for one in readings), strict=True)
        outputs.hidden_states = tuple(torch.cat(layer, dim=1) for layer in layers)
    return Reading(
        outputs,
        torch.cat([one.columns.restore(one.hidden) for one in readings], dim=1),
        torch.cat([one.columns.restore(one.mask) for one in readings], dim=1),
        TokenColumns(0, time, time),
    )


def _read_piece(
    head: Any,
    cache: Cache,
    attention_mask: Tensor | None,
    given: dict[str, Any],
    **arguments: Any,
) -> Reading:
    batch, time = next(iter(given.values())).shape[:2]
    states = read_states(cache, head.config, batch)
    if states is not None:
        joined = side_by_side(states)
        arguments["initial_hidden_state"] = joined.hidden
        arguments["initial_cell_state"] = joined.cell
    arguments["output_final_state"] = True
    reading = read(head, attention_mask, given, **arguments)
    outputs = reading.outputs
    write_states(cache, outputs.final_hidden_state, outputs.final_cell_state, time)
    return reading


def _step(
    head: Any, cache: Any, given: dict[str, Any], arguments: dict[str, Any]
) -> Reading | None:
    """Read one token after others: as ``_read_piece`` does, in a third of the time.

    Args:
        head: The head.
        cache: The cache.
        given: The inputs by name, each (batch, 1, ...).
        arguments: The arguments of ``heads.read``.

    Returns:
        ``None`` where more than the last states is asked for, a hook waits for a call of the base
        model, or the input is unusual or wrong: then ``_read_piece`` reads it, or refuses it.
    """
    model, ids = head.model, given.get("input_ids")
    if (
        ids is None
        or len(given) > 1
        or head.training
        or arguments["output_final_state"]
        or arguments["output_hidden_states"]
        or head.config.output_hidden_states
        or type(model.embed_tokens) is not nn.Embedding
        or has_hooks(model)
        or "forward" in vars(model)  # as accelerate replaces it
    ):
        return None
    states = read_states(cache, head.config, len(ids))
    if states is None:
        return None
    try:
        vectors = model.embed_tokens(ids)
    except IndexError:
        return None
    passed, results = model.run_step(vectors, states)
    hidden = passed[-1]
    for layer, own in zip(cache.layers, results, strict=True):
        layer.update(own.hidden, own.cell)
    mask = torch.ones(ids.shape, dtype=torch.bool, device=ids.device)
    return Reading(_StepOutputs(hidden), hidden, mask, TokenColumns(0, 1, 1))
