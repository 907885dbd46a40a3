"""What is known of each task, one folder a task; nothing outside knows any of it.

What a task is made of can be imported from here; the package itself imports it from its modules.
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
