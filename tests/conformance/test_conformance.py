"""Run transformers' common model tests on every family, in a process of their own.

By hand: ``pytest -m slow tests/conformance``; two minutes and a download of 4 MB.
"""

import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from hf_recurrent.data import PackageError
from hf_recurrent.models.cells import CELL_TYPES

from .suite import ARCHIVES, FAMILIES, lay_out


@pytest.mark.slow
def test_transformers_own_tests_pass(tmp_path: Path) -> None:
    if version("transformers") not in ARCHIVES:
        pytest.skip(f"no hash of the source archive of transformers {version('transformers')}")
    try:
        suite = lay_out(tmp_path)
    except PackageError as error:
        pytest.skip(str(error))
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": root}
    command = [sys.executable, "-m", "pytest", "tests/models", "-q", "-n", "2"]
    ran = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        cwd=suite,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    summary = ran.stdout[-3000:]
    print(summary)
    assert ran.returncode == 0, summary + ran.stderr[-2000:]
    passed = re.search(r"(\d+) passed", summary)
    assert passed is not None
    # Some 75 tests of each variant are not skipped: a variant a family, but the recurrent one has
    # each cell in one direction and two, with a CRF and without, and three language models.
    variants = len(list(FAMILIES.glob("*.py"))) - 1 + 7 * len(CELL_TYPES)
    assert int(passed[1]) > 70 * variants
