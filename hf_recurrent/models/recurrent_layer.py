"""The module of one recurrent layer: it owns the weights, and its call runs the recurrence.

On every path of ``recurrence.py`` the layer is called as a module, so that its hooks run and its
weights are read when they are needed. Pruning, weight norm, parametrisation, adapters, offloading,
gradient checkpointing and feature hooks work as on a layer of torch.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout
from transformers import initialization as init
from transformers.modeling_layers import GradientCheckpointingLayer

from .cells import CELL_TYPES, GATES, SCANNED
from .kernels import LayerWeights
from .one_hot import OneHotTokens
from .own_weights import OwnWeights
from .ragged import RaggedBatch
from .recurrence import LayerOutput, run_layer, run_module
from .recurrent_initialization import check_initializers, fresh_bias, fresh_recurrent_weight

_NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class RecurrentLayer(GradientCheckpointingLayer, OwnWeights):
    """One layer with any cell, in one direction or two.

    The parameters have the names and shapes of a one-layer ``torch.nn.LSTM``, ``nn.GRU`` or
    ``nn.RNN``: ``weight_ih_l0`` (gates * hidden_size, input_size), ``weight_hh_l0``, ``bias_ih_l0``
    and ``bias_hh_l0``, and the same with ``_reverse`` for the backward direction. minGRU and
    minLSTM have no ``weight_hh_l0`` and no ``bias_hh_l0``.

    Args:
        cell_type: One of ``cells.CELL_TYPES``.
        input_size: Width of the input.
        hidden_size: Width of the state of each direction.
        bidirectional: Whether the layer also reads backward.
        recurrent_initializer: How ``init_weights`` makes the recurrent weights; see
            ``recurrent_initialization.py``.
        chrono_max_length: Likewise the biases of its gates; ``None`` for the usual ones.
        weight_dropout: Probability with which training drops an entry of ``weight_hh``, anew in
            each forward pass. The parameters stay whole, so these are trained and saved.
    """

    def __init__(
        self,
        cell_type: str,
        input_size: int,
        hidden_size: int,
        bidirectional: bool = False,
        recurrent_initializer: str = "orthogonal",
        chrono_max_length: int | None = None,
        weight_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if cell_type not in CELL_TYPES:
            raise ValueError(f"cell_type is {cell_type!r}, expected one of {', '.join(CELL_TYPES)}")
        check_initializers(cell_type, recurrent_initializer, chrono_max_length)
        self.cell_type, self.input_size, self.hidden_size = cell_type, input_size, hidden_size
        self.bidirectional = bidirectional
        self.recurrent_initializer = recurrent_initializer
        self.chrono_max_length = chrono_max_length
        self.weight_dropout = weight_dropout
        rows = GATES[cell_type] * hidden_size
        shapes = ((rows, input_size), (rows, hidden_size), (rows,), (rows,))
        bound = hidden_size**-0.5  # as in torch; the models of this package initialise it anew
        for suffix in self._suffixes():
            for name, shape in zip(_NAMES, shapes, strict=True):
                if name.endswith("hh") and cell_type in SCANNED:
                    self.register_parameter(name + suffix, None)
                    continue
                parameter = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
                self.register_parameter(name + suffix, parameter)

    def _suffixes(self) -> list[str]:
        return ["_l0", "_l0_reverse"] if self.bidirectional else ["_l0"]

    def weights(self) -> LayerWeights:
        """Return the current weights, also if a hook or a parametrisation computes them."""
        directions = [[getattr(self, name + end) for name in _NAMES] for end in self._suffixes()]
        return LayerWeights(self.cell_type, directions, self.training)

    def _drop(self, weights: LayerWeights) -> LayerWeights:
        """Return the weights with dropout on the recurrent ones in training."""
        if not self.training or not self.weight_dropout:
            return weights
        return weights._replace(
            directions=[
                [w_ih, None if w_hh is None else dropout(w_hh, self.weight_dropout), *biases]
                for w_ih, w_hh, *biases in weights.directions
            ]
        )

    def forward(
        self,
        x: Tensor | OneHotTokens,
        hidden: Tensor | None = None,
        cell: Tensor | None = None,
        ragged: RaggedBatch | None = None,
        need_cell: bool = False,
    ) -> LayerOutput:
        """Run the layer over a batch.

        Args:
            x: (batch, time, input_size).
            hidden: (batch, directions, hidden_size) initial hidden state; zeros if not given.
            cell: Likewise the initial cell state of an LSTM.
            ragged: The layout of the real tokens; without it every position is real.
            need_cell: Whether the final cell state of an LSTM is needed.

        Raises:
            ValueError: If input and weights differ in precision, outside of autocast.
        """
        given = x.scale if isinstance(x, OneHotTokens) else x
        weights = self._drop(self.weights())
        own = weights.flat[0].dtype
        if given.dtype != own and not torch.is_autocast_enabled(given.device.type):
            raise ValueError(
                f"the layer's input is of {given.dtype} and its weights are of {own}: give both "
                "the same precision (inputs_embeds of the model's, for one), or use torch.autocast"
            )
        if ragged is None:
            ragged = RaggedBatch.dense(len(given), given.shape[1], given.device)
        shape = (len(given), len(weights.directions), self.hidden_size)
        hidden = given.new_zeros(shape) if hidden is None else hidden
        if cell is None and self.cell_type == "lstm":
            cell = given.new_zeros(shape)
        return run_layer(weights, x, ragged, hidden, cell, need_cell=need_cell)

    def init_weights(self, std: float) -> None:
        """Initialise the parameters; see ``initialization.py`` for the sources."""
        for name, parameter in self.named_parameters(recurse=False):
            if name.startswith("weight_ih"):
                init.xavier_uniform_(parameter)
            elif name.startswith("weight_hh"):
                kind = self.recurrent_initializer
                init.copy_(parameter, fresh_recurrent_weight(parameter.shape, kind))
            elif name.startswith("bias_ih"):
                fresh = fresh_bias(self.cell_type, self.hidden_size, self.chrono_max_length)
                init.copy_(parameter, fresh)
            else:
                init.zeros_(parameter)

    def flatten_parameters(self) -> None:
        """Put the weights side by side in memory for cuDNN; do nothing on other devices."""
        parameters = self._parameters
        names = [name + end for end in self._suffixes() for name in _NAMES]
        flat: list[Any] = [parameters.get(name) for name in names]
        if any(type(weight) is not nn.Parameter for weight in flat):
            return  # some are made by a hook or a parametrisation
        if not all(w.is_cuda and torch.backends.cudnn.is_acceptable(w) for w in flat):
            return
        mode = {"rnn_relu": 0, "rnn_tanh": 1, "lstm": 2, "gru": 3}[self.cell_type]
        sizes = (self.input_size, mode, self.hidden_size, 0, 1, True, self.bidirectional)
        with torch.no_grad(), torch.cuda.device_of(flat[0]):
            torch._cudnn_rnn_flatten_weight(flat, 4, *sizes)

    def _apply(self, fn: Callable[..., Any], recurse: bool = True) -> Any:
        """Move the layer as ``nn.Module`` does, and put its weights side by side again."""
        result = super()._apply(fn, recurse)
        self.flatten_parameters()
        return result

    def to_torch(self) -> nn.RNNBase:
        """Return ``nn.LSTM``, ``nn.GRU`` or ``nn.RNN`` with a copy of the weights.

        Raises:
            ValueError: If torch has no such layer.
        """
        if self.cell_type in SCANNED:
            raise ValueError(f"torch has no layer with cell_type {self.cell_type!r}")
        options: dict[str, Any] = {"batch_first": True, "bidirectional": self.bidirectional}
        if self.cell_type in ("lstm", "gru"):
            kind: Any = nn.LSTM if self.cell_type == "lstm" else nn.GRU
        else:
            kind, options["nonlinearity"] = nn.RNN, self.cell_type.removeprefix("rnn_")
        weights = self.weights().flat
        twin = kind(self.input_size, self.hidden_size, **options)
        twin = twin.to(weights[0].device, weights[0].dtype)
        with torch.no_grad():
            for own, weight in zip(twin.parameters(), weights, strict=True):
                own.copy_(weight)
        return twin.train(self.training)

    def extra_repr(self) -> str:
        """Show the sizes in the printed model."""
        directions = ", bidirectional=True" if self.bidirectional else ""
        return f"{self.cell_type}, {self.input_size}, {self.hidden_size}{directions}"


def call_layer(
    layer: nn.Module,
    x: Tensor | OneHotTokens,
    ragged: RaggedBatch,
    hidden: Tensor,
    cell: Tensor | None,
    need_cell: bool,
) -> LayerOutput:
    """Call a layer, or the module that has replaced it, and return its output.

    A layer of torch (``nn.LSTM``, a quantised one) is called over packed tokens; everything else is
    called as a ``RecurrentLayer``.
    """
    if not _is_torch_kind(layer):
        result = layer(x, hidden, cell, ragged=ragged, need_cell=need_cell)
        return LayerOutput(*result)
    x = x.dense() if isinstance(x, OneHotTokens) else x
    return run_module(layer, x, ragged, hidden, cell)


def _is_torch_kind(layer: nn.Module) -> bool:
    # The quantised layers of torch have the same interface, but are not nn.RNNBase.
    return isinstance(layer, nn.RNNBase) or all(
        hasattr(layer, name) for name in ("mode", "batch_first", "num_layers", "forward_packed")
    )
