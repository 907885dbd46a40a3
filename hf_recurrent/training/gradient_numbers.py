"""The numbers of ``gradient_flow``: norms by step, what is left at the first step, and gates."""

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class StateFlow:
    """The norm of the gradient by one kind of state of one layer and direction.

    Attributes:
        layer: The layer, from 1.
        direction: "forward" or "backward".
        state: "hidden", or "cell" for the cell state of an LSTM.
        norms: (rows, steps) float64; ``norms[row, k]`` belongs to the state ``k`` steps before the
            last one, NaN where the row has no such step. The last step of the backward direction is
            the first token.
    """

    layer: int
    direction: str
    state: str
    norms: np.ndarray

    def quantile(self, share: float) -> np.ndarray:
        """Return a quantile of the norms over the rows that have a step, (steps,)."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="All-NaN slice")
            return np.nanquantile(self.norms, share, axis=0)

    @property
    def median(self) -> np.ndarray:
        """The median of the norms over the rows that have a step, (steps,)."""
        return self.quantile(0.5)

    @property
    def at_last(self) -> float:
        """The norm at the last step of a row; the median over rows."""
        return _median([last for last, _, _ in self._ends()])

    @property
    def at_first(self) -> float:
        """The norm at the first step of a row; the median over rows."""
        return _median([first for _, first, _ in self._ends()])

    @property
    def ratio(self) -> float:
        """The norm at the first step of a row, divided by that at its last; the median over rows.

        NaN if no row has a gradient at its last step.
        """
        return _median([first / last for last, first, _ in self._ends() if last])

    @property
    def factor(self) -> float:
        """The factor of the norm for each step back, a geometric mean; the median over rows.

        NaN if no row has a gradient at its last step.
        """
        return _median([(first / last) ** (1 / n) for last, first, n in self._ends() if last])

    def _ends(self) -> list[tuple[float, float, int]]:
        """Return the norms at the last and the first step, and the steps between, of each row.

        Rows of one step are left out.
        """
        rows = (row[~np.isnan(row)] for row in self.norms)
        return [(float(row[0]), float(row[-1]), len(row) - 1) for row in rows if len(row) > 1]


def _median(values: list[float]) -> float:
    return float(np.median(values)) if values else math.nan


@dataclass(frozen=True)
class GateSaturation:
    """The share of the values of a gate that are saturated, over all steps, rows and units.

    Attributes:
        layer: The layer, from 1.
        direction: "forward" or "backward".
        gate: "input", "forget", "output", "reset", "update", "candidate"; for an Elman network,
            which has no gates, "state". "forget" of a minLSTM is its share of both gates.
        low: The share of values of at most 0.1; for a tanh of at most -0.9, for a ReLU of 0.
        high: The share of values of at least 0.9; 0 for a ReLU and for the candidates of minGRU and
            minLSTM, which have no upper bound.
    """

    layer: int
    direction: str
    gate: str
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class GradientFlow:
    """The gradient by the states of a recurrent model, and the saturation of its gates.

    ``print`` shows it as a table, and ``draw_gradient_flow`` as a plot, alone or beside others.

    Attributes:
        cell_type: The cell of the model.
        of: What the gradient is of, such as "the loss of the last step".
        states: The norms, by layer, state and direction.
        gates: The saturation, by layer, direction and gate.
    """

    cell_type: str
    of: str
    states: tuple[StateFlow, ...]
    gates: tuple[GateSaturation, ...]

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.states[0].norms)

    @property
    def steps(self) -> int:
        """The number of steps of the longest row."""
        return max(each.norms.shape[1] for each in self.states)

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers as values for JSON; ``None`` for a number that is not defined."""
        return {
            "cell_type": self.cell_type,
            "of": self.of,
            "rows": self.rows,
            "steps": self.steps,
            "states": [
                {
                    "layer": each.layer,
                    "direction": each.direction,
                    "state": each.state,
                    "at_last": _number(each.at_last),
                    "at_first": _number(each.at_first),
                    "ratio": _number(each.ratio),
                    "factor": _number(each.factor),
                    "median": each.median.tolist(),
                    "quantile_10": each.quantile(0.1).tolist(),
                    "quantile_90": each.quantile(0.9).tolist(),
                }
                for each in self.states
            ],
            "gates": [dict(vars(gate)) for gate in self.gates],
        }

    def __str__(self) -> str:
        """Return the numbers as a table of text."""
        several = len({each.direction for each in self.states}) > 1

        def place(each: StateFlow | GateSaturation) -> str:
            return f"{each.layer} {each.direction}" if several else f"{each.layer}"

        states = [["layer", "state", "last step", "first step", "first / last", "factor a step"]]
        states += [
            [
                place(each),
                each.state,
                *(f"{value:.1e}" for value in (each.at_last, each.at_first, each.ratio)),
                f"{each.factor:.3f}",
            ]
            for each in self.states
        ]
        gates = [["layer", "gate", "low", "high"]]
        gates += [
            [place(gate), gate.gate, f"{gate.low:.1%}", f"{gate.high:.1%}"] for gate in self.gates
        ]
        return "\n".join(
            [
                f"The norm of the gradient of {self.of} by the states ({self.cell_type}, "
                f"{self.rows} rows, up to {self.steps} steps):",
                *_table(states),
                "",
                "Saturated values of the gates (low: at most 0.1, high: at least 0.9; tanh: -0.9 "
                "and 0.9; ReLU: 0):",
                *_table(gates),
            ]
        )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _table(rows: list[list[str]]) -> list[str]:
    """Return lines with columns of equal width; numbers are aligned at the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines
