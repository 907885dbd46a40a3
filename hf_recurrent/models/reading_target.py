"""Running a decoder over a target, or over the next piece of one from the states in a cache."""

from typing import Any

import torch
from torch import Tensor
from transformers import Cache

from .decoder import DecoderOutput, RecurrentDecoder
from .source import Source
from .state_cache import States, keeps_past, read_states


def read_target(
    decoder: RecurrentDecoder,
    source: Source,
    cache: Cache | None,
    input_ids: Tensor | None,
    inputs_embeds: Tensor | None,
    attention_mask: Tensor | None,
    output_hidden_states: bool,
) -> DecoderOutput:
    """Run a decoder, from the states in a cache if there is one, and put the new states there.

    Args:
        decoder: The decoder.
        source: What it reads of the sources.
        cache: The cache; an empty one is begun with the states of the bridge.
        input_ids: (batch, target) token ids.
        inputs_embeds: (batch, target, embedding_size), in their place.
        attention_mask: (batch, target) or, with the tokens that were read before, (batch, more).
        output_hidden_states: Whether to return the outputs of all layers.

    Raises:
        ValueError: If the cache is of another model or batch, or shapes do not fit.
    """
    given = input_ids if input_ids is not None else inputs_embeds
    if cache is not None and attention_mask is not None and given is not None:
        steps = given.shape[1]
        if attention_mask.shape[1] > steps:
            attention_mask = attention_mask[:, attention_mask.shape[1] - steps :]
    embedded, mask = decoder.embed_target(input_ids, inputs_embeds, attention_mask)
    if cache is None:
        return decoder(embedded, mask, source, None, output_hidden_states, keep_states=False)
    states = read_states(cache, decoder.config, len(embedded))
    if states is not None:
        _check_feed(decoder, states[-1].feed)
    steps = embedded.shape[1]
    if steps < 2 or not keeps_past(cache):
        found: DecoderOutput = decoder(embedded, mask, source, states, output_hidden_states)
        _write(cache, found.states, steps)
        return found
    # The cache has to be able to go back to the states after each token.
    pieces = []
    for step in range(steps):
        one = slice(step, step + 1)
        own = None if mask is None else mask[:, one]
        pieces.append(decoder(embedded[:, one], own, source, states, output_hidden_states))
        states = pieces[-1].states
        _write(cache, pieces[-1].states, 1)
    return _joined(pieces)


def _check_feed(decoder: RecurrentDecoder, feed: Tensor | None) -> None:
    """Check that a cache holds what a step reads beside its token, and nothing else."""
    wanted = decoder.config.vector_size if decoder.feeds_vector else None
    held = None if feed is None else feed.shape[2]
    if held != wanted:
        raise ValueError(
            "past_key_values is of another model: the vector that a step reads beside its token "
            f"(input_feeding) has the width {wanted} here, and {held} in the cache"
        )


def _write(cache: Any, states: list[States], steps: int) -> None:
    """Put the states of all layers into a cache."""
    for layer, own in zip(cache.layers, states, strict=True):
        layer.update(own.hidden, own.cell, steps, own.feed)


def _joined(pieces: list[DecoderOutput]) -> DecoderOutput:
    """Return what a decoder computed for pieces of a target as that for the whole."""
    last = pieces[-1]
    weights = [piece.weights for piece in pieces if piece.weights is not None]
    hidden_states = None
    if last.hidden_states is not None:
        layers = zip(*(piece.hidden_states or () for piece in pieces), strict=True)
        hidden_states = tuple(torch.cat(layer, dim=1) for layer in layers)
    return DecoderOutput(
        torch.cat([piece.vectors for piece in pieces], dim=1),
        last.states,
        torch.cat(weights, dim=1) if weights else None,
        hidden_states,
    )
