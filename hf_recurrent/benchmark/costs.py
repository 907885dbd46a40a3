"""Costs as texts: times, sizes and rates, which range over many powers of ten."""

_LEAST = 0.001


def brief(value: float) -> str:
    """Return a number for a sentence: two digits, or all of its digits before the point.

    Example:
        >>> brief(1234.5), brief(0.3456), brief(0.0), brief(0.00004)
        ('1,234', '0.35', '0', 'less than 0.001')
    """
    if 0 < value < _LEAST:
        return f"less than {_LEAST}"
    return f"{value:.2g}" if value < 10 else f"{value:,.0f}"


def rate(value: float) -> str:
    """Return a rate for a column: whole, but with two digits where it is small."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def fixed(value: float, digits: int) -> str:
    """Return a number for a column, with a fixed number of digits after the point.

    Example:
        >>> fixed(1234.56, 1), fixed(0.0, 1), fixed(0.00004, 1)
        ('1,234.6', '0.0', '< 0.1')
    """
    least: float = 10**-digits
    return f"< {least:g}" if 0 < value < least else f"{value:,.{digits}f}"


def duration(seconds: float) -> str:
    """Return a time for a sentence, in seconds, minutes or hours."""
    if seconds < 90:
        return f"{brief(seconds)} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
