"""What recipes in ``scripts/`` do alike, whatever the task: how they begin, go on and end."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import datasets
import torch
from huggingface_hub.errors import HTTPError
from transformers import HfArgumentParser, TrainingArguments, set_seed

from .._cores import parse_threads
from ..tasks import Task, get_task
from ..tasks.records import recipe_record
from ..training import RECIPE, ThreadSearch, checkpoint_to_resume
from ..training.resuming import StoppedUnsaved
from .measure import latency, predict_all


class Start(NamedTuple):
    """A run that begins or goes on.

    Attributes:
        task: The task.
        data: The options of the data.
        model: The options of the model; it has ``threads``.
        arguments: Those of ``Trainer``.
        search: The callback that finds the number of threads.
        checkpoint: Where a stopped run goes on; ``None`` for a new one.
    """

    task: Task
    data: Any
    model: Any
    arguments: TrainingArguments
    search: ThreadSearch
    checkpoint: str | None


def begin(
    task_id: str,
    data_class: type,
    model_class: type,
    defaults: Mapping[str, Any],
    arguments_class: type[TrainingArguments] = TrainingArguments,
) -> Start | None:
    """Parse the command line, and find out where the run begins.

    Fresh weights then follow from the seed: one thread is set, and the seed.

    Args:
        task_id: The task, whose metric chooses the evaluation that is kept.
        data_class: Data class of the options of the data.
        model_class: Data class of the options of the model, among them ``threads``.
        defaults: Values of the training arguments that differ from those of all recipes.
        arguments_class: Their class.

    Returns:
        The run; ``None`` if it has ended before, and its figures are printed.

    Raises:
        ValueError: If an option is wrong, or a stopped run had other ones.
        OSError: If the folder cannot be read.
    """
    parser = HfArgumentParser((data_class, model_class, arguments_class))  # type: ignore[arg-type]
    parser.set_defaults(**{**RECIPE, **defaults})
    data, model, arguments = parser.parse_args_into_dataclasses()
    task = get_task(task_id)
    arguments.metric_for_best_model = task.chosen_by
    arguments.greater_is_better = task.chooser.higher_is_better
    search = ThreadSearch(parse_threads(model.threads))
    # Fresh weights do not depend on the number that is found for training.
    torch.set_num_threads(1)
    settings = asdict(data) | asdict(model) | arguments.to_dict()
    checkpoint = checkpoint_to_resume(arguments.output_dir, settings)
    results = Path(arguments.output_dir, "test_results.json")
    if results.exists():
        print(results.read_text())
        return None
    # Before anything random: the fresh weights depend on the seed as the order of the data does.
    set_seed(arguments.seed)
    return Start(task, data, model, arguments, search, checkpoint)


def finish(
    start: Start,
    trainer: Any,
    data: datasets.DatasetDict,
    predict: Callable[[Sequence[Any]], Sequence[Any]],
    timed: Callable[[Sequence[Any]], Sequence[Any]] | None = None,
    further: Mapping[str, float] = MappingProxyType({}),
    notices: Sequence[str] = (),
) -> None:
    """Judge a trained model on the test part, save figures and record, and print the figures.

    Args:
        start: The run.
        trainer: Its ``Trainer``, which has saved the model.
        data: The splits.
        predict: Returns predictions for inputs.
        timed: What is timed in its place.
        further: Figures that are measured beside, by the keys of the task's metrics.
        notices: What whoever passes on the model must say, for its card.
    """
    task = start.task
    inputs = task.inputs(data["test"])
    found, _ = predict_all(predict, inputs)
    judged = {**task.judge(found, data["test"], data["train"]), **further}
    # What its card tells: `hf-recurrent publish` reads it.
    recipe_record(
        trainer,
        task,
        start.data.dataset,
        data,
        judged,
        found,
        latency(timed or predict, inputs),
        notices=notices,
    ).save(Path(str(start.arguments.output_dir)))
    metrics = {f"test_{key}": value for key, value in judged.items()}
    trainer.save_metrics("test", metrics)
    print(json.dumps(metrics, indent=2))


def run_recipe(main: Callable[[], None], goes_on: str = "the last evaluation") -> None:
    """Run a recipe; what is wrong ends it with one sentence, and what stops it says how to go on.

    Args:
        main: The recipe.
        goes_on: After what the same command goes on.
    """
    try:
        main()
    except StoppedUnsaved:
        print(
            "\nStopped: no checkpoints were kept, so the same command begins anew.", file=sys.stderr
        )
        sys.exit(130)
    except KeyboardInterrupt:
        print(f"\nStopped: the same command goes on after {goes_on}.", file=sys.stderr)
        sys.exit(130)
    except (ImportError, OSError, ValueError) as error:
        sys.exit(f"error: {' '.join(str(error).split())}")
    except HTTPError as error:  # with push_to_hub, and no network
        sys.exit(f"error: The Hub cannot be reached: {' '.join(str(error).split())}")
    except KeyError as error:
        # Trainer found no metric of this name after the first evaluation.
        if "metric_for_best_model" not in str(error):
            raise
        sys.exit(f"error: {' '.join(str(error.args[0]).split())}")
