"""The tasks, one folder each; the rest of the package knows no task by name.

The classes that make up a task can be imported from here; the package itself imports them from
their modules.
"""

from .._tasks import all_tasks as all_tasks
from .._tasks import find_task as find_task
from .._tasks import get_task as get_task
from .._tasks import register_task as register_task
from .._tasks import task_of_class as task_of_class
from .base import Task as Task
from .base import Units as Units
from .data_info import Option as Option
from .fitted import Fitted as Fitted
from .metric import Metric as Metric
from .model_rows import BEST_MODEL as BEST_MODEL
from .model_rows import ModelRow as ModelRow
from .model_rows import Search as Search
from .model_rows import Work as Work
