"""Say in one sentence which model is best, how sure that is and what it costs."""

from collections.abc import Sequence

from .._wording import capital, listed
from .costs import brief, duration
from .outcome import Outcome
from .sampling import GROUPS
from .summary import TableLine

_MOST_NAMED = 3


def verdict(outcome: Outcome, lines: Sequence[TableLine]) -> str:
    """Return the sentence, of at least one line."""
    lines = _comparable(lines)
    best, close = _ranked(lines)
    metric = best.chooser
    error = best.error if _has_errors(lines) else best.score.spread
    score = f"{metric.write(best.score.mean, error)} {metric.unit}".rstrip()
    if len(lines) == 1:
        quality = f"has a test {metric.title} of {score}"
    elif close:
        named = [_in_list(line.title) for line in close[:_MOST_NAMED]]
        more = len(close) - len(named)
        others = listed([*named, f"{more} more"] if more else named)
        are = "is" if len(close) == 1 else "are"
        quality = f"has the best test {metric.title}, {score}, but {others} {are} too close to call"
    else:
        quality = f"has clearly the best test {metric.title}, {score}"
    cost = [
        f"{duration(best.costs['training_seconds'])} of training",
        f"{brief(best.costs['size_mib'])} MiB on disk",
        f"{brief(best.costs['median_ms'])} ms {outcome.prepared.task.units.answer}",
    ]
    return f"{capital(_in_list(best.title))} {quality}; it takes {listed(cost)}."


def _in_list(title: str) -> str:
    """Return a title such as "LSTM, quantiles" with brackets for its commas, for a list of them."""
    name, comma, more = title.partition(", ")
    return f"{name} ({more})" if comma else title


def error_text(outcome: Outcome, lines: Sequence[TableLine]) -> str:
    """Return what the bars of the plots are; empty if there are none."""
    rows, units = len(outcome.prepared.data["test"]), outcome.prepared.task.units
    if _has_errors(lines):
        groups = min(GROUPS, rows)
        kind = "binomial" if lines[0].chooser.is_share else f"jackknife over {groups} groups"
        return f"one standard error for {rows:,} test {units.many} ({kind})"
    has_bars = any(line.score.spread is not None for line in lines)
    return "the standard deviation over the seeds" if has_bars else ""


def uncertainties(lines: Sequence[TableLine]) -> list[float | None]:
    """Return the half bars: standard errors if all are known, else deviations over the seeds."""
    known = _has_errors(lines)
    return [line.error if known else line.score.spread for line in lines]


def _has_errors(lines: Sequence[TableLine]) -> bool:
    """Check whether the standard errors of all lines are known."""
    return all(line.error is not None for line in lines)


def leading(lines: Sequence[TableLine]) -> TableLine | None:
    """Return the line that leads all others on test, or ``None`` without a clear lead.

    A clear lead is larger than the sum of both spreads, and larger than twice the standard error
    of the first if it is known.
    """
    lines = _comparable(lines)
    if len(lines) < 2:
        return None
    best, close = _ranked(lines)
    return None if close else best


def _comparable(lines: Sequence[TableLine]) -> Sequence[TableLine]:
    """Return the lines that can be held against each other; all lines if there are none."""
    return [line for line in lines if not line.row.apart] or lines


def _ranked(lines: Sequence[TableLine]) -> tuple[TableLine, list[TableLine]]:
    """Return the best line on test, and those that it does not clearly lead, the best first."""
    sign = -1 if lines[0].chooser.higher_is_better else 1
    first, *others = sorted(lines, key=lambda line: sign * line.score.mean)

    def is_close(other: TableLine) -> bool:
        spreads = (first.score.spread or 0) + (other.score.spread or 0)
        lead = abs(first.score.mean - other.score.mean)
        return lead <= max(spreads, 2 * (first.error or 0))

    return first, [other for other in others if is_close(other)]
