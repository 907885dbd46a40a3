"""Where the real data sets lie; a Ctrl-C that is heard; and no test that fails by the clock."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no fault of the code.
settings.register_profile("hf-recurrent", deadline=None)
settings.load_profile("hf-recurrent")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what a class leaves to others: the names of shared checks in ``by_hand``."""
    for item in items:
        of_class = getattr(item, "cls", None)
        names = getattr(of_class, "by_hand", ())
        unknown = [name for name in names if not hasattr(of_class, name)]
        if unknown:
            raise pytest.UsageError(f"{of_class}: by_hand names {unknown}, which it does not have")
        if getattr(item, "originalname", "") in names:
            item.add_marker(pytest.mark.slow)


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


@pytest.fixture
def umask() -> Iterator[Callable[[int], int]]:
    """Set the umask for one test."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)
