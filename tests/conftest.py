"""Where the real data sets lie, for the tests that need them."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Path:
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("HF_RECURRENT_DATA") or beside)
    if not folder.is_dir():
        pytest.skip("no benchmark data: name its folder by HF_RECURRENT_DATA")
    return folder
