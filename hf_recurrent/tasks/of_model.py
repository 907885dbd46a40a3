"""Finds the task of a trained model from its folder or repository."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._tasks import all_tasks, find_task, task_of_class
from ..hub.record import RECORD_FILE, Record
from ..hub.small_files import small_files

if TYPE_CHECKING:
    from .base import Task


# The family whose main input is not that of an input layer.
_SERIES = "recurrent_time_series"


class OtherTaskError(ValueError):
    """A model is for no task of those that the caller can use."""


def task_of_model(source: str, among: "Iterable[Task] | None" = None) -> "Task":
    """Return the task of a model: that of its record, or else that of its class.

    No code in the model's folder is run.

    Args:
        source: A folder, or an id of the Hub.
        among: The tasks that the caller can use; ``None`` for all known tasks.

    Raises:
        OSError: If there is no such model, or it cannot be downloaded.
        OtherTaskError: If its task is unknown or not one of these.
        ValueError: If a file is damaged, or the task does not have the model's main input.
    """
    folder = small_files(source, ["config.json", RECORD_FILE])
    config = read_config(folder / "config.json")
    named = config.get("architectures")
    model_class = str(named[0]) if isinstance(named, list) and named else None
    task = _task(find_task(Record.load(folder).task), model_class)
    wanted = [*(all_tasks() if among is None else among)]
    if task is not None and task in wanted:
        read = _main_input(config)
        if read not in task.reads:
            raise ValueError(
                f"'{source}' reads {read}, and {task.id} gives a model {' or '.join(task.reads)}: "
                "load it by its Auto class."
            )
        return task
    if task is not None:
        found = f"'{source}' is a model for {task.id}"
    elif model_class:
        found = f"The task of '{source}' is not known (it is a {model_class})"
    else:
        found = f"The task of '{source}' is not known (its config.json names no class)"
    expected = ", ".join(each.id for each in wanted)
    raise OtherTaskError(f"{found}: expected a model for {expected}.")


def _task(recorded: "Task | None", model_class: str | None) -> "Task | None":
    """Choose between the record and the class, which may be newer than the record."""
    if recorded is not None and model_class and model_class.endswith(recorded.head):
        return recorded  # other tasks may also have classes of that name
    return task_of_class(model_class) or recorded


def read_config(file: Path) -> dict[str, Any]:
    """Return the fields of a configuration.

    Raises:
        ValueError: If the file is none.
    """
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")).items())
    except (AttributeError, ValueError) as error:
        raise ValueError(f"'{file}' is no configuration of a model.") from error


def _main_input(config: dict[str, Any]) -> str:
    """Return the main input of the model, by default token ids."""
    if config.get("model_type") == _SERIES:
        return "past_values"
    if isinstance(config.get("encoder"), dict):
        return _main_input(config["encoder"])
    given = config.get("embedding_config")
    if not isinstance(given, dict) or not isinstance(given.get("kind"), str):
        return "input_ids"  # loading the model reports other errors in it
    # These import torch, if there is an input layer.
    from transformers import CONFIG_MAPPING

    from ..models.input_layers import kinds_of

    family = str(config.get("model_type"))
    # Not by ``get``, which lacks the families of others.
    own = CONFIG_MAPPING[family] if family in CONFIG_MAPPING else None  # noqa: SIM401
    kind = kinds_of(own).get(given["kind"])
    return "input_ids" if kind is None else kind.main_input_name
