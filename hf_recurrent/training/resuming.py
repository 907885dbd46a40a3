"""Resuming of an interrupted run, only with the settings with which it was started."""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from transformers import Trainer, TrainerState
from transformers.trainer import TRAINER_STATE_NAME
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR, SaveStrategy, get_last_checkpoint

SETTINGS_FILE = "run_settings.json"
RESULTS_FILE = "test_results.json"
# They may differ between two starts of one run.
_FREE = ("output_dir", "local_rank")


class StoppedUnsaved(KeyboardInterrupt):
    """A run was stopped that keeps no checkpoints."""


def checkpoint_to_resume(
    output_dir: str | os.PathLike[str], settings: Mapping[str, Any]
) -> str | None:
    """Return the last checkpoint of a folder; ``None`` if there is none yet.

    If there is none, the settings are written into the folder, and the next call compares them: a
    run with one learning rate in its first half and another in its second has no useful result. The
    results of a run that kept no checkpoint are not replaced by those of other settings either.

    Args:
        output_dir: Folder of the checkpoints; made if it is missing.
        settings: Everything that the result depends on, as values for JSON.

    Raises:
        ValueError: If the checkpoint, or ``test_results.json``, is of a run with other or unknown
            settings.
        OSError: If the folder cannot be written.
    """
    folder = Path(output_dir)
    wanted = {k: v for k, v in json.loads(json.dumps(settings)).items() if k not in _FREE}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        checkpoint = get_last_checkpoint(str(folder))
        if checkpoint is None and not (folder / RESULTS_FILE).exists():
            (folder / SETTINGS_FILE).write_text(json.dumps(wanted, indent=1), encoding="utf-8")
            return None
    except OSError as error:
        raise OSError(
            f"The output folder {folder} cannot be written ({error.strerror}): name another one."
        ) from error
    kept = "results" if checkpoint is None else "checkpoint"
    found = _read(folder / SETTINGS_FILE, kept)
    for name in sorted({*wanted, *found}):
        if found.get(name) != wanted.get(name):
            raise ValueError(
                f"{folder} holds the {kept} of a run with {name} {found.get(name)!r}, which "
                f"cannot go on with {wanted.get(name)!r}: name another output folder, or remove "
                f"that one."
            )
    return checkpoint


def checkpoints(output_dir: str) -> list[Path]:
    """Return the checkpoints of a folder, the last one at the end."""
    found = Path(output_dir).glob(f"{PREFIX_CHECKPOINT_DIR}-*")
    numbered = [path for path in found if path.is_dir() and path.name.rpartition("-")[2].isdigit()]
    return sorted(numbered, key=lambda path: int(path.name.rpartition("-")[2]))


def is_finite_checkpoint(checkpoint: Path) -> bool:
    """Check whether a checkpoint has weights, and only finite ones."""
    files = [*checkpoint.glob("*.safetensors")]
    try:
        for file in files:
            with safe_open(file, "pt") as weights:
                for name in weights.keys():  # noqa: SIM118 - it is no dictionary
                    if not bool(weights.get_tensor(name).isfinite().all()):
                        return False
    except (OSError, SafetensorError):
        return False
    return bool(files)


def train_or_resume(trainer: Trainer, checkpoint: str | None) -> None:
    """Train, or go on from a checkpoint; after its last step a run is only brought to its end.

    ``Trainer`` itself takes one more step where a run has ended by ``max_steps`` within an epoch,
    and one more epoch where a callback has ended it, as early stopping does. So what was stopped
    while it was judged would give another model.

    Args:
        trainer: The trainer.
        checkpoint: From ``checkpoint_to_resume``, a checkpoint of the same settings.

    Raises:
        StoppedUnsaved: If Ctrl-C stops a run that keeps no checkpoints.
    """
    ended = None if checkpoint is None else _state_of_ended(checkpoint)
    if ended is None:
        try:
            trainer.train(resume_from_checkpoint=checkpoint)
        except KeyboardInterrupt as error:
            if trainer.args.save_strategy == SaveStrategy.NO:
                raise StoppedUnsaved from error
            raise
        return
    arguments = trainer.args
    given = (arguments.max_steps, arguments.num_train_epochs)
    # Just as many epochs as were begun and ended, so that no epoch is left.
    arguments.max_steps, arguments.num_train_epochs = -1, math.floor(ended.epoch or 0)
    try:
        trainer.train(resume_from_checkpoint=checkpoint)
    finally:
        arguments.max_steps, arguments.num_train_epochs = given
    trainer.state.max_steps = ended.max_steps
    trainer.state.num_train_epochs = ended.num_train_epochs


def _state_of_ended(checkpoint: str) -> TrainerState | None:
    """Return the state of a checkpoint after which training was to stop, else ``None``."""
    path = Path(checkpoint, TRAINER_STATE_NAME)
    if not path.exists():  # Trainer says what is missing
        return None
    state = TrainerState.load_from_json(str(path))
    control = state.stateful_callbacks.get("TrainerControl", {}).get("args", {})
    return state if control.get("should_training_stop") else None


def _read(path: Path, kept: str) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {**found}
    except (OSError, ValueError, TypeError) as error:
        raise ValueError(
            f"{path.parent} holds the {kept} of a run, but no {path.name} says of which run: name "
            f"another output folder, or remove that one."
        ) from error
