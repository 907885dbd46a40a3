"""What of a saved model's folder may be published: no pickles, no secrets, no machine's paths."""

from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from .pickles import why_no_plain_data
from .private import private_parts

__all__ = ["CheckedFolder", "check_files", "check_folder"]

_LEFT_OUT_FOLDERS = ("checkpoint-*", "runs", "__pycache__", ".git", ".cache", ".ipynb_checkpoints")
_KNOWN = (
    "README.md",
    "LICENSE*",
    "config.json",
    "generation_config.json",
    "model*.safetensors",
    "model.safetensors.index.json",
    "tokenizer*.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.*",
    "preprocessor_config.json",
    "modules.json",
    "config_sentence_transformers.json",
    "sentence_bert_config.json",
    "trainer_state.json",
    "*_results.json",
    "training_record.json",
    "training.json",
    "*.py",
    "*.svg",
    "*.png",
)
# Written for the user's own eyes.
_KEPT_BACK = {"benchmark_row.json": "one run's figures, with texts of its data"}
_SHOWN_HIDDEN = (".gitattributes", ".eval_results")


@dataclass
class CheckedFolder:
    """What was found in a folder.

    Attributes:
        folder: The folder.
        files: Relative paths of what is to be published.
        left_out: Relative paths of what is not, each with the reason.
        unknown: Those of `files` that are no part of a model that this package knows.
        refused: Sentences, each a reason not to publish at all.
    """

    folder: Path
    files: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def check_folder(folder: Path) -> CheckedFolder:
    """Looks through the folder of a saved model.

    Args:
        folder: The folder, as `save_pretrained` leaves it.

    Raises:
        OSError: If it is no folder, holds no `config.json`, or cannot be read.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no folder.")
    if not (folder / "config.json").is_file():
        raise FileNotFoundError(f"{folder} holds no config.json, so it is no model.")
    return check_files(folder)


def check_files(folder: Path) -> CheckedFolder:
    """Looks through a folder of whatever is to be published.

    Raises:
        OSError: If a file cannot be read.
    """
    found = CheckedFolder(folder)
    for path in sorted(folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            continue
        name = path.relative_to(folder).as_posix()
        reason = _why_left_out(path, name)
        if reason:
            found.left_out[name] = reason
            continue
        found.files.append(name)
        if not any(fnmatch(path.name, pattern) for pattern in _KNOWN):
            found.unknown.append(name)
        found.refused += private_parts(path, name)
    return found


def _why_left_out(path: Path, name: str) -> str:
    """Says why a file is not published; nothing if it is."""
    *folders, own = name.split("/")
    for part in folders:
        if any(fnmatch(part, pattern) for pattern in _LEFT_OUT_FOLDERS):
            return f"part of {part}, which belongs to training"
    if path.is_symlink():
        return "a link"
    if any(part.startswith(".") and part not in _SHOWN_HIDDEN for part in (*folders, own)):
        return "hidden"
    return _KEPT_BACK.get(own) or why_no_plain_data(path)
