"""What a folder says of its own pretraining: on what text, and for how long."""

import json
import os
from pathlib import Path
from typing import Any

from .._whole import write_whole
from .._wording import counted

PRETRAINING_FILE = "pretraining.json"


def write_pretraining(
    folder: str | os.PathLike[str],
    *,
    text: str,
    seconds: float,
    clock: str,
    epochs: float,
    steps: int,
    threads: int,
) -> None:
    """Write beside a pretrained model on what and how long it was trained.

    Args:
        folder: The folder of the model.
        text: The name of the text; of a file its last part.
        seconds: The time of training.
        clock: "processor" or "wall".
        epochs: How often the text was read.
        steps: The number of steps.
        threads: The number of threads.
    """
    told: dict[str, Any] = {"text": Path(text).name or text, "seconds": round(seconds, 1)}
    told |= {"clock": clock, "epochs": round(epochs, 3), "steps": steps, "threads": threads}
    write_whole(Path(folder) / PRETRAINING_FILE, json.dumps(told, indent=2) + "\n")


def pretraining_text(folder: str | os.PathLike[str]) -> str | None:
    """Return on what and how long a model was pretrained, in words; ``None`` if nothing says it.

    Example:
        "pretrained on wikitext-2 for 720 s of one processor thread, 1.3 epochs"
    """
    path = Path(folder) / PRETRAINING_FILE
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        clock = {"processor": "of processor time", "wall": "by the clock"}[told["clock"]]
        threads = counted(int(told["threads"]), "thread")
        return (
            f"pretrained on {told['text']} for {float(told['seconds']):.0f} s {clock} with "
            f"{threads}, {float(told['epochs']):.2g} epochs"
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ValueError(
            f"{path} does not say what pretraining it was: expected the file that the recipes of "
            "pretraining write."
        ) from error
