"""Write the command of a comparison so that it can be pasted into a shell."""

import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from ..tasks.model_rows import ENCODERS
from .settings import BenchmarkSettings

_PROGRAM = "hf-recurrent"
# Only the last part of these paths is shown: the folders before it belong to one machine.
_PLACES = ("dataset", "data_dir", "vectors", *ENCODERS)


def command_line(settings: BenchmarkSettings) -> str:
    """Return the command that repeats a comparison, without folder paths.

    Files and folders keep only their last name, so the command runs in their folder. Options
    without a value are left out.
    """
    parts = [_PROGRAM, "benchmark"]
    values = {each.name: getattr(settings, each.name) for each in fields(BenchmarkSettings)}
    del values["options"]
    for name, value in (values | settings.shown_options).items():
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
    # Anything that is no path here is a Hub id or a name.
    is_place = name == "data_dir" or Path(value).exists() or Path(value).is_absolute()
    return (Path(os.path.abspath(value)).name or value) if is_place else value


def _option(flag: str, value: Any) -> list[str]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [flag, *map(str, value)]
    text = str(value)
    # A value that looks like an option is joined to its option by "=".
    return [f"{flag}={text}"] if text.startswith("-") or not text else [flag, text]


def program() -> str:
    """Return this command as the user's shell finds it, quoted.

    It is the bare name if the shell finds this installation by it, else the path.
    """
    beside = Path(sys.executable).parent / _PROGRAM
    return _called(beside) if beside.exists() else f"{interpreter()} -m hf_recurrent"


def interpreter() -> str:
    """Return this Python as the user's shell finds it, quoted."""
    return _called(Path(sys.executable))


def _called(path: Path) -> str:
    """Return the name of a program if the shell finds it by name, else its path, quoted."""
    found = shutil.which(path.name)
    is_found = found is not None and path.exists() and Path(found).parent.samefile(path.parent)
    return path.name if is_found else shlex.quote(_from_here(path))


def _from_here(path: Path) -> str:
    """Return a path relative to the working folder if it is inside it."""
    try:
        below = path.absolute().relative_to(Path.cwd())
        # The shell would search a bare name on the PATH.
        return str(below) if len(below.parts) > 1 else f".{os.sep}{below}"
    except ValueError:
        return str(path)
