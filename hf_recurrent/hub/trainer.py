"""A mixin and a callback with which ``Trainer`` publishes our card and no pickles.

The plain ``Trainer`` replaces the card by its own, which names transformers as the library, and
uploads ``training_args.bin``, a pickle. With the strategies for checkpoints it also uploads the
pickles of the optimizer and of the random states. None of its hooks prevents this.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_utils import HubStrategy
from transformers.utils.hub import PushInProgress, hf_api

from .. import __version__
from .._tasks import all_tasks
from .cards import write_card
from .machine import machine
from .pickles import PICKLE_NAMES
from .record import Plot, Record, RecordedResult
from .terms import why_not_published
from .upload import ERRORS, PublishError, reason

_METRIC_PREFIX = "eval_"
# Marks logs of evaluations on other data in the trainer's history, which checkpoints keep.
_OTHER_DATA = "other_data"
_TOLD_SETTINGS = (
    "learning_rate",
    "num_train_epochs",
    "per_device_train_batch_size",
    "gradient_accumulation_steps",
    "weight_decay",
    "warmup_steps",
    "lr_scheduler_type",
    "optim",
    "max_grad_norm",
)


class RefuseHubToken(TrainerCallback):
    """Refuse ``TrainingArguments(hub_token=...)``, which ``Trainer`` would pickle and publish."""

    def on_init_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Check the arguments.

        Raises:
            ValueError: If they hold a token.
        """
        if args.hub_token is not None:
            raise ValueError(
                "hub_token stands in the training arguments, which Trainer pickles and publishes "
                "as training_args.bin: set the environment variable HF_TOKEN instead."
            )


class HubTrainerMixin:
    """Let a ``Trainer`` publish our card and no pickles; name it before ``Trainer`` in the bases.

    The strategies for checkpoints upload what ``from_pretrained`` needs, but not the states of the
    optimizer and of the random generators: training can be resumed from the local folder only.

    Example:
        >>> from transformers import Trainer
        >>> class HubTrainer(HubTrainerMixin, Trainer):
        ...     pass

    Attributes:
        record: What is known about the model besides what the trainer knows; set it before
            pushing.
    """

    record = Record()

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        kwargs["callbacks"] = [*(kwargs.get("callbacks") or ()), RefuseHubToken()]
        super().__init__(*args, **kwargs)

    def evaluate(
        self: Any, eval_dataset: Any = None, *args: Any, **kwargs: Any
    ) -> dict[str, float]:
        """Evaluate as ``Trainer`` does; figures on other data than its own are not published."""
        trainer: Any = super()
        known = len(self.state.log_history)
        try:
            metrics: dict[str, float] = trainer.evaluate(eval_dataset, *args, **kwargs)
        finally:
            if eval_dataset is not None and eval_dataset is not self.eval_dataset:
                for log in self.state.log_history[known:]:
                    log[_OTHER_DATA] = True
        return metrics

    def create_model_card(self: Any, model_name: str | None = None, **kwargs: Any) -> None:
        """Write our card instead of ``Trainer``'s; it is called right before each upload.

        Args:
            model_name: Name of the repository, for the card's title.
            **kwargs: Other arguments of ``Trainer``; ignored, the record has what they would say.
        """
        if not self.is_world_process_zero():
            return
        folder = Path(self.args.output_dir)
        record = trainer_record(self)
        record.save(folder)
        write_card(folder, record, self.hub_model_id or model_name or folder.name)
        # The save wrote it just before, and the upload would send it next.
        (folder / "training_args.bin").unlink(missing_ok=True)

    def init_hf_repo(self: Any, *args: Any, **kwargs: Any) -> None:
        """Create the repository, as ``Trainer`` does.

        Raises:
            PublishError: If it cannot be created.
            ValueError: If the data of the model may not be passed on; so for ``push_to_hub``.
        """
        _check_may_leave(self)
        trainer: Any = super()
        with _one_sentence(self, "making the repository"):
            trainer.init_hf_repo(*args, **kwargs)

    def push_to_hub(self: Any, *args: Any, **kwargs: Any) -> Any:
        """Push as ``Trainer`` does, in one commit.

        Raises:
            PublishError: If it failed. The repository is as it was before, and the call may be
                repeated.
        """
        _check_may_leave(self)
        trainer: Any = super()
        with _one_sentence(self, "pushing"):
            return trainer.push_to_hub(*args, **kwargs)

    def _push_from_checkpoint(self: Any, checkpoint_folder: str) -> None:
        if not self.is_world_process_zero() or self.args.hub_strategy == HubStrategy.END:
            return
        busy = self.push_in_progress is not None and not self.push_in_progress.is_done()
        if busy and not self.args.hub_always_push:
            return
        message = f"Training in progress, step {self.state.global_step}"
        jobs: Any = [self.push_to_hub(message, blocking=False)]
        if self.args.hub_strategy in (HubStrategy.CHECKPOINT, HubStrategy.ALL_CHECKPOINTS):
            last = self.args.hub_strategy == HubStrategy.CHECKPOINT
            jobs.append(
                hf_api().upload_folder(
                    repo_id=self.hub_model_id,
                    folder_path=checkpoint_folder,
                    path_in_repo="last-checkpoint" if last else Path(checkpoint_folder).name,
                    commit_message=f"{message}, checkpoint",
                    ignore_patterns=list(PICKLE_NAMES),
                    revision=self.args.hub_revision,
                    run_as_future=True,
                )
            )
        self.push_in_progress = PushInProgress(jobs)


