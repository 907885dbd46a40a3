"""Where the real data sets lie, for the tests that need them; and a Ctrl-C that is heard."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Path:
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("HF_RECURRENT_DATA") or beside)
    if not folder.is_dir():
        pytest.skip("no benchmark data: name its folder by HF_RECURRENT_DATA")
    return folder


@pytest.fixture(autouse=True, scope="session")
def ctrl_c() -> Iterator[None]:
    """Hear Ctrl-C also where the suite runs in the background of a shell, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
