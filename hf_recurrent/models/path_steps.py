"""One step after the other of many paths: what each reads, and the state of the last layer.

All paths of a series read the same features and the same values of the past; a lagged value is a
path's own only where it is in the future already. ``PathSteps`` puts side by side what is shared,
for all steps at once, and calls the layers as modules, whatever they are.

``LstmPathSteps`` has the same results for plain LSTM layers on a processor, in less than half of
the time. What is shared is multiplied by the weights once for each series instead of once for each
path. The states have a row for each unit and a column for each path, so that each gate is one block
of memory, and the states of neighbouring layers are one block too: each layer takes one product.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import linear

from .kernels import has_step
from .one_hot import has_hooks
from .past_covariates import carried_on
from .ragged import RaggedBatch
from .recurrent_layer import RecurrentLayer
from .series_inputs import SeriesInputs, lagged


def shared_vectors(inputs: SeriesInputs, features: Tensor, lags: list[int]) -> Tensor:
    """Return what all paths of a series read in the future (batch, steps, size).

    The columns are those of ``SeriesInputs.vectors``, which begin with the lags; the values that a
    path has drawn itself are 0.

    Args:
        inputs: The past.
        features: (batch, steps, features) of the future.
        lags: The lags.
    """
    history, steps = inputs.history, features.shape[1]
    drawn = history.new_zeros(len(history), steps - 1)
    seen = torch.cat([inputs.observed[:, -1:].to(history), torch.ones_like(drawn)], dim=1)
    parts = [
        lagged(torch.cat([history, drawn], dim=1), lags, history.shape[1]),
        seen.unsqueeze(-1),
        features.to(history),
        carried_on(inputs.covariates[:, -1:], steps - 1),
        inputs.static.unsqueeze(1).expand(-1, steps, -1),
    ]
    return torch.cat(parts, dim=-1)


class PathSteps:
    """The steps of any layers.

    Args:
        model: The base model.
        shared: What ``shared_vectors`` returned, in the precision of the model.
        outputs: What the layers returned for the past, with their final states.
        samples: Number of paths of each series.
    """

    def __init__(self, model: Any, shared: Tensor, outputs: dict[str, Any], samples: int) -> None:
        self.model, self.shared, self.samples = model, shared, samples
        self.lags: list[int] = list(model.config.lags_sequence)
        self.begin(outputs["final_hidden_state"], outputs["final_cell_state"])

    def begin(self, hidden: Tensor, cell: Tensor | None) -> None:
        """Repeat the states (batch, layers, hidden_size) for the paths."""
        hidden = hidden.repeat_interleave(self.samples, 0)
        hiddens = [state.contiguous() for state in hidden.split(1, dim=1)]
        cells: list[Tensor | None] = [None] * len(hiddens)
        if cell is not None:
            split = cell.repeat_interleave(self.samples, 0).split(1, dim=1)
            cells = [state.contiguous() for state in split]
        self.states: list[tuple[Tensor | None, ...]] = [*zip(hiddens, cells, strict=True)]
        self.ragged = RaggedBatch.dense(len(hidden), 1, hidden.device)

    def run(self, path: Tensor, step: int) -> Tensor:
        """Run the layers over a step and return the last one's output (paths, 1, output_size).

        Args:
            path: (steps, paths) the scaled values that were drawn before it.
            step: Its number.
        """
        vectors = self.shared[:, step].repeat_interleave(self.samples, 0)
        for column, lag in enumerate(self.lags):
            if lag <= step:
                vectors[:, column] = path[step - lag]
        passed, results = self.model.run_step(vectors.unsqueeze(1), self.states, self.ragged)
        self.states = [(result.hidden, result.cell) for result in results]
        return passed[-1]


class LstmPathSteps(PathSteps):
    """The steps of plain LSTM layers; see above.

    tanh(x) = 2 sigmoid(2 x) - 1: with the candidate's weights doubled all gates are one call of
    sigmoid, which is far faster than tanh.
    """

    def begin(self, hidden: Tensor, cell: Tensor | None) -> None:
        """Put the weights and the states side by side."""
        assert cell is not None
        steps = self.shared.shape[1]
        # The lags of which a path has values of its own at some step, the nearest last.
        own = sorted(((lag, n) for n, lag in enumerate(self.lags) if lag < steps), reverse=True)
        self.own, columns = [lag for lag, _ in own], [n for _, n in own]
        self.weights: list[Tensor] = []
        self.added: list[Tensor] = []  # to the gates, (steps, gates, series or 1, 1)
        for number, layer in enumerate(self.model.layers):
            w_ih, w_hh, b_ih, b_hh = (_doubled(w) for w in layer.weights().directions[0])
            if number:
                added = (b_ih + b_hh).expand(1, steps, -1)
            else:
                added = linear(self.shared, w_ih, b_ih + b_hh)
                w_ih = w_ih[:, columns]
            self.added.append(added.permute(1, 2, 0).unsqueeze(-1).contiguous())
            self.weights.append(torch.cat([w_ih, w_hh], dim=1))
        states = hidden.permute(1, 2, 0).flatten(0, 1).repeat_interleave(self.samples, 1)
        # The own lags, then the state of each layer, which reads what is before its own as well.
        self.rows = torch.cat([states.new_zeros(len(self.own), states.shape[1]), states])
        self.cells = cell.permute(1, 2, 0).repeat_interleave(self.samples, 2)
        self.gates = states.new_empty(4 * hidden.shape[2], states.shape[1])

    def run(self, path: Tensor, step: int) -> Tensor:
        """Run the layers; see ``PathSteps``."""
        first, size = len(self.own), self.cells.shape[1]
        lags = [lag for lag in self.own if lag <= step]
        start = first - len(lags)
        for row, lag in enumerate(lags, start):
            self.rows[row] = path[step - lag]
        for weight, added, cell in zip(self.weights, self.added, self.cells, strict=True):
            read, state = self.rows[start : first + size], self.rows[first : first + size]
            # A lag that is in the past at this step has no row, and its weights are left out.
            torch.mm(weight[:, -len(read) :], read, out=self.gates)
            by_series = self.gates.view(len(self.gates), added.shape[2], -1)
            by_series.add_(added[step]).sigmoid_()
            i, f, g, o = self.gates.chunk(4)
            cell.mul_(f).addcmul_(i, g, value=2).sub_(i)
            torch.mul(cell, 2, out=i).sigmoid_()
            torch.mul(i, o, out=state).mul_(2).sub_(o)
            start, first = first, first + size
        return state.T.unsqueeze(1)


def _doubled(weight: Tensor) -> Tensor:
    """Return weights or biases with the candidate's rows doubled."""
    found = weight.detach().clone()
    size = len(found) // 4
    found[2 * size : 3 * size].mul_(2)
    return found


def path_steps(model: Any, shared: Tensor, outputs: dict[str, Any], samples: int) -> PathSteps:
    """Return the faster steps where the layers allow it; the arguments are those of a class."""
    config = model.config
    plain = config.cell_type == "lstm" and not config.residual
    plain = plain and all(
        type(layer) is RecurrentLayer  # no module that has replaced it, nor a parametrisation
        and "forward" not in vars(layer)
        and not has_hooks(layer)
        and not (layer.training and layer.weight_dropout)
        and has_step(layer.weights())
        for layer in model.layers
    )
    return (LstmPathSteps if plain else PathSteps)(model, shared, outputs, samples)