def _check_may_leave(trainer: Any) -> None:
    """Check the model before ``Trainer`` makes a repository for it."""
    config = getattr(trainer.accelerator.unwrap_model(trainer.model), "config", None)
    fields = {} if config is None else config.to_dict()
    if reason := why_not_published(fields, trainer.record):
        raise ValueError(f"Nothing is pushed: {reason}.")


@contextmanager
def _one_sentence(trainer: Any, step: str) -> Iterator[None]:
    """Turn an error of the Hub's client, of many lines, into one sentence."""
    try:
        yield
    except PublishError:
        raise
    except ERRORS as error:
        args = trainer.args
        repo = trainer.hub_model_id or args.hub_model_id or Path(args.output_dir).name
        raise PublishError(f"{repo}: {step} failed ({reason(error)}).") from error


def trainer_record(trainer: Any, given: Record | None = None) -> Record:
    """Return a record, completed by what a trainer knows.

    Args:
        trainer: A ``Trainer``.
        given: What is known already; the trainer's own ``record`` if ``None``.
    """
    given = trainer.record if given is None else given
    assert given is not None
    known = {f: getattr(given, f) for f in given.__dataclass_fields__}
    args, logs = trainer.args, trainer.state.log_history
    known["task"] = given.task or _only_task(trainer)
    values = {name: getattr(args, name) for name in _TOLD_SETTINGS}
    # An enumeration is written as a user writes it.
    settings = {name: str(getattr(value, "value", value)) for name, value in values.items()}
    known["settings"] = {**settings, **given.settings}
    known["version"] = __version__
    known["seed"] = args.seed if given.seed is None else given.seed
    runtime = [log["train_runtime"] for log in logs if "train_runtime" in log]
    if given.seconds is None and runtime:
        known["seconds"] = runtime[-1]
    if given.parameters is None:
        known["parameters"] = trainer.accelerator.unwrap_model(trainer.model).num_parameters()
    if not given.results:
        known["results"] = _published_evaluation(trainer)
    if not given.machine:
        known["machine"] = machine(args.device)
    if not given.plots:
        known["plots"] = _curve(trainer)
    # As `training.ThreadSearch` leaves them in the trainer's history.
    threads = [log["threads"] for log in logs if "threads" in log]
    if len(set(threads)) > 1:
        numbers = ", then ".join(map(str, threads))
        known["limits"] = (
            *given.limits,
            f"The number of threads changed in training ({numbers}): it cannot be repeated "
            "exactly.",
        )
    return Record(**known)


def _only_task(trainer: Any) -> str | None:
    """Return the id of the task of the model's class; ``None`` if several tasks share it.

    A task with the pipeline of another one, such as a memory task, has to be named.
    """
    name = type(trainer.accelerator.unwrap_model(trainer.model)).__name__
    own = [task for task in all_tasks() if task.pipeline_tag == task.id]
    found = [task.id for task in own if name.endswith(task.head)]
    return found[0] if len(found) == 1 else None


def _curve(trainer: Any) -> tuple[Plot, ...]:
    """Return the plot of the validation loss after each evaluation; none for less than two."""
    losses = [float(log[f"{_METRIC_PREFIX}loss"]) for log in _evaluations(trainer)]
    title, axes = "Loss on validation after each evaluation", ("evaluation", "loss")
    return Plot.curve("validation_loss.svg", title, axes, losses, best="lowest")


def _evaluations(trainer: Any) -> list[dict[str, Any]]:
    """Return the logs of the evaluations on the trainer's own data, in their order."""
    loss = f"{_METRIC_PREFIX}loss"
    return [log for log in trainer.state.log_history if loss in log and _OTHER_DATA not in log]


def _published_step(trainer: Any) -> int:
    """Return the training step of the trainer's current weights."""
    best: str | None = trainer.state.best_model_checkpoint
    if trainer.args.load_best_model_at_end and best is not None and not trainer.is_in_train:
        # `best_global_step` may be of a later step, at which nothing was saved.
        return int(Path(best).name.rpartition("-")[2])
    return int(trainer.state.global_step)


def _published_evaluation(trainer: Any) -> tuple[RecordedResult, ...]:
    """Return the validation metrics of the published weights; none if they were not evaluated."""
    step = _published_step(trainer)
    of_step = [log for log in _evaluations(trainer) if log["step"] == step]
    chosen = of_step[-1] if of_step else {}
    left_out = ("loss", "runtime", "samples_per_second", "steps_per_second")
    return tuple(
        RecordedResult(metric.removeprefix(_METRIC_PREFIX), float(value), split="validation")
        for metric, value in chosen.items()
        if metric.startswith(_METRIC_PREFIX) and not metric.endswith(left_out)
    )
