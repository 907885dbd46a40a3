"""Name the best model of a comparison and the commands that use it."""

import shlex
from pathlib import Path

from ..tasks.base import Task
from .command_line import program
from .outcome import Outcome


def best_name(outcome: Outcome) -> str:
    """Return which model is the best by validation, of a comparison that has one."""
    best = outcome.best
    assert best is not None
    job, value = best.row["job"], best.row["result"]["validation"]
    name = " ".join(filter(None, (job["model"], job["embedding"]))) + f", seed {job['seed']}"
    figure = outcome.prepared.task.chooser.with_unit(value)
    earlier = ", of an earlier comparison on the same data" if best.is_earlier else ""
    return f"Best of the {best.family} by validation ({figure}): {name}{earlier}"


def has_tokenizer(folder: Path) -> bool:
    """Check whether a model was saved with a tokenizer."""
    return (folder / "tokenizer_config.json").is_file()


def next_steps(task: Task, folder: Path) -> list[tuple[str, str]]:
    """Return what to do with a model: a few words, and the command for the user's shell."""
    path = shlex.quote(f"./{folder}" if str(folder).startswith("-") else str(folder))
    steps = [("Try it", f"{program()} predict {path} {_typed(task.typed)}")]
    if task.on_page:
        steps.append(("See it in a page", f"{program()} app {path}"))
    publish = f"{program()} publish {path} OWNER/NAME --dry-run"
    return [*steps, ("Look at what would go to the Hub", publish)]


def _typed(text: str) -> str:
    """Return a text as a user types it into a shell, after the other arguments."""
    quoted = shlex.quote(text) if set(text) & {*'"$`!\\'} else f'"{text}"'
    return f"-- {quoted}" if text.startswith("-") else quoted
