"""A figure that a task measures, and how it is written."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """A figure that a task measures, and how it is written.

    Attributes:
        key: Its key in the result of ``Task.judge``.
        title: Its name in a column of the table.
        full_title: Its name on a card; the title if empty.
        higher_is_better: Whether higher is better; not so for perplexity, error rates and losses.
        unit: The unit in the head of its column; "%" for shares, which are written times 100.
        digits: Digits after the point.
        hub_name: Its name in ``evaluate`` and on the Hub, if it is not the key.
        is_share: Whether it is a share of rows, so that it has a binomial standard error.
        is_bound: Whether it is an end of the interval of another figure, and no metric of its own;
            its key is that of the figure, followed by "_low" or "_high".
    """

    key: str
    title: str
    full_title: str = ""
    higher_is_better: bool = True
    unit: str = "%"
    digits: int = 1
    hub_name: str = ""
    is_share: bool = False
    is_bound: bool = False

    @property
    def scale(self) -> float:
        """The factor of a value when it is written or drawn."""
        return 100.0 if self.unit == "%" else 1.0

    def write(self, value: float, spread: float | None = None) -> str:
        """Return a value in its unit, with its spread if there is one, as in "78.4 ± 0.3"."""
        told = f"{value * self.scale:,.{self.digits}f}"
        return told if spread is None else f"{told} ± {spread * self.scale:,.{self.digits}f}"

    def with_unit(self, value: float) -> str:
        """Return a value followed by its unit, for a sentence."""
        return f"{self.write(value)} {self.unit}".rstrip()

    @property
    def is_speed(self) -> bool:
        """Whether it is a number of something a second."""
        return self.unit.endswith("/s")

    @property
    def is_cost(self) -> bool:
        """Whether it is a speed or a size, a cost rather than a quality."""
        return self.is_speed or self.unit == "MiB"

    @property
    def best_end(self) -> str:
        """The end of a curve at which it is best, "highest" or "lowest"."""
        return "highest" if self.higher_is_better else "lowest"

    def difference(self, value: float) -> str:
        """Return a difference of two values with its unit, such as "1.2 points"."""
        return f"{self.write(value)} {'points' if self.unit == '%' else self.unit}".rstrip()

    def axis(self, part: str) -> str:
        """Return the label of an axis, such as "test accuracy, %"."""
        return f"{part} {self.title}" + (f", {self.unit}" if self.unit else "")

    def is_better(self, value: float, than: float) -> bool:
        """Check whether a value is better than another; a number is better than NaN."""
        if math.isnan(than):
            return not math.isnan(value)
        return value > than if self.higher_is_better else value < than

    def best(self, values: Sequence[float]) -> int:
        """Return the index of the best value, the first of equal ones."""
        first = 0
        for place, value in enumerate(values):
            if self.is_better(value, values[first]):
                first = place
        return first

    def standard_error(self, value: float, rows: int) -> float | None:
        """Return the standard error of a share of this many rows; ``None`` for other figures."""
        if not self.is_share or not rows:
            return None
        return math.sqrt(max(value * (1 - value), 0.0) / rows)


SPEEDS = tuple(
    Metric(f"{key}_tokens_per_second", title, f"Speed of {title}", unit="tokens/s", digits=0)
    for key, title in (("training", "training"), ("generated", "generation"))
)
"""The speeds of models that write texts, in the order of their columns."""
