"""The task that a trained model is for, as its folder or repository says."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from .._tasks import all_tasks, find_task, task_of_class
from ..hub.record import RECORD_FILE, Record
from ..hub.small_files import small_files

if TYPE_CHECKING:
    from .base import Task

__all__ = ["task_of_model"]


def task_of_model(source: str, among: "Iterable[Task] | None" = None) -> "Task":
    """Return the task of a model: that of its record, or else that of its class.

    No code that lies beside the model runs.

    Args:
        source: A folder, or an id of the Hub.
        among: The tasks that the caller can do something with; ``None`` for all that are known.

    Raises:
        OSError: If there is no such model, or it cannot be downloaded.
        ValueError: If its task is not known, or none of these, or a file is damaged.
    """
    folder = small_files(source, ["config.json", RECORD_FILE])
    model_class = _class(folder / "config.json")
    task = _task(find_task(Record.load(folder).task), model_class)
    wanted = [*(all_tasks() if among is None else among)]
    if task is not None and task in wanted:
        return task
    if task is not None:
        found = f"'{source}' is a model for {task.id}"
    elif model_class:
        found = f"The task of '{source}' is not known (it is a {model_class})"
    else:
        found = f"The task of '{source}' is not known (its config.json names no class)"
    raise ValueError(f"{found}: expected a model for {', '.join(each.id for each in wanted)}.")


def _task(recorded: "Task | None", model_class: str | None) -> "Task | None":
    """Choose between the record and the class, which may be newer than the record."""
    if recorded is not None and model_class and model_class.endswith(recorded.head):
        return recorded  # other tasks may have classes of that name too
    return task_of_class(model_class) or recorded


def _class(config: Path) -> str | None:
    """Return the name of the first class that a configuration names."""
    try:
        named = json.loads(config.read_text(encoding="utf-8"))["architectures"]
    except KeyError:
        return None
    except (TypeError, ValueError) as error:
        raise ValueError(f"'{config}' is no configuration of a model.") from error
    return str(named[0]) if isinstance(named, list) and named else None
