"""What floors have in common: they have no parameters, and one file tells what they are."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from .fitted import Fitted
from .model_rows import Work


def save_floor(folder: Path, **told: Any) -> None:
    """Write what a floor is into a folder."""
    (folder / "floor.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def floor(
    work: Work,
    name: str,
    predict: Callable[[Sequence[Any]], Sequence[Any]],
    note: str = "",
    **told: Any,
) -> Fitted:
    """Return a method that learns no parameters, judged on validation.

    Args:
        work: Its job.
        name: What it does.
        predict: Returns the predictions for one batch of inputs.
        note: A note for the reader of its row.
        **told: What its folder tells of it, beside its task, its name and the training rows.
    """
    told = {"task": work.task.id, "floor": name, "rows": len(work.data["train"]), **told}
    return Fitted(
        predict=predict,
        save=partial(save_floor, **told),
        validation=work.score(predict),
        parameters=0,
        trainable_parameters=0,
        training_seconds=0.0,
        training_rate=0.0,
        truncation="not cut",
        note=note,
    )
