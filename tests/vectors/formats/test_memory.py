"""The promise on peak memory, at the size for which it is given."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[3] / "scripts" / "benchmark_vector_readers.py"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak memory as Linux gives it")
def test_peak_memory_above_the_vectors_is_at_most_half_the_matrix(tmp_path):
    path = tmp_path / "glove.txt"
    generator = np.random.default_rng(0)
    with path.open("w") as file:
        for word in range(400_000):
            row = " ".join([f"{number:.5g}" for number in generator.normal(size=50)])
            file.write(f"word{word} {row}\n")
    output = subprocess.run(
        [sys.executable, str(SCRIPT), "--only-memory", "--path", str(path)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    share = re.search(r"which is (-?[\d.]+) of the matrix", output)
    assert share is not None
    assert float(share[1]) <= 0.5


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak memory as Linux gives it")
def test_peak_memory_of_every_format_and_conversion_is_at_most_half_the_matrix():
    script = SCRIPT.with_name("benchmark_vector_formats.py")
    output = subprocess.run(
        [sys.executable, str(script), "--only-memory"], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split() for line in output.splitlines() if re.search(r"\d$", line)]
    shares = {" ".join(row[:-5]): float(row[-1]) for row in rows}
    assert len(shares) == 22
    assert {way: share for way, share in shares.items() if share > 0.5} == {}
