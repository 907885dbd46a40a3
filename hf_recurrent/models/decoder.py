"""The decoder of an encoder-decoder network: a stack of recurrent layers with attention."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from .attention import make_attention
from .bridge import DenseBridge, StateShape, check_copy, copied, mean_of_steps
from .input_layers import make_input_layer
from .model_inputs import ModelInputs, embed
from .ragged import RaggedBatch, TokenColumns
from .source import Source, SourceShape
from .stack import RecurrentStack
from .state_cache import States, side_by_side


class DecoderOutput(NamedTuple):
    """What a decoder computes for a batch.

    Attributes:
        vectors: (batch, target, vector_size) what the output layer reads, 0 on padding.
        states: The states of each layer after the last token, each (batch, 1, hidden_size). Those
            of the last layer hold the attentional vector too, if the next step reads it.
        weights: (batch, target, source) the weights of attention, 0 on padding; ``None`` without
            attention.
        hidden_states: The embeddings (batch, target, embedding_size) and the output of each layer
            (batch, target, hidden_size), if they were asked for.
    """

    vectors: Tensor
    states: list[States]
    weights: Tensor | None
    hidden_states: tuple[Tensor, ...] | None


class RecurrentDecoder(RecurrentStack, nn.Module):
    """A recurrent network that predicts a target token by token, and attends to a source.

    After the layers a linear layer with tanh joins the state and the context into the *attentional
    vector* (Luong et al. 2015), which the output layer reads. ``config.input_feeding`` decides what
    a step reads beside its token; see ``RecurrentSeq2SeqConfig``.

    Args:
        config: A ``RecurrentSeq2SeqConfig``, or another one with the same fields for a decoder.
        source: The widths of what the encoder gives.

    Raises:
        ValueError: If the encoder does not fit the attention or the bridge.
    """

    def __init__(self, config: Any, source: SourceShape) -> None:
        super().__init__()
        self.config = config
        size, width = config.hidden_size, config.vector_size
        self.embed_tokens = make_input_layer(config)
        self.attention = make_attention(
            config.attention_type, size, source.size, config.attention_size
        )
        self.combine: nn.Linear | None = None
        if self.attention is not None:
            self.combine = nn.Linear(size + source.size, width)
        elif size != width:
            self.combine = nn.Linear(size, width)
        # In the order of Bahdanau et al. the state before a step asks, and the step reads the
        # answer; in that of Luong et al. it reads the attentional vector of the step before.
        self.asks_first = config.input_feeding and config.attention_type == "additive"
        fed = source.size if self.asks_first else width
        self.add_layers(config.embedding_size + (fed if config.input_feeding else 0))
        target = StateShape(config.num_hidden_layers, size, config.cell_type == "lstm")
        self.bridge: DenseBridge | None = None
        if config.bridge == "dense":
            read = source.size if source.states is None else source.states.layers
            read *= 1 if source.states is None else source.states.size
            self.bridge = DenseBridge(read, target)
        elif config.bridge == "copy":
            check_copy(source.states, target)

    @property
    def feeds_vector(self) -> bool:
        """Whether a step reads the attentional vector of the step before."""
        return bool(self.config.input_feeding) and not self.asks_first

    def embed_target(
        self,
        input_ids: Tensor | None,
        inputs_embeds: Tensor | None,
        attention_mask: Tensor | None,
    ) -> tuple[Tensor, Tensor | None]:
        """Return the vectors of a target (batch, target, embedding_size), and its mask.

        Args:
            input_ids: (batch, target) token ids.
            inputs_embeds: (batch, target, embedding_size), in their place.
            attention_mask: (batch, target), nonzero on real tokens; without it all are.

        Raises:
            ValueError: If shapes do not fit, or an id has no row.
        """
        if (input_ids is None) == (inputs_embeds is None):
            raise ValueError(
                "give either decoder_input_ids or decoder_inputs_embeds, or labels to make "
                "decoder_input_ids of"
            )
        given = {"input_ids": input_ids, "inputs_embeds": inputs_embeds}
        try:
            inputs = ModelInputs.of("input_ids", attention_mask, given)
            vectors: Tensor = embed(self.embed_tokens, inputs)
        except ValueError as error:  # its sentences begin with the name of an input
            raise ValueError(f"decoder_{error}") from None
        mask = None if inputs.dense or bool(inputs.mask.all()) else inputs.mask
        return vectors, mask

    def first_states(self, source: Source) -> list[States]:
        """Return the states of each layer before the first token; see ``DecoderOutput``."""
        config, memory = self.config, source.memory
        shape = (len(memory), config.num_hidden_layers, config.hidden_size)
        cell = None
        if self.bridge is not None:
            if source.hidden is not None:
                hidden, cell = self.bridge(source.hidden.flatten(1))
            else:
                hidden, cell = self.bridge(mean_of_steps(memory, source.mask))
        elif config.bridge == "copy":
            assert source.hidden is not None
            hidden = copied(source.hidden, shape[1])
            cell = None if source.cell is None else copied(source.cell, shape[1])
        else:
            hidden = memory.new_zeros(shape)
            cell = memory.new_zeros(shape) if config.cell_type == "lstm" else None
        feed = memory.new_zeros(shape[0], 1, config.vector_size) if self.feeds_vector else None
        states = _by_layer(hidden, cell)
        states[-1] = states[-1]._replace(feed=feed)
        return states

    def forward(
        self,
        embedded: Tensor,
        mask: Tensor | None,
        source: Source,
        states: Sequence[States] | None = None,
        output_hidden_states: bool = False,
        keep_states: bool = True,
    ) -> DecoderOutput:
        """Read a target, or the next piece of one.

        Args:
            embedded: (batch, target, embedding_size) the vectors of its tokens.
            mask: (batch, target, bool), true on real tokens; ``None`` if all are.
            source: What is known of the source.
            states: The states before the first token; ``None`` for those of the bridge.
            output_hidden_states: Whether to return the outputs of all layers.
            keep_states: Whether the states after the last token are needed; without them an LSTM
                runs faster.

        Raises:
            ValueError: If the batches of source and target differ.
        """
        if len(embedded) != len(source.memory):
            raise ValueError(
                f"decoder_input_ids has {len(embedded)} rows, and the source "
                f"{len(source.memory)}: give as many targets as sources"
            )
        before = list(states) if states is not None else self.first_states(source)
        steps = embedded.shape[1]
        one_by_one = self.config.input_feeding or (steps == 1 and mask is None)
        if one_by_one and steps:
            found = self._run_steps(embedded, mask, source, before, output_hidden_states)
        else:
            asked = (output_hidden_states, keep_states)
            found = self._run_whole(embedded, mask, source, before, *asked)
        if mask is None:
            return found
        kept = mask.unsqueeze(-1)
        weights = None if found.weights is None else found.weights.masked_fill(~kept, 0)
        return found._replace(vectors=found.vectors.masked_fill(~kept, 0), weights=weights)

    def _run_whole(
        self,
        embedded: Tensor,
        mask: Tensor | None,
        source: Source,
        before: list[States],
        output_hidden_states: bool,
        keep_states: bool,
    ) -> DecoderOutput:
        """Run the layers over all steps, and then attention for all of them."""
        batch, steps = embedded.shape[:2]
        real = mask
        if real is None:
            real = torch.ones(batch, steps, dtype=torch.bool, device=embedded.device)
        joined = side_by_side(before)
        outputs = self.run_layers(
            embedded,
            real,
            TokenColumns(0, steps, steps),
            dense=mask is None,
            initial_hidden_state=joined.hidden,
            initial_cell_state=joined.cell,
            output_final_state=keep_states,
            output_hidden_states=output_hidden_states,
        )
        states = before
        if keep_states:
            states = _by_layer(outputs["final_hidden_state"], outputs["final_cell_state"])
            states[-1] = states[-1]._replace(feed=before[-1].feed)
        output: Tensor = outputs["last_hidden_state"]
        context, weights = self._attend(output, source)
        return DecoderOutput(
            self._combined(output, context), states, weights, outputs["hidden_states"]
        )

    def _run_steps(
        self,
        embedded: Tensor,
        mask: Tensor | None,
        source: Source,
        states: list[States],
        output_hidden_states: bool,
    ) -> DecoderOutput:
        """Run layers and attention step by step."""
        batch, steps = embedded.shape[:2]
        ragged = RaggedBatch.dense(batch, 1, embedded.device)
        dropped = self.embedding_dropout(embedded)
        locked = self._locked_masks(embedded)
        whole = [True] * steps if mask is None else mask.all(0).tolist()
        vectors: list[Tensor] = []
        weights: list[Tensor] = []
        layers: list[list[Tensor]] = []
        for step in range(steps):
            vector, after, weight, outputs = self._step(
                dropped[:, step : step + 1], states, source, ragged, locked
            )
            if not whole[step] and mask is not None:
                after = _kept(mask[:, step].view(-1, 1, 1), after, states)
            states = after
            vectors.append(vector)
            if weight is not None:
                weights.append(weight)
            layers.append(outputs)
        hidden_states = None
        if output_hidden_states:
            each = [torch.cat(layer, dim=1) for layer in zip(*layers, strict=True)]
            if mask is not None:
                each = [layer.masked_fill(~mask.unsqueeze(-1), 0) for layer in each]
            hidden_states = (embedded, *each)
        joined = torch.cat(weights, dim=1) if weights else None
        return DecoderOutput(torch.cat(vectors, dim=1), states, joined, hidden_states)

    def _step(
        self,
        vector: Tensor,
        states: list[States],
        source: Source,
        ragged: RaggedBatch,
        locked: list[Tensor] | None,
    ) -> tuple[Tensor, list[States], Tensor | None, list[Tensor]]:
        """Run one step.

        Returns:
            The vector for the output layer, the states after the step, the weights of attention,
            and the outputs of all layers.
        """
        context = weights = None
        inputs = vector
        if self.asks_first:
            context, weights = self._attend(states[-1].hidden, source)
            assert context is not None
            inputs = torch.cat([vector, context], dim=-1)
        elif self.feeds_vector:
            feed = states[-1].feed
            assert feed is not None
            inputs = torch.cat([vector, feed], dim=-1)

        def drop(number: int, values: Tensor) -> Tensor:
            if locked:
                return values * locked[number - 1]
            dropped: Tensor = self.hidden_dropout(values)
            return dropped

        outputs, results = self.run_step(inputs, states, ragged, drop if self.training else None)
        after = [States(result.hidden, result.cell) for result in results]
        if context is None:
            context, weights = self._attend(outputs[-1], source)
        combined = self._combined(outputs[-1], context)
        if self.feeds_vector:
            after[-1] = after[-1]._replace(feed=combined)
        return combined, after, weights, outputs

    def _locked_masks(self, like: Tensor) -> list[Tensor] | None:
        """Return the masks of dropout between layers if all steps of a sequence share them."""
        drop = self.hidden_dropout
        if not (self.training and drop.p and drop.locked):
            return None
        ones = like.new_ones(len(like), 1, self.config.hidden_size)
        return [drop(ones) for _ in range(len(self.layers) - 1)]

    def _attend(self, queries: Tensor, source: Source) -> tuple[Tensor | None, Tensor | None]:
        """Return the context of queries and the weights of attention; ``None`` without it."""
        if self.attention is None:
            return None, None
        context, weights = self.attention(queries, source.keys, source.memory, source.mask)
        return context, weights

    def _combined(self, output: Tensor, context: Tensor | None) -> Tensor:
        """Return what the output layer reads."""
        if self.combine is None:
            return output
        if context is None:
            projected: Tensor = self.combine(output)
            return projected
        combined: Tensor = self.combine(torch.cat([output, context], dim=-1))
        return combined.tanh()


def _by_layer(hidden: Tensor, cell: Tensor | None) -> list[States]:
    """Return states of all layers (batch, layers, hidden_size) layer by layer."""
    cells = [None] * hidden.shape[1] if cell is None else cell.split(1, dim=1)
    return [States(*each) for each in zip(hidden.split(1, dim=1), cells, strict=True)]


def _kept(alive: Tensor, after: list[States], before: list[States]) -> list[States]:
    """Return the states after a step, those before it for rows without a token there."""

    def chosen(new: Tensor | None, old: Tensor | None) -> Tensor | None:
        return None if new is None or old is None else torch.where(alive, new, old)

    return [
        States(*(chosen(new, old) for new, old in zip(own, other, strict=True)))  # type: ignore[arg-type]
        for own, other in zip(after, before, strict=True)
    ]
