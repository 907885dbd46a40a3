"""What is known of each task, one folder a task; nothing outside knows any of it."""

from .._tasks import all_tasks, find_task, get_task, register_task, task_of_class

__all__ = ["all_tasks", "find_task", "get_task", "register_task", "task_of_class"]
