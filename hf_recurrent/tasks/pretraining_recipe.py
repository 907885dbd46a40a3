"""What the recipes of pretraining share: how long they train, and what they tell at the end."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from transformers import TrainingArguments

from .._whole import write_whole
from ..training import MeasuringTrainer, TimeBudget
from .pretraining import write_pretraining


@dataclass
class TimeArguments:
    """How long to train, and on how many threads: options of a recipe."""

    seconds: float = field(default=0.0, metadata={"help": "Time of training; 0 for epochs."})
    cpu_time: bool = field(
        default=False, metadata={"help": "Count seconds of the processor, on a shared machine."}
    )
    evaluations: int = field(
        default=0, metadata={"help": "Evaluations on validation, after equal parts of the time."}
    )
    threads: int = field(default=1, metadata={"help": "Threads of each process on the CPU."})

    def budget(self, arguments: TrainingArguments) -> TimeBudget | None:
        """Return what ends the training by its time; ``None`` where epochs end it.

        The time also sets the learning rate, and no checkpoint is written, as such a run cannot be
        resumed: the arguments of ``Trainer`` are set so.

        Args:
            arguments: The arguments of ``Trainer``, which are changed.
        """
        if not self.seconds:
            return None
        arguments.lr_scheduler_type, arguments.save_strategy = "constant", "no"
        arguments.num_train_epochs = 1000
        clock = time.process_time if self.cpu_time else time.perf_counter
        return TimeBudget(self.seconds, clock=clock, evaluations=self.evaluations)


def report_pretraining(
    trainer: MeasuringTrainer,
    held_out: Mapping[str, Any],
    times: TimeArguments,
    budget: TimeBudget | None,
    *,
    text: str,
    **more: Any,
) -> None:
    """Print what was trained and how good it is, and write it beside the model.

    The figures are in ``test_results.json``; ``pretraining.json`` is what a row of a comparison
    says. Of several processes only the first one does so.

    Args:
        trainer: The trainer, after training, with ``LearningCurve`` among its callbacks.
        held_out: Rows for its ``measure``, by their names in the report.
        times: The options of time.
        budget: What ``times`` gave for this training.
        text: The name of the text.
        **more: Further figures of the report.
    """
    if not trainer.is_world_process_zero():
        return
    state, folder = trainer.state, Path(str(trainer.args.output_dir))
    model: Any = trainer.accelerator.unwrap_model(trainer.model)
    spent = budget.used * budget.seconds if budget else state.log_history[-1]["seconds"]
    seconds, epochs = round(spent, 1), state.epoch or 0.0
    write_pretraining(
        folder,
        text=text,
        seconds=seconds,
        clock="processor" if budget and times.cpu_time else "wall",
        epochs=epochs,
        steps=state.global_step,
        threads=times.threads,
    )
    found = {name: dict(trainer.measure(model, rows)) for name, rows in held_out.items()}
    report = {
        **found,
        **more,
        "parameters": model.num_parameters(),
        "steps": state.global_step,
        "epochs": epochs,
        "seconds": seconds,
    }
    told = json.dumps(report, indent=2)
    write_whole(folder / "test_results.json", told + "\n")
    print(told)
