"""The child process: trains one model, measures it, and sends its result back."""

import multiprocessing
import os
import sys
import tempfile
import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import transformers
from tqdm import tqdm
from transformers import EvalPrediction

from .._cores import LoadWatch
from ..metrics import classification_metrics
from .encoders import encoder_title
from .fitted import Fitted, texts_and_labels
from .jobs import Job
from .linear import fit_frozen_encoder, fit_tfidf
from .measure import folder_size, latency, machine, peak_memory, predict_all
from .neural import fit_encoder, fit_word_model
from .settings import INFERENCE_BATCH, MODELS
from .threads import fastest, typical, use_threads

__all__ = ["Workplace", "run_job", "serve"]

_EXAMPLES = 6
# Texts, one after the other, of which the trial of the threads for latency times the sum.
_LATENCY_SAMPLE = 4
_EXAMPLE_CHARACTERS = range(40, 240)


@dataclass(frozen=True)
class Workplace:
    """Where a child finds what it needs and leaves what it made.

    Attributes:
        data: The splits, as `DatasetDict.save_to_disk` writes them.
        vocabulary: Tokenizer and matrix, for a model over word vectors.
        model: Empty folder for the trained model.
        baseline: Name, id or folder of the encoder.
        trust_remote_code: Whether code that lies beside the encoder may run.
    """

    data: Path
    vocabulary: Path | None
    model: Path
    baseline: str
    trust_remote_code: bool = False


def serve(job: Job, place: Workplace, connection: Connection) -> None:
    """Runs a job and sends ("result", dictionary) or ("error", sentence)."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    # The lock of progress bars is a semaphore by default, which outlives a process that is ended.
    tqdm.set_lock(threading.RLock())
    # Whoever ends this process removes that folder, and with it what lies in it unfinished.
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
    """Ends this process when the one that started it is gone, however that was ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def run_job(job: Job, place: Workplace) -> dict[str, Any]:
    """Train and measure one model; a trial is judged on validation only.

    Returns:
        The result of its row, with the threads of each measurement and the load beside it.
    """
    imported = peak_memory()
    watch = LoadWatch()
    fixed = job.values.get("threads")
    # Fresh weights do not depend on the number that is found for training.
    use_threads(1)
    data = datasets.load_from_disk(str(place.data))
    fitted = _fit(job, data, place)
    result: dict[str, Any] = {
        "validation_accuracy": fitted.validation_accuracy,
        "curve": fitted.curve,
        "epochs": fitted.epochs,
        "training_seconds": fitted.training_seconds,
        "trained_on": len(data["train"]),
        "threads": {
            "fixed": fixed is not None,
            "training": fitted.threads,
            "changes": fitted.thread_changes,
        },
        "machine": machine(),
    }
    if job.kind == "trial":
        return result | {"load": watch.told()}
    texts, labels = texts_and_labels(data["test"])
    batch, singles = typical(texts, INFERENCE_BATCH), typical(texts, _LATENCY_SAMPLE)
    result["threads"]["inference"] = fastest(lambda: fitted.predict(batch), fixed)
    predictions, seconds = predict_all(fitted.predict, texts)
    # The metrics take logits; a one at the predicted label stands for them.
    logits = np.eye(len(data["test"].features["label"].names))[predictions]
    fitted.save(place.model)
    for_latency = fastest(lambda: [fitted.predict([text]) for text in singles], fixed)
    return result | {
        "test": classification_metrics(EvalPrediction(logits, labels)),
        "latency": latency(fitted.predict, texts) | {"threads": for_latency},
        "inference_rate": len(texts) / seconds,
        "training_rate": fitted.training_rate,
        "parameters": fitted.parameters,
        "trainable_parameters": fitted.trainable_parameters,
        "size_mib": folder_size(place.model),
        # The kernel sums the counters of its processors roughly: a later peak may read lower.
        "peak_mib": max(imported, peak_memory()),
        "imported_mib": imported,
        "truncation": fitted.truncation,
        "trials": fitted.trials,
        "encoder": encoder_title(place.baseline, fitted.parameters) if job.baseline else None,
        "note": fitted.note,
        "examples": _explained(fitted, data["test"], texts, predictions),
        "load": watch.told(),
    }


def _fit(job: Job, data: datasets.DatasetDict, place: Workplace) -> Fitted:
    kind = MODELS[job.model].kind
    if kind == "linear":
        return fit_tfidf(job, data)
    if kind == "frozen-encoder":
        return fit_frozen_encoder(job, data, place.baseline, place.trust_remote_code)
    if kind == "tuned-encoder":
        return fit_encoder(job, data, place.baseline, place.trust_remote_code)
    assert place.vocabulary is not None
    return fit_word_model(job, data, place.vocabulary)


def _explained(
    fitted: Fitted, rows: datasets.Dataset, texts: Sequence[str], predictions: np.ndarray
) -> list[dict[str, Any]]:
    """Gives the weights of the words of a few test texts, neither short nor long if there are."""
    if fitted.explain is None:
        return []
    names = rows.features["label"].names
    fit = [i for i, text in enumerate(texts) if len(text) in _EXAMPLE_CHARACTERS]
    chosen = (fit or list(range(len(texts))))[:_EXAMPLES]
    return [
        {
            "label": names[rows[i]["label"]],
            "predicted": names[int(predictions[i])],
            "words": fitted.explain(texts[i]),
        }
        for i in chosen
    ]
