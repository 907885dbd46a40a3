"""Compile the inner loops of training. Importing this module needs numba."""

from collections.abc import Callable
from typing import Any

from ..._extras import require

numba = require("numba", extra="train", purpose="Training GloVe and skip-gram vectors")


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function on its first call, and keep the code on disk if a folder can be written.

    The compiled function releases the interpreter's lock. Sums may be reordered and roots
    approximated (to about 23 bits), which vectorises loops. NaN and infinity keep their meaning, so
    that a training that diverges is noticed.
    """
    options = {
        "nogil": True,
        "error_model": "numpy",
        "fastmath": {"reassoc", "contract", "nsz", "arcp", "afn"},
    }
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no folder for the compiled code can be written
        return numba.njit(**options)(function)


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function part of the compiled functions that call it."""
    return numba.njit(inline="always", error_model="numpy")(function)
