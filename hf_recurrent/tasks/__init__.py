"""The tasks, one folder each; the rest of the package knows no task by name.

The classes that make up a task can be imported from here; the package itself imports them from
their modules.
"""

from .._tasks import all_tasks, find_task, get_task, register_task, task_of_class
from .base import Task, Units
from .data_info import Option
from .fitted import Fitted
from .metric import Metric
from .model_rows import BEST_MODEL, ModelRow, Search, Work

__all__ = [
    "BEST_MODEL",
    "Fitted",
    "Metric",
    "ModelRow",
    "Option",
    "Search",
    "Task",
    "Units",
    "Work",
    "all_tasks",
    "find_task",
    "get_task",
    "register_task",
    "task_of_class",
]
