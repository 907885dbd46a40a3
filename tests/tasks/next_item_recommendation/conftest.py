"""Fixtures of the comparison's tests, and a table of events."""

from pathlib import Path

import numpy as np
import pytest

from tests.benchmark.conftest import no_children  # noqa: F401 - a fixture

ITEMS = ("red shoes", "blue shoes", "hat", "coat", "scarf", "gloves", "belt", "bag")


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """A table of sessions that go on to the next item of a circle, with a leap now and then."""
    random = np.random.default_rng(0)
    lines = ["user,thing,when,name"]
    for session in range(120):
        item = int(random.integers(8))
        for step in range(int(random.integers(2, 7))):
            lines.append(f"u{session},{ITEMS[item]},{1000 * session + 10 * step},The {ITEMS[item]}")
            item = (item + (1 if random.random() < 0.9 else 3)) % 8
    path = tmp_path / "events.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


COLUMNS = {
    "session_column": "user",
    "item_column": "thing",
    "time_column": "when",
    "title_column": "name",
}
