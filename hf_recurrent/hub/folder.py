"""What of a saved model's folder may be published: no pickles, no secrets, no machine's paths."""

import re
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

__all__ = ["CheckedFolder", "check_files", "check_folder"]

# Whoever loads a pickle runs what is in it; of a folder by Trainer these are the usual ones.
_PICKLE_NAMES = (
    "training_args.bin",
    "optimizer.*",
    "scheduler.pt",
    "scaler.pt",
    "rng_state*.pth",
    "pytorch_model*.bin",
    "*.pkl",
    "*.pickle",
    "*.joblib",
)
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
    "benchmark_row.json",
    "*.py",
    "*.svg",
    "*.png",
)
_TEXT = (".json", ".jsonl", ".md", ".py", ".txt", ".yaml", ".yml", ".toml", ".cfg", ".csv", ".svg")
_MOST_TEXT = 8 << 20  # a larger file is a vocabulary or data; its head is looked at
_SECRETS = {
    "a token of the Hub": re.compile(r"\bhf_[A-Za-z0-9]{20,}"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "an access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token of a code host": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|glpat-[\w-]{20,})"),
    "a key of an API": re.compile(r"\bsk-[A-Za-z0-9_-]{20,}"),
}
_PATHS = re.compile(
    r"""(?<![\w./:~-])(?:/(?:home|Users|root|mnt|data|work|workspace|scratch|tmp)/[\w.-]+"""
    r"""|[A-Za-z]:\\{1,2}[\w .-]+\\)"""
)
_PICKLE_STARTS = tuple(bytes([0x80, version]) for version in range(2, 6))


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
        if path.suffix in _TEXT:
            found.refused += _private(path, name)
    return found


def _why_left_out(path: Path, name: str) -> str:
    """Says why a file is not published; nothing if it is."""
    for part in name.split("/")[:-1]:
        if any(fnmatch(part, pattern) for pattern in _LEFT_OUT_FOLDERS):
            return f"part of {part}, which belongs to training"
    if path.is_symlink():
        return "a link"
    if path.name.startswith(".") and path.name != ".gitattributes":
        return "a hidden file"
    if any(fnmatch(path.name, pattern) for pattern in _PICKLE_NAMES) or _is_pickle(path):
        return "a pickle: whoever loads it runs what is in it"
    return ""


def _is_pickle(path: Path) -> bool:
    """Tells whether a file is a pickle, or torch's archive of one."""
    with path.open("rb") as file:
        head = file.read(2048)
    if head.startswith(b"PK\x03\x04"):
        return b"data.pkl" in head
    return head.startswith(_PICKLE_STARTS) and path.suffix not in _TEXT


def _private(path: Path, name: str) -> list[str]:
    """Gives a sentence for each secret and each absolute path of a text, without showing it."""
    with path.open("rb") as file:
        text = file.read(_MOST_TEXT).decode("utf-8", errors="replace")
    sentences = []
    for number, line in enumerate(text.split("\n"), 1):
        for kind, pattern in _SECRETS.items():
            if pattern.search(line):
                sentences.append(f"{name}, line {number}: {kind} would be published.")
        # A vocabulary may hold words that look like paths.
        if not name.startswith(("tokenizer.", "vocab.")) and (match := _PATHS.search(line)):
            sentences.append(
                f"{name}, line {number}: {match[0]!r} is a path of a machine, which is no one "
                f"else's business."
            )
    return sentences
