"""Training of networks on memory tasks, and the guess that remembers nothing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import datasets
import numpy as np
import torch
import transformers
from numpy.typing import NDArray
from transformers import PreTrainedModel, set_seed

from ... import RecurrentConfig
from ..fitted import Fitted
from ..floors import floor
from ..labels import label_fields
from ..model_rows import Work
from ..networks import NetworkRecipe, config_values, fit_network
from .data import BLANK, COPIED, MARK, SYMBOLS, adding_batch, copying_batch
from .judging import SOLVED, adding_metrics, copying_metrics, solved_text

Batch = Callable[[Any], dict[str, NDArray[Any]]]

_LABELS = [*map(str, range(SYMBOLS)), "blank"]
# Fields of the configuration that follow from a task.
MODEL_FIELDS: dict[str, dict[str, Any]] = {
    "copying": {
        "vocab_size": MARK + 1,
        "embedding_size": MARK + 1,
        "initializer_range": 1.0,
        "pad_token_id": None,
        **label_fields(_LABELS),
    },
    "adding": {
        "embedding_config": {"kind": "frames", "num_channels": 2},
        "problem_type": "regression",
        "num_labels": 1,
    },
}


def fit_guess(work: Work) -> Fitted:
    """Return the best answers without a memory of the row."""
    answer = _mean_sum if work.task.id == "adding" else _any_symbols

    return floor(work, "guess without memory", answer)


def _mean_sum(rows: Sequence[Any]) -> list[float]:
    """Return 1, the mean of the sum of two uniform numbers, with a mean squared error of 1/6."""
    return [1.0] * len(rows)


def _any_symbols(rows: Sequence[Any]) -> list[NDArray[Any]]:
    """Return the log-probabilities of blanks, and then of each symbol alike.

    Their cross-entropy is 10 log(8) over the number of steps (Arjovsky et al. 2016).
    """
    answers = []
    for row in rows:
        scores = np.full((len(row), SYMBOLS + 1), -np.inf)
        scores[:-COPIED, BLANK] = 0
        scores[-COPIED:, :SYMBOLS] = -np.log(SYMBOLS)
        answers.append(scores)
    return answers


def fit_recurrent(work: Work) -> Fitted:
    """Train a recurrent network until the task is solved or its rows are used up."""
    set_seed(work.seed)
    fields = MODEL_FIELDS[work.task.id] | config_values(work, RecurrentConfig)
    if work.values.get("chrono"):
        fields["chrono_max_length"] = work.data["train"][0]["row_length"]
    auto_class: Any = getattr(transformers, work.task.auto_class)
    model = auto_class.from_config(RecurrentConfig(**fields))
    with without_denormals():
        fitted = fit_network(work, RECIPES[work.task.id], model, None)
    fitted.note = solved_text(work.task, fitted.curve, fitted.curve_steps)
    return fitted


@contextmanager
def without_denormals() -> Iterator[None]:
    """Compute with 0 in place of the smallest numbers of fp32, those below 1.2e-38.

    A gradient that vanishes over many steps passes through these numbers, with which processors
    compute many times slower: a step of training a GRU on 200 frames took 820 ms and not 220.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


@torch.inference_mode()
def copy(model: PreTrainedModel, rows: Sequence[Any]) -> list[NDArray[Any]]:
    """Return the log-probabilities (steps, labels) of rows (steps,) of equal lengths."""
    ids = torch.from_numpy(np.stack(rows)).to(model.device)
    scores: list[NDArray[Any]] = [*model(ids).logits.log_softmax(-1).cpu().numpy()]
    return scores


@torch.inference_mode()
def add(model: PreTrainedModel, rows: Sequence[Any]) -> list[float]:
    """Return the sums of rows (steps, 2) of equal lengths."""
    frames = torch.from_numpy(np.stack(rows)).to(model.device)
    sums: list[float] = model(input_features=frames).logits[:, 0].tolist()
    return sums


def collate(rows: Sequence[dict[str, Any]], batch: Batch) -> dict[str, torch.Tensor]:
    """Return the tensors of rows of a data set."""
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return {name: torch.from_numpy(values) for name, values in batch(columns).items()}


def _recipe(
    batch: Batch, labels: Sequence[str], metrics: Any, answer: Any, chosen_by: str
) -> NetworkRecipe:
    return NetworkRecipe(
        labels=lambda rows: labels,
        encode=lambda rows, tokenizer, max_length: rows,
        collator=lambda tokenizer: partial(collate, batch=batch),
        metrics=metrics,
        answer=lambda model, tokenizer, rows, max_length: answer(model, rows),
        lengths=_lengths,
        arguments={"remove_unused_columns": False},
        target=SOLVED[chosen_by],
    )


def _lengths(rows: datasets.Dataset) -> list[int]:
    lengths: list[int] = rows["row_length"][:]
    return lengths


RECIPES = {
    "copying": _recipe(copying_batch, _LABELS, copying_metrics, copy, "accuracy"),
    "adding": _recipe(adding_batch, (), adding_metrics, add, "rmse"),
}
