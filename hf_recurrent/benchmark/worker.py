"""The child process: it trains and measures one model and sends the result back."""

import multiprocessing
import os
import sys
import tempfile
import threading
import traceback
from dataclasses import asdict, dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import datasets
import transformers
from tqdm import tqdm

from .._cores import LoadWatch
from .._tasks import get_task
from ..tasks.base import Task
from ..tasks.encoders import encoder_title
from ..tasks.model_rows import Work
from ..tasks.records import chosen_answers
from ..tasks.threads import fastest, typical, use_threads
from ..tasks.word_vectors import Embedding
from .jobs import Job
from .measure import folder_size, latency, machine, peak_memory, predict_all
from .sampling import standard_error
from .settings import INFERENCE_BATCH

# The trial of threads for latency times this many rows, one after the other.
_LATENCY_SAMPLE = 4


@dataclass(frozen=True)
class Workplace:
    """Folders and names that a child process reads and writes.

    Attributes:
        data: The splits, as ``DatasetDict.save_to_disk`` writes them.
        vocabulary: Tokenizer and matrix; ``None`` for a model without word vectors.
        model: Empty folder for the trained model.
        baseline: Name, id or folder of the encoder.
        trust_remote_code: Whether code in the encoder's repository may run.
        task_module: Module that registers a task from outside this package.
    """

    data: Path
    vocabulary: Path | None
    model: Path
    baseline: str
    trust_remote_code: bool = False
    task_module: str | None = None


def serve(job: Job, place: Workplace, connection: Connection) -> None:
    """Run a job and send ``("result", dictionary)`` or ``("error", sentence)``."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    # The default lock of progress bars is a semaphore, which stays after a process is killed.
    tqdm.set_lock(threading.RLock())
    # If this process is killed, the parent removes that folder with all unfinished files.
    tempfile.tempdir = str(place.model.parent)
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    datasets.utils.logging.set_verbosity_error()
    datasets.disable_progress_bars()
    try:
        connection.send(("result", run_job(job, place)))
    except Exception as error:
        if not isinstance(error, (OSError, ValueError)):
            traceback.print_exc(file=sys.stderr)
        reason = str(error).strip() or type(error).__name__
        connection.send(("error", f"{job}: {reason}"))


def _end_with_parent() -> None:
    """End this process when its parent has ended for any reason."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def run_job(job: Job, place: Workplace) -> dict[str, Any]:
    """Train and measure one model; a trial is evaluated on validation only.

    Returns:
        The result of its row, with the threads of each measurement and the machine's load.
    """
    imported = peak_memory()
    watch = LoadWatch()
    fixed = job.values.get("threads")
    # Initial weights must not depend on the number of threads that is found for training.
    use_threads(1)
    data = datasets.load_from_disk(str(place.data))
    task = _task(job, place).for_data(data["train"])
    row = task.models[job.model]
    fitted = row.fit(
        Work(
            name=str(job),
            task=task,
            row=row,
            values=job.values,
            seed=job.seed,
            max_length=job.max_length,
            data=data,
            embedding=None if job.embedding is None else Embedding.parse(job.embedding),
            inputs=place.vocabulary,
            baseline=place.baseline,
            trust_remote_code=place.trust_remote_code,
        )
    )
    result: dict[str, Any] = {
        "validation": fitted.validation,
        "curve": fitted.curve,
        "epochs": fitted.epochs,
        "training_seconds": fitted.training_seconds,
        "trained_on": len(data["train"]) + fitted.added_rows,
        "added_rows": fitted.added_rows,
        "threads": {
            "fixed": fixed is not None,
            "training": fitted.threads,
            "changes": fitted.thread_changes,
        },
        "machine": machine(),
    }
    if job.kind == "trial":
        return result | {"load": watch.told()}
    inputs = task.inputs(data["test"])
    batch, singles = typical(inputs, INFERENCE_BATCH), typical(inputs, _LATENCY_SAMPLE)
    respond = fitted.respond or (lambda single: fitted.predict([single]))
    result["threads"]["inference"] = fastest(
        lambda: fitted.predict(batch), fixed if fitted.respond is None else fitted.threads
    )
    predictions, seconds = predict_all(fitted.predict, inputs)
    fitted.save(place.model)
    for_latency = fastest(lambda: [respond(single) for single in singles], fixed)
    measured = fitted.measure() if fitted.measure is not None else {}
    return result | {
        "test": task.judge(predictions, data["test"], data["train"]) | measured,
        "standard_error": standard_error(task, predictions, data),
        "latency": latency(lambda batch: [*map(respond, batch)], inputs) | {"threads": for_latency},
        "inference_rate": len(inputs) / seconds,
        "training_rate": fitted.training_rate,
        "parameters": fitted.parameters,
        "trainable_parameters": fitted.trainable_parameters,
        "size_mib": folder_size(place.model),
        # The kernel sums its counters roughly: a later peak may be lower than an earlier one.
        "peak_mib": max(imported, peak_memory()),
        "imported_mib": imported,
        "truncation": fitted.truncation,
        "trials": fitted.trials,
        "encoder": encoder_title(place.baseline, fitted.parameters) if job.baseline else None,
        "note": fitted.note,
        "examples": task.examples(fitted, data, predictions),
        "answers": list(map(asdict, chosen_answers(task, data["test"], predictions))),
        "load": watch.told(),
    }


def _task(job: Job, place: Workplace) -> Task:
    if place.task_module is not None:
        import_module(place.task_module)
    return get_task(job.task)
