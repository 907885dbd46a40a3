"""The known tasks, by id; each is imported when it is first used.

This file is not in ``tasks/``, so that layers below the tasks, such as the cards, can find a task
by its id without importing any task.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from ._wording import did_you_mean

if TYPE_CHECKING:
    from .tasks.base import Task

# Modules that register their task, in the order of listing.
_PACKAGED = {
    "text-classification": "hf_recurrent.tasks.text_classification",
    "token-classification": "hf_recurrent.tasks.token_classification",
    "copying": "hf_recurrent.tasks.memory",
    "adding": "hf_recurrent.tasks.memory",
    "text-generation": "hf_recurrent.tasks.text_generation",
    "text-retrieval": "hf_recurrent.tasks.text_retrieval",
    "next-item-recommendation": "hf_recurrent.tasks.next_item_recommendation",
    "translation": "hf_recurrent.tasks.translation",
    "automatic-speech-recognition": "hf_recurrent.tasks.automatic_speech_recognition",
    "audio-classification": "hf_recurrent.tasks.audio_classification",
    "video-classification": "hf_recurrent.tasks.video_classification",
    "time-series-forecasting": "hf_recurrent.tasks.time_series_forecasting",
    "video-captioning": "hf_recurrent.tasks.video_captioning",
}
_REGISTERED: dict[str, "Task"] = {}


def register_task(task: "Task") -> "Task":
    """Register a task by its id, in place of another one with that id, and return it."""
    _REGISTERED[task.id] = task
    return task


def get_task(task_id: str) -> "Task":
    """Return the task with an id.

    Raises:
        ValueError: If there is no such task.
    """
    task = find_task(task_id)
    if task is None:
        known = [*dict.fromkeys([*_PACKAGED, *_REGISTERED])]
        raise ValueError(
            f"There is no task {task_id!r}: expected one of {', '.join(known)}."
            f"{did_you_mean(task_id, known)}"
        )
    return task


def find_task(task_id: str | None) -> "Task | None":
    """Return the task with an id, or for a pipeline of the Hub; ``None`` if unknown."""
    if task_id is None:
        return None
    if task_id not in _REGISTERED and task_id in _PACKAGED:
        import_module(_PACKAGED[task_id])
    if task_id in _REGISTERED:
        return _REGISTERED[task_id]
    return next((task for task in all_tasks() if task.pipeline_tag == task_id), None)


def all_tasks() -> Iterator["Task"]:
    """Yield all known tasks, those of the package first."""
    for task_id, module in _PACKAGED.items():
        if task_id not in _REGISTERED:
            import_module(module)
    yield from [_REGISTERED[task_id] for task_id in _PACKAGED]
    yield from [task for task_id, task in _REGISTERED.items() if task_id not in _PACKAGED]


def task_of_class(model_class: str | None) -> "Task | None":
    """Return the task of a model class, given by its name; ``None`` if unknown."""
    if not model_class:
        return None
    return next((task for task in all_tasks() if model_class.endswith(task.head)), None)
