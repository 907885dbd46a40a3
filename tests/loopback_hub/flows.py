"""Runs a client of the Hub in a process of its own, which can reach no host but this machine."""

import os
import subprocess
import sys
from pathlib import Path

from .server import LoopbackHub

_ROOT = Path(__file__).parents[2]
_START = """
import runpy, sys
import tests.loopback_hub.guard
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
_TAKEN = ("PATH", "LANG", "LD_LIBRARY_PATH", "OMP_NUM_THREADS", "SYSTEMROOT", "TMPDIR")


def run_flow(
    hub: LoopbackHub,
    script: Path,
    *arguments: str | Path,
    home: Path,
    token: str | None = "hf_write",
    offline: bool = False,
    timeout: float = 600,
) -> subprocess.CompletedProcess[str]:
    """Run a script against the Hub; its output and exit status come back.

    Args:
        hub: the server.
        script: what to run, after the guard is in place.
        *arguments: what it finds in ``sys.argv``.
        home: becomes ``HF_HOME``: an empty folder is an empty cache.
        token: becomes ``HF_TOKEN``.
        offline: whether to set ``HF_HUB_OFFLINE``.
        timeout: in seconds.
    """
    environment = {name: os.environ[name] for name in _TAKEN if name in os.environ}
    environment |= {
        "HF_ENDPOINT": hub.endpoint,
        "HF_HOME": str(home),
        "HOME": str(home),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "PYTHONPATH": str(_ROOT),
        "PYTHONWARNINGS": "ignore",
    }
    if hub.xet_folder is None:
        environment["HF_HUB_DISABLE_XET"] = "1"
    if token is not None:
        environment["HF_TOKEN"] = token
    if offline:
        environment["HF_HUB_OFFLINE"] = "1"
    return subprocess.run(
        [sys.executable, "-c", _START, str(script), *map(str, arguments)],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
