"""The module of one direction of a projected LSTM, which owns the weights."""

import torch
from torch import Tensor, nn
from transformers import initialization as init

from .own_weights import OwnWeights
from .projected_cell import Clips
from .projected_steps import projected_lstm
from .ragged import RaggedBatch
from .recurrent_initialization import fresh_bias, fresh_recurrent_weight


class ProjectedLstm(OwnWeights):
    """One direction of one layer, over packed tokens; ``projected_cell.py`` has the equations.

    The parameters are ``weight_ih`` (4 * cell_size, input_size), ``weight_hh`` (4 * cell_size,
    hidden_size), ``bias`` and ``weight_hr`` (hidden_size, cell_size), with the gates in torch's
    order. If ``cell_size`` is ``hidden_size`` there is no projection, and ``weight_hr`` is
    ``None``.

    Args:
        input_size: Width of the input.
        hidden_size: Width of the output, which is the hidden state.
        cell_size: Width of the cell state.
        clips: The limits of the states.
    """

    def __init__(self, input_size: int, hidden_size: int, cell_size: int, clips: Clips) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.cell_size = input_size, hidden_size, cell_size
        self.clips = clips
        self.weight_ih = nn.Parameter(torch.empty(4 * cell_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(4 * cell_size, hidden_size))
        self.bias = nn.Parameter(torch.empty(4 * cell_size))
        projects = cell_size != hidden_size
        self.weight_hr = nn.Parameter(torch.empty(hidden_size, cell_size)) if projects else None

    def forward(
        self, tokens: Tensor, ragged: RaggedBatch, hidden: Tensor, cell: Tensor, reverse: bool
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Run over a batch that has at least one token.

        Args:
            tokens: (tokens, input_size) packed in the order of ``ragged``.
            ragged: The layout of the batch.
            hidden: (batch, hidden_size) the initial hidden states.
            cell: (batch, cell_size) the initial cell states.
            reverse: Whether each row is read from its end to its begin.

        Returns:
            The output (tokens, hidden_size), in the order of ``tokens``, and the final states of
            all rows. A row without tokens keeps its states. Half precision is computed in fp32.
        """
        dtype, compute = tokens.dtype, torch.promote_types(tokens.dtype, torch.float32)
        rows = ragged.order[: ragged.counts[0]]
        with torch.autocast(tokens.device.type, enabled=False):
            weights = (self.weight_ih, self.weight_hh, self.bias, self.weight_hr)
            output, final_h, final_c = projected_lstm(
                ragged.counts,
                ragged.last,
                self.clips,
                (tokens[ragged.reverse] if reverse else tokens).to(compute),
                hidden[rows].to(compute),
                cell[rows].to(compute),
                [None if weight is None else weight.to(compute) for weight in weights],
            )
        output = output[ragged.reverse] if reverse else output
        return (
            output.to(dtype),
            hidden.index_copy(0, rows, final_h.to(hidden.dtype)),
            cell.index_copy(0, rows, final_c.to(cell.dtype)),
        )

    def init_weights(self, std: float) -> None:
        """Initialise as the plain LSTM of this package; the projection by Glorot's rule."""
        init.xavier_uniform_(self.weight_ih)
        init.copy_(self.weight_hh, fresh_recurrent_weight(self.weight_hh.shape, "orthogonal"))
        init.copy_(self.bias, fresh_bias("lstm", self.cell_size, None))
        if self.weight_hr is not None:
            init.xavier_uniform_(self.weight_hr)

    def extra_repr(self) -> str:
        """Show the sizes in the printed model."""
        return f"{self.input_size}, {self.hidden_size}, cell_size={self.cell_size}, {self.clips}"
