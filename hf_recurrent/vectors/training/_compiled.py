"""How the inner loops of training are compiled. Importing this module needs numba."""

from collections.abc import Callable
from typing import Any

from ..._extras import require

__all__ = ["compiled", "inlined"]

numba = require("numba", extra="train", purpose="Training GloVe and skip-gram vectors")


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiles a function on its first call, and keeps it on disk where a folder can be written.

    It lets go of the interpreter's lock. Sums may be reordered and roots approximated (to about 23
    bits), which vectorises loops; NaN and infinity keep their meaning, so that a training that
    diverges is seen.
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
    """Makes a function part of the compiled functions that call it."""
    return numba.njit(inline="always", error_model="numpy")(function)
