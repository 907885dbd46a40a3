"""Fresh recurrent weights and biases of a layer: Keras' defaults, identity, and chrono.

Without a choice, the biases are 0 except for a forget gate, whose bias is 1 (Jozefowicz et al.
2015), and recurrent weights are orthogonal (Saxe et al. 2014).
"""

from typing import Any

import torch
from torch import Tensor
from transformers import initialization as init

from .cells import GATES
from .checks import check_choice

RECURRENT_INITIALIZERS = ("orthogonal", "identity")
IDENTITY_CELLS = ("rnn_tanh", "rnn_relu")
# The gate that keeps the state, and the gate of new values if it is another one. Gates of an LSTM
# are i, f, g, o; those of a GRU r, z, n.
CHRONO_GATES: dict[str, tuple[int, int | None]] = {"lstm": (1, 0), "gru": (1, None)}
_FORGET_GATES = {"lstm": 1, "minlstm": 0}


def check_initializers(cell_type: str, recurrent_initializer: Any, chrono_max_length: Any) -> None:
    """Raise ``ValueError`` unless the cell can be initialised in this way."""
    check_choice("recurrent_initializer", recurrent_initializer, RECURRENT_INITIALIZERS)
    if recurrent_initializer == "identity" and cell_type not in IDENTITY_CELLS:
        raise ValueError(
            f"recurrent_initializer 'identity' is for the cells {' and '.join(IDENTITY_CELLS)}, "
            f"whose new state is one product with the old one, and cell_type is {cell_type!r}"
        )
    if chrono_max_length is None:
        return
    if cell_type not in CHRONO_GATES:
        raise ValueError(
            f"chrono_max_length is for the cells {' and '.join(CHRONO_GATES)}, and cell_type is "
            f"{cell_type!r}: set it to None"
        )
    if chrono_max_length < 3:
        raise ValueError(
            f"chrono_max_length is {chrono_max_length}, expected a number of steps of at least 3"
        )


def fresh_recurrent_weight(shape: torch.Size, kind: str) -> Tensor:
    """Return recurrent weights (gates * hidden_size, hidden_size) in fp32.

    Args:
        shape: The shape.
        kind: ``"orthogonal"``, with orthonormal columns over all gates, or ``"identity"`` (Le,
            Jaitly and Hinton 2015).
    """
    weight = torch.empty(shape)
    # Orthogonal weights use a QR decomposition, which exists in fp32 only.
    return torch.eye(*shape) if kind == "identity" else init.orthogonal_(weight)


def fresh_bias(cell_type: str, hidden_size: int, chrono_max_length: int | None) -> Tensor:
    """Return the input biases (gates * hidden_size) in fp32; the recurrent biases are 0.

    With ``chrono_max_length`` T (Tallec and Ollivier 2018, "Can recurrent neural networks warp
    time?") a unit keeps its state for about u steps, where u is uniform between 1 and T - 1: the
    bias of an LSTM's forget gate is log(u) and that of its input gate -log(u). The bias of a GRU's
    update gate is log(u), as this gate keeps the old state here.
    """
    gates = torch.zeros(GATES[cell_type], hidden_size)
    if chrono_max_length is not None:
        keep, write = CHRONO_GATES[cell_type]
        gates[keep] = torch.empty(hidden_size).uniform_(1, chrono_max_length - 1).log()
        if write is not None:
            gates[write] = -gates[keep]
    elif cell_type in _FORGET_GATES:
        gates[_FORGET_GATES[cell_type]] = 1
    return gates.flatten()
