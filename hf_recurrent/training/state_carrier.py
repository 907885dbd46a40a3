"""Carry the states of a recurrent network from one batch to the next, with the plain ``Trainer``.

The states belong to the callback, not to the model: ``forward`` stays a function of its arguments.
A hook around the model's call hands in the state that the batch before has left, without its graph
(truncated backpropagation through time), and takes the new one.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from .._whole import write_whole

__all__ = ["StateCarrier"]

_STATES = {
    "initial_hidden_state": "final_hidden_state",
    "initial_cell_state": "final_cell_state",
}


class _Carried(NamedTuple):
    """What a batch leaves to the next one.

    Attributes:
        rows: (batch,) the numbers of its rows.
        states: the final states, by the argument of forward that takes them.
    """

    rows: Tensor
    states: dict[str, Tensor]


class StateCarrier(TrainerCallback):
    """Let each row of a batch go on from the state after the row that it continues.

    Use it with rows that have the columns ``row`` and ``continues``, as ``TextStreams`` makes them,
    and a model that takes ``initial_hidden_state`` (and ``initial_cell_state``) and returns
    ``final_hidden_state`` (and ``final_cell_state``) on ``output_final_state=True``. Training and
    evaluation have a state each, since evaluations come between training steps. A row that
    continues no other starts from zeros, so each epoch and each evaluation starts anew. Other calls
    of the model, such as ``generate``, are left as they are.

    Give it to ``Trainer(callbacks=[...])``: it sets ``remove_unused_columns=False`` there, as the
    two columns are not arguments of ``forward``. Each rank writes its state into every checkpoint,
    and reads it when a run is resumed.

    The loss of an evaluation becomes the mean over all of its tokens; that of ``Trainer`` is the
    mean of the batches' means.

    Args:
        checkpoint: The folder from which the run is resumed, if it is not the one of the output
            folder.
        skip_logits: Whether the model computes its loss without keeping logits, which saves time
            and memory. Set it to ``False`` if ``compute_metrics`` needs them.

    Example:
        >>> from transformers import Trainer, TrainingArguments
        >>> arguments = TrainingArguments(
        ...     "out",
        ...     per_device_train_batch_size=20,
        ...     per_device_eval_batch_size=10,
        ...     train_sampling_strategy="sequential",
        ... )
        >>> trainer = Trainer(
        ...     model,
        ...     arguments,
        ...     train_dataset=TextStreams(train_ids, streams=20, window=35),
        ...     eval_dataset=TextStreams(validation_ids, streams=10, window=35),
        ...     data_collator=collate_windows,
        ...     callbacks=[StateCarrier()],
        ... )  # doctest: +SKIP
    """

    def __init__(
        self, checkpoint: str | os.PathLike[str] | None = None, skip_logits: bool = True
    ) -> None:
        self.checkpoint = checkpoint
        self._carried: dict[bool, _Carried] = {}
        self._next_rows: dict[bool, Tensor] = {}
        self._handles: list[Any] = []
        self._share = 1.0
        self._skip_logits = skip_logits

    def on_init_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Put the hooks around the model's call.

        Raises:
            ValueError: If ``Trainer`` would spread one batch over several devices, or compute a
                loss of its own.
        """
        if args.n_gpu > 1:
            raise ValueError(
                f"StateCarrier needs one process for each of the {args.n_gpu} devices: start the "
                "script with torchrun --nproc_per_node"
            )
        if args.label_smoothing_factor:
            raise ValueError(
                f"label_smoothing_factor is {args.label_smoothing_factor}, and Trainer would shift "
                "the labels within each window, so that the last token of a window predicts "
                "nothing: set label_smoothing of the model's configuration instead"
            )
        args.remove_unused_columns = False
        # Trainer multiplies the loss by the ranks if it counts the items of all of them.
        self._share = 1.0 if args.average_tokens_across_devices else 1.0 / args.world_size
        self._detach()
        model: nn.Module = kwargs["model"]
        self._handles = [
            model.register_forward_pre_hook(self._before, with_kwargs=True),
            model.register_forward_hook(self._after),
        ]

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Start from zeros, or from the states of the checkpoint if the run is resumed.

        Raises:
            ValueError: If the callback was added too late, or the checkpoint has no states.
        """
        if not self._handles:
            raise ValueError("give StateCarrier to Trainer(callbacks=[...]), not to add_callback")
        self._carried.clear()
        if state.global_step:
            folder = Path(self.checkpoint) if self.checkpoint else _checkpoint(args, state)
            path = folder / _file_name(args.process_index)
            self._carried[True] = _read(path, state.log_history)

    def on_save(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Write this rank's state of training into the checkpoint."""
        carried = self._carried.get(True)
        if carried is None:
            return
        tensors = {"row": carried.rows, **carried.states}
        history = state.log_history
        write_whole(
            _checkpoint(args, state) / _file_name(args.process_index),
            save(
                {name: value.cpu().contiguous() for name, value in tensors.items()},
                metadata={"logs": str(len(history)), "digest": _digest(history)},
            ),
        )

    def _detach(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles = []

    def _before(
        self, model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
        """Replace the columns of the rows by the states that they go on from."""
        self._next_rows.pop(model.training, None)
        if "continues" not in kwargs:
            return None
        kwargs = dict(kwargs)
        rows, continues = kwargs.pop("row"), kwargs.pop("continues")
        items = kwargs.pop("mean_items", None)
        if items is not None and not model.training and "num_items_in_batch" in kwargs:
            kwargs["num_items_in_batch"] = items[0] * self._share
        kwargs |= self._states(model.training, continues, rows) | {"output_final_state": True}
        # Trainer takes the labels away for a loss of the user, who needs the logits.
        kwargs["skip_logits"] = self._skip_logits and "labels" in kwargs
        self._next_rows[model.training] = rows
        return args, kwargs

    def _states(self, training: bool, continues: Tensor, rows: Tensor) -> dict[str, Tensor]:
        """Return the initial states of a batch; nothing if all of its rows start from zeros."""
        going_on = continues >= 0
        if not bool(going_on.any()):
            return {}
        carried = self._carried.get(training)
        if carried is None or not _fits(carried.rows.to(rows.device), continues, going_on):
            before = "none" if carried is None else _shown(carried.rows)
            raise ValueError(
                f"the rows {_shown(rows)} of a batch continue the rows {_shown(continues)}, and "
                f"the batch before had the rows {before}: the batch size times the ranks must be "
                "the number of streams of the data set, in training with "
                'train_sampling_strategy="sequential"'
            )
        keep = going_on.view(-1, 1, 1)
        return {
            name: torch.where(keep, state.to(rows.device), 0.0)
            for name, state in carried.states.items()
        }

    def _after(self, model: nn.Module, args: tuple[Any, ...], outputs: Any) -> None:
        """Keep the final states of the batch, without their graph."""
        rows = self._next_rows.pop(model.training, None)
        if rows is None:
            return
        found = outputs if isinstance(outputs, Mapping) else {}
        states = {
            name: found[final].detach()
            for name, final in _STATES.items()
            if found.get(final) is not None
        }
        if not states:
            raise ValueError(
                f"{type(model).__name__} returned no final_hidden_state, so there is no state to "
                "carry: take a model of this package that reads in one direction"
            )
        self._carried[model.training] = _Carried(rows, states)


def _checkpoint(args: TrainingArguments, state: TrainerState) -> Path:
    return Path(str(args.output_dir), f"checkpoint-{state.global_step}")


def _file_name(rank: int) -> str:
    return f"carried_states_{rank}.safetensors"


def _fits(rows: Tensor, continues: Tensor, going_on: Tensor) -> bool:
    return len(rows) == len(continues) and bool(torch.equal(rows[going_on], continues[going_on]))


def _shown(rows: Tensor) -> str:
    shown = ", ".join(map(str, rows[:3].tolist()))
    return shown if len(rows) <= 3 else f"{shown}, ... ({len(rows)})"


def _digest(history: list[dict[str, Any]]) -> str:
    """Return a digest of the losses so far, which are the same on all ranks, unlike the times."""
    losses = [(log.get("step"), log["loss"]) for log in history if "loss" in log]
    return hashlib.sha256(json.dumps(losses).encode()).hexdigest()


def _read(path: Path, history: list[dict[str, Any]]) -> _Carried:
    """Return the states of a checkpoint, after checking that they are of the same run."""
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise ValueError(
            f"{path} cannot be read ({error}), and without the states of this rank the run cannot "
            "go on: name the folder of the checkpoint by StateCarrier(checkpoint=...), keep the "
            "number of ranks, or start anew"
        ) from error
    if _digest(history[: int(metadata["logs"])]) != metadata["digest"]:
        raise ValueError(
            f"{path} holds the states of another run than the one that is resumed: name the folder "
            "of the checkpoint by StateCarrier(checkpoint=...)"
        )
    return _Carried(tensors.pop("row"), tensors)
