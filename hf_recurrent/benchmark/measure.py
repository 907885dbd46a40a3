"""Measure memory, time and disk space in the process that does the work."""

import hashlib
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
import torch

from ..hub.machine import machine as of_process
from .settings import INFERENCE_BATCH, LATENCY_ROWS

Predict = Callable[[Sequence[Any]], Sequence[Any]]

_WARM_UP = 20
_MEBIBYTE = 1 << 20
# Folders of this package whose code can change a figure.
_DECIDING = ("benchmark", "data", "metrics", "models", "tasks", "training", "vectors")


def peak_memory() -> float:
    """Return the largest resident memory of this process so far, in MiB.

    On Linux ``ru_maxrss`` is not reset by ``exec``: a child would report the peak of its parent.
    ``VmHWM`` is reset.
    """
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024 / _MEBIBYTE
    except OSError:
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / _MEBIBYTE if sys.platform == "darwin" else peak * 1024 / _MEBIBYTE


def latency(predict: Predict, inputs: Sequence[Any]) -> dict[str, float]:
    """Measure the time from input to answer, one input after the other.

    Args:
        predict: Function from inputs to predictions.
        inputs: Test inputs; the first 200 are timed, after 20 that warm up.

    Returns:
        Median and 95th percentile in milliseconds, and the number of timed inputs.
    """
    timed = inputs[:LATENCY_ROWS]
    for each in timed[:_WARM_UP]:
        predict([each])
    seconds = []
    for each in timed:
        start = time.perf_counter()
        predict([each])
        seconds.append(time.perf_counter() - start)
    median, high = np.percentile(seconds, [50, 95]) * 1000
    return {"median_ms": float(median), "p95_ms": float(high), "timed": len(timed)}


def predict_all(predict: Predict, inputs: Sequence[Any]) -> tuple[list[Any], float]:
    """Return predictions, made in batches of 32 of similar length, and the seconds they took."""
    order = sorted(range(len(inputs)), key=lambda i: len(inputs[i]))
    predictions: list[Any] = [None] * len(inputs)
    start = time.perf_counter()
    for first in range(0, len(order), INFERENCE_BATCH):
        batch = order[first : first + INFERENCE_BATCH]
        for i, prediction in zip(batch, predict([inputs[i] for i in batch]), strict=True):
            predictions[i] = prediction
    return predictions, time.perf_counter() - start


def folder_size(folder: Path) -> float:
    """Return the total size of the files in a folder and its subfolders, in MiB."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return sum(file.stat().st_size for file in files) / _MEBIBYTE


def machine() -> dict[str, Any]:
    """Return a description of the machine and the software, without names or paths.

    The number of threads is left out: each row has its own.
    """
    told = of_process(torch.device("cpu"))
    del told["threads"]
    return told | {
        "threads spin": os.environ.get("GOMP_SPINCOUNT", "default"),
        "scikit-learn": sklearn.__version__,
        "code": _code_digest(),
    }


def _code_digest() -> str:
    """Return a digest of the source files that can change a figure.

    File names are part of it: moving a line to another file changes the digest.
    """
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    paths = [path for folder in _DECIDING for path in (package / folder).rglob("*.py")]
    for path in sorted([*paths, *package.glob("*.py")]):
        name, content = path.relative_to(package).as_posix(), path.read_bytes()
        digest.update(f"{name} {len(content)} ".encode() + content)
    return digest.hexdigest()[:12]
