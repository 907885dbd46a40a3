"""Read from result rows how threads changed and whether other programs were running."""

from typing import Any

from .._cores import is_crowded


def is_row_crowded(result: dict[str, Any]) -> bool:
    """Check whether other programs ran while the times of a result were measured.

    Results of earlier versions have no load; they count as undisturbed.
    """
    threads = result.get("threads") or {}
    latency = result.get("latency") or {}
    numbers = [threads.get("training"), threads.get("inference"), latency.get("threads")]
    return is_crowded(result.get("load"), max((n for n in numbers if n), default=1))


def changes_text(result: dict[str, Any]) -> str:
    """Return how the number of threads changed during a run; empty if it did not."""
    changes = (result.get("threads") or {}).get("changes") or ()
    return ", ".join(
        f"from {change['before']} to {change['after']} after step {change['step']}"
        for change in changes
    )
