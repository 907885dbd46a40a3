"""The stack of recurrent layers, which all families share."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from .embeddings import LockedDropout
from .one_hot import OneHotTokens
from .ragged import RaggedBatch, TokenColumns
from .recurrence import LayerOutput
from .recurrent_layer import RecurrentLayer, call_layer


class RecurrentStack:
    """The part of a base model that is the same for every input layer.

    A base model lists this class before the base class of its family, and calls ``add_layers``
    after making its input layer. The layers become ``layers.N``, as in public checkpoints. The
    configuration has
    ``cell_type``, ``hidden_size``, ``num_hidden_layers``, ``bidirectional``, ``num_directions``,
    ``output_size``, ``residual``, ``variational_dropout``, ``embedding_dropout``,
    ``hidden_dropout``, ``recurrent_initializer`` and ``chrono_max_length``, as ``RecurrentConfig``
    says.
    """

    config: Any
    layers: nn.ModuleList
    embedding_dropout: LockedDropout
    hidden_dropout: LockedDropout
    training: bool
    # Whether the final cell states of an LSTM are returned with the final hidden states.
    keeps_cell_state: bool = True

    def add_layers(self, size: int) -> None:
        """Make the layers and the dropouts before them.

        Args:
            size: Width of the vectors that the first layer reads.
        """
        config = self.config
        self.embedding_dropout = LockedDropout(config.embedding_dropout, config.variational_dropout)
        self.hidden_dropout = LockedDropout(config.hidden_dropout, config.variational_dropout)
        widths = [size] + [config.output_size] * (config.num_hidden_layers - 1)
        self.layers = nn.ModuleList(
            RecurrentLayer(
                config.cell_type,
                width,
                config.hidden_size,
                config.bidirectional,
                config.recurrent_initializer,
                config.chrono_max_length,
                config.weight_dropout,
            )
            for width in widths
        )

    def run_layers(
        self,
        embedded: Tensor | OneHotTokens,
        mask: Tensor,
        columns: TokenColumns,
        *,
        dense: bool = False,
        initial_hidden_state: Tensor | None = None,
        initial_cell_state: Tensor | None = None,
        output_final_state: bool = False,
        output_hidden_states: bool | None = None,
    ) -> dict[str, Any]:
        """Run the layers over vectors.

        Args:
            embedded: (batch, columns, size) what the first layer reads, 0 on padding.
            mask: (batch, columns, bool), true on real steps.
            columns: Which columns of the batch these are.
            dense: Whether every step is known to be real, so that the mask need not be read.
            initial_hidden_state: (batch, layers * directions, hidden_size); zeros if not given.
            initial_cell_state: Likewise, for an LSTM.
            output_final_state: Whether to return the final states.
            output_hidden_states: Whether to return every layer's output; the configuration has the
                default.

        Returns:
            The fields of ``RecurrentModelOutput``, over all columns of the batch.

        Raises:
            ValueError: If a state has a wrong shape, or the cell has no such state.
        """
        config = self.config
        if dense:
            ragged = RaggedBatch.dense(len(mask), mask.shape[1], mask.device)
        else:
            ragged = RaggedBatch.from_mask(mask)
        vectors = embedded.scale if isinstance(embedded, OneHotTokens) else embedded
        directions = config.num_directions
        rows = config.num_hidden_layers * directions
        hidden = self._split(
            initial_hidden_state, "initial_hidden_state", vectors, rows, directions
        )
        cell = None
        if config.cell_type == "lstm":
            cell = self._split(initial_cell_state, "initial_cell_state", vectors, rows, directions)
        elif initial_cell_state is not None:
            raise ValueError(
                f"initial_cell_state is for an LSTM, and cell_type is {config.cell_type}"
            )

        if output_hidden_states is None:
            output_hidden_states = config.output_hidden_states
        inputs: Tensor | OneHotTokens
        if isinstance(embedded, OneHotTokens):
            inputs = embedded.dropped(self.embedding_dropout)
            vectors = columns.restore(embedded.dense()) if output_hidden_states else vectors
        else:
            # The hidden states are part of the graph, so that gradients by them can be computed.
            vectors = columns.restore(embedded) if output_hidden_states else embedded
            inputs = self.embedding_dropout(columns.cut(vectors))
        need_cell = output_final_state and self.keeps_cell_state
        outputs: list[Tensor] = []
        finals: list[LayerOutput] = []
        for number, rnn in enumerate(self.layers):
            before = columns.cut(outputs[-1]) if outputs else None
            if before is not None:
                inputs = self.hidden_dropout(before)
            state = (hidden[number], None if cell is None else cell[number])
            result = call_layer(rnn, inputs, ragged, *state, need_cell)
            output = result.output
            if config.residual and before is not None:
                output = output + before
            outputs.append(columns.restore(output) if output_hidden_states else output)
            finals.append(result)

        return {
            "last_hidden_state": outputs[-1] if output_hidden_states else columns.restore(output),
            "hidden_states": (vectors, *outputs) if output_hidden_states else None,
            "final_hidden_state": (
                torch.cat([f.hidden for f in finals], dim=1) if output_final_state else None
            ),
            "final_cell_state": (
                torch.cat([f.cell for f in finals if f.cell is not None], dim=1)
                if need_cell and cell is not None
                else None
            ),
        }

    def run_step(
        self,
        vectors: Tensor,
        states: Sequence[tuple[Tensor | None, ...]],
        ragged: RaggedBatch | None = None,
        drop: Callable[[int, Tensor], Tensor] | None = None,
    ) -> tuple[list[Tensor], list[LayerOutput]]:
        """Run the layers over one step, in one direction.

        Args:
            vectors: (batch, 1, size) what the first layer reads; each is real.
            states: For each layer its hidden and cell state first, (batch, 1, hidden_size).
            ragged: The layout of a dense batch of one step, if it was made before.
            drop: Called with the number of each layer but the first and what it would read, for
                what it reads; in evaluation it is not needed.

        Returns:
            What each layer passes on, (batch, 1, output_size), and the outputs of the layers, which
            hold their states.
        """
        if ragged is None:
            ragged = RaggedBatch.dense(len(vectors), 1, vectors.device)
        passed: list[Tensor] = []
        results: list[LayerOutput] = []
        for number, (rnn, state) in enumerate(zip(self.layers, states, strict=True)):
            inputs = passed[-1] if passed else vectors
            if passed and drop is not None:
                inputs = drop(number, inputs)
            hidden, cell = state[:2]
            assert hidden is not None
            result = call_layer(rnn, inputs, ragged, hidden, cell, True)
            output = result.output
            if self.config.residual and passed:
                output = output + passed[-1]
            passed.append(output)
            results.append(result)
        return passed, results

    def _split(
        self, state: Tensor | None, name: str, like: Tensor, rows: int, directions: int
    ) -> list[Tensor]:
        """Split states (batch, rows, hidden_size) by layer; zeros for ``None``.

        Type and device are those of ``like`` (batch, ...), since weights may be on another device.
        """
        shape = (len(like), rows, self.config.hidden_size)
        if state is None:
            state = like.new_zeros(shape)
        elif state.shape != shape:
            raise ValueError(
                f"{name} has shape {tuple(state.shape)}, expected {shape} (batch, layers * "
                "directions, hidden_size)"
            )
        state = state.to(like)
        # Reentrant checkpointing computes gradients only if an input requires them, and frozen or
        # given vectors do not.
        layer: Any = self.layers[0]
        is_on = getattr(layer, "gradient_checkpointing", False) and self.training
        if is_on and torch.is_grad_enabled() and not state.requires_grad:
            state = state.detach().requires_grad_()
        return [state] if rows == directions else list(state.split(directions, dim=1))
