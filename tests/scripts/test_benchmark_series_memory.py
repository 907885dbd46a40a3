import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark_series_memory.py"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs the /proc of Linux")
def test_training_takes_as_much_memory_whatever_the_number_of_series() -> None:
    """All windows of 1,000 series of 10,000 steps would be 30 GB."""
    command = [sys.executable, str(SCRIPT), "--training-steps", "40"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in printed.splitlines()]
    assert [row[:2] for row in rows[2:]] == [["100", "10,000"], ["1,000", "10,000"]]
    values, more = (float(rows[3][column]) for column in (2, 4))
    assert more < 38 < values < 39
