"""Fan charts: a forecast with its bands beside the past and, where it is known, the truth."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from ..._drawing import COLOURS, SOFT, new_figure, style, svg
from ...metrics.forecasting import LEVELS

_SIZE, _DATES = (720, 260), 4
_HALF = np.array([-0.3, 0.3])
# Three are side by side, and a phone shows one with words that are large enough to read.
_SIZE_IN_PAGE, _DATES_IN_PAGE = (400, 220), 3
_TOLD = (
    "Windows of series, forecast by the best model by validation: in grey the past, in blue the "
    "median and bands of 20, 40, 60 and 80 %, in orange what came."
)


def chart_sections(results: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Return the fan charts of the first result, which is the best."""
    examples: Any = next((result["examples"] for result in results if result["examples"]), [])
    if not examples:
        return []
    charts = [
        Markup("<figure>{}</figure>").format(Markup(fan_chart(**each, in_page=True)))
        for each in examples
    ]
    shown = Markup('<div class="small plots">\n{}\n</div>').format(Markup("\n").join(charts))
    return [("Forecasts", _TOLD, shown)]


def fan_chart(
    item: str,
    past: Sequence[float | None],
    quantiles: Sequence[Sequence[float]],
    future: Sequence[float | None] = (),
    labels: Sequence[str] = (),
    *,
    in_page: bool = False,
) -> str:
    """Return the picture of a forecast as SVG.

    Args:
        item: The name of the series.
        past: The values before; ``None`` for a missing one.
        quantiles: (levels, steps) at the levels .1 to .9.
        future: What came, if it is known.
        labels: The times of all steps, the past first; without them steps are counted.
        in_page: See ``_drawing.svg``.
    """
    levels = np.asarray(quantiles, float)
    begin, steps = len(past), levels.shape[1]
    with style():
        figure = new_figure(*(_SIZE_IN_PAGE if in_page else _SIZE))
        figure.set_layout_engine("constrained", w_pad=0.1, h_pad=0.1)
        axes = figure.add_subplot(axisbelow=True)
        x = np.arange(begin, begin + steps)
        # A single step has a width, without which there is nothing to see.
        wide, levels = (x, levels) if steps > 1 else (x[0] + _HALF, np.repeat(levels, 2, 1))
        for low in range(len(LEVELS) // 2):
            band = (levels[low], levels[-1 - low])
            # Without clipping: SVG then needs no links within the file.
            fill = {"color": COLOURS[0], "alpha": 0.16, "linewidth": 0, "clip_on": False}
            axes.fill_between(wide, *band, **fill)
        axes.plot(wide, levels[len(LEVELS) // 2], color=COLOURS[0], linewidth=2, clip_on=False)
        _values(axes, np.arange(begin), past, SOFT)
        if len(future):
            _values(axes, x[: len(future)], future, COLOURS[1])
        axes.set_title(item, fontsize=13, loc="left")
        if len(labels):
            dates = _DATES_IN_PAGE if in_page else _DATES
            places = np.unique(np.linspace(0.1, 0.9, dates).dot(begin + steps - 1).astype(int))
            axes.set_xticks(places, [labels[place] for place in places])
        description = f"Forecast of {steps} steps of {item}, with bands up to 80 %"
        return svg(figure, description, {}, in_page=in_page)


def _values(axes: Any, x: Any, values: Sequence[float | None], colour: str) -> None:
    """Draw values as a line, and each that has none beside it, which is no line, as a dash."""
    told = np.array([np.nan if value is None else value for value in values], float)
    known = np.pad(np.isfinite(told), 1)
    alone = known[1:-1] & ~known[:-2] & ~known[2:]
    lines = [
        (x, told),
        *((at + _HALF, [y, y]) for at, y in zip(x[alone], told[alone], strict=True)),
    ]
    for line in lines:
        axes.plot(*line, color=colour, linewidth=1.2, clip_on=False)
