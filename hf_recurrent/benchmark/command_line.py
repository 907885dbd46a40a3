"""The command that makes a comparison, written so that it can be pasted into a shell."""

import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from .settings import BenchmarkSettings

__all__ = ["command_line", "interpreter", "program"]

_PROGRAM = "hf-recurrent"
# Of what they name only the last part is told: the folders before it are those of one machine.
_PLACES = ("dataset", "baseline", "data_dir")


def command_line(settings: BenchmarkSettings) -> str:
    """Return the command that makes a comparison again, without the folders of this machine.

    Files and folders are called by their own names alone, so it runs where they lie. Options that
    were not given and have no default are left out.
    """
    parts = [_PROGRAM, "benchmark"]
    values = {each.name: getattr(settings, each.name) for each in fields(BenchmarkSettings)}
    for name, value in (values | values.pop("options")).items():
        flag = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            parts += [flag] if value else []
        elif value is not None:
            parts += _option(flag, _told(settings, name, value))
    return shlex.join(parts)


def _told(settings: BenchmarkSettings, name: str, value: Any) -> Any:
    is_known = name == "dataset" and value in settings.chosen_task.datasets
    if name not in _PLACES or is_known:
        return value
    # What is no place here is an id of the Hub, or a name.
    is_place = name == "data_dir" or Path(value).exists() or Path(value).is_absolute()
    return (Path(os.path.abspath(value)).name or value) if is_place else value


def _option(flag: str, value: Any) -> list[str]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [flag, *map(str, value)]
    text = str(value)
    # A value that looks like an option has to stand with its own.
    return [f"{flag}={text}"] if text.startswith("-") or not text else [flag, text]


def program() -> str:
    """Return what to write for this command in the shell that called it, quoted.

    That is its bare name only where the shell finds this very installation by it.
    """
    beside = Path(sys.executable).parent / _PROGRAM
    return _called(beside) if beside.exists() else f"{interpreter()} -m hf_recurrent"


def interpreter() -> str:
    """Return what to write for this Python in the shell that called it, quoted."""
    return _called(Path(sys.executable))


def _called(path: Path) -> str:
    """Return the name of a program where the shell finds it by that, else its path, quoted."""
    found = shutil.which(path.name)
    is_found = found is not None and path.exists() and Path(found).parent.samefile(path.parent)
    return path.name if is_found else shlex.quote(_from_here(path))


def _from_here(path: Path) -> str:
    """Return a path from the working folder on, where it lies below."""
    try:
        below = path.absolute().relative_to(Path.cwd())
        # A bare name would be looked for on the PATH.
        return str(below) if len(below.parts) > 1 else f".{os.sep}{below}"
    except ValueError:
        return str(path)
