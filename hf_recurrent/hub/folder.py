"""Which files of a model folder may be published: known kinds, no pickles, no secrets."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from .pickles import why_no_plain_data
from .private import private_parts
from .terms import check_may_leave

_LEFT_OUT_FOLDERS = ("checkpoint-*", "runs", "__pycache__", ".git", ".cache", ".ipynb_checkpoints")
# What our savers, transformers and sentence-transformers write, and what people often add.
_TEXTS = (
    *("*.json", "*.jsonl", "*.txt", "*.md", "*.yaml", "*.yml", "*.csv", "*.tsv", "*.bib", "*.cff"),
    *("*.jinja", "*.vec", "*.svg", "LICENSE", "LICENCE", "NOTICE", ".gitattributes"),
)
_STARTS = {
    "*.png": b"\x89PNG\r\n\x1a\n",
    "*.npy": b"\x93NUMPY",
    "counts.npz": b"PK\x03\x04",
    "*.safetensors": b"",
    "vectors.bin": b"",
    "tokenizer.model": b"",
    "spiece.model": b"",
    "sentencepiece.bpe.model": b"",
}
_UNKNOWN = "no kind of file that a model is known to need: --include names it"
_IMPORT = re.compile(r"^\s*from\s+\.(\w+)\s+import", re.MULTILINE)
# Files that are only for the user.
_KEPT_BACK = {
    "benchmark_row.json": "one run's figures, with texts of its data",
    "run_settings.json": "what a recipe goes on with, with folders of this machine",
}
_SHOWN_HIDDEN = (".gitattributes", ".eval_results")
_BLOCK = 1 << 20


@dataclass
class CheckedFolder:
    """What was found in a folder.

    Attributes:
        folder: The folder.
        files: Relative paths of the files to publish.
        digests: SHA-256 of each of ``files``, taken before the file was searched.
        left_out: Relative paths of the other files, each with the reason.
        refused: Sentences, each a reason to publish nothing.
        accepted: Sentences that would be reasons too, but that the user has accepted.
    """

    folder: Path
    files: list[str] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)


def check_folder(
    folder: Path, include: Sequence[str] = (), accept: Sequence[str] = ()
) -> CheckedFolder:
    """Check which files of a saved model may be published.

    Args:
        folder: The folder, as ``save_pretrained`` writes it.
        include: As in ``check_files``.
        accept: As in ``check_files``.

    Raises:
        OSError: If it is not a folder, holds no ``config.json``, or cannot be read.
        ValueError: As in ``check_files``.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no folder.")
    if not (folder / "config.json").is_file():
        raise FileNotFoundError(f"{folder} holds no config.json, so it is no model.")
    return check_files(folder, include, accept)


def check_files(
    folder: Path, include: Sequence[str] = (), accept: Sequence[str] = ()
) -> CheckedFolder:
    """Check which files of any folder may be published.

    Args:
        folder: The folder.
        include: Names or patterns of files to publish although their kind is not known. Pickles,
            links and hidden files are still left out.
        accept: Places of false alarms, to publish although they look like a secret or a path of a
            machine: ``FILE:LINE``, or ``FILE`` for everything found in a file. Patterns are not
            allowed, because the user should read each place first.

    Raises:
        OSError: If a file cannot be read.
        ValueError: If a name in ``include`` matches no file, or nothing was found at a place in
            ``accept``, or it is a model of data that may not be passed on (``terms.py``).
    """
    check_may_leave(folder)
    found = CheckedFolder(folder)
    code = _code_files(folder)
    unused, unfound = set(include), set(accept)
    for path in sorted(folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            continue
        name = path.relative_to(folder).as_posix()
        named = {each for each in include if fnmatch(name, each) or fnmatch(path.name, each)}
        unused -= named
        reason = _why_left_out(path, name)
        if not reason and not named and name not in code and not _is_known(path):
            reason = _UNKNOWN
        if reason:
            found.left_out[name] = reason
            continue
        found.files.append(name)
        found.digests[name] = file_digest(path)
        for sentence in private_parts(path, name):
            places = {name, _place(sentence, name)}
            unfound -= places
            (found.refused if places.isdisjoint(accept) else found.accepted).append(sentence)
    if unused:
        raise ValueError(f"--include names {sorted(unused)[0]!r}, and {folder} has no such file.")
    if unfound:
        raise ValueError(
            f"--accept names {sorted(unfound)[0]!r}, where nothing of {folder} was found that had "
            f"to be accepted: expected FILE or FILE:LINE as they were told."
        )
    return found


def _place(sentence: str, name: str) -> str:
    """Return the place that a sentence about a file begins with, as ``FILE:LINE`` or ``FILE``."""
    line = re.match(rf"{re.escape(name)}, line (\d+): ", sentence)
    return f"{name}:{line[1]}" if line else name


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, as hexadecimal digits.

    Raises:
        OSError: If it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _why_left_out(path: Path, name: str) -> str:
    """Return the reason why a file is not published, or an empty text."""
    *folders, own = name.split("/")
    for part in folders:
        if any(fnmatch(part, pattern) for pattern in _LEFT_OUT_FOLDERS):
            return f"part of {part}, which belongs to training"
    if path.is_symlink():
        return "a link"
    if any(part.startswith(".") and part not in _SHOWN_HIDDEN for part in (*folders, own)):
        return "hidden"
    return _KEPT_BACK.get(own) or why_no_plain_data(path)


def _is_known(path: Path) -> bool:
    """Return whether name and first bytes of a file are those of a known kind."""
    for pattern, start in _STARTS.items():
        if fnmatch(path.name, pattern):
            with path.open("rb") as file:
                return file.read(len(start)) == start
    return any(fnmatch(path.name, pattern) for pattern in _TEXTS) and _is_text(path)


def _is_text(path: Path) -> bool:
    """Return whether a file is text: it has no zero byte, or it is marked as UTF-16."""
    with path.open("rb") as file:
        block = file.read(_BLOCK)
        if block.startswith((b"\xff\xfe", b"\xfe\xff")):
            return True
        while block:
            if b"\0" in block:
                return False
            block = file.read(_BLOCK)
    return True


def _code_files(folder: Path) -> set[str]:
    """Return the code files of a model: those named in ``auto_map``, and what they import."""
    queue = [
        module
        for config in (
            *("config", "tokenizer_config", "processor_config"),
            *("preprocessor_config", "video_preprocessor_config"),
        )
        for module in _mapped(folder / f"{config}.json")
    ]
    found: set[str] = set()
    while queue:
        name = f"{queue.pop()}.py"
        if name not in found and (folder / name).is_file():
            found.add(name)
            text = (folder / name).read_text(encoding="utf-8", errors="replace")
            queue += _IMPORT.findall(text)
    return found


def _mapped(config: Path) -> Iterator[str]:
    """Yield the modules in a configuration's ``auto_map``; none if it is damaged."""
    try:
        classes = json.loads(config.read_text(encoding="utf-8"))["auto_map"].values()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return
    for each in classes:
        for name in each if isinstance(each, list) else [each]:
            if isinstance(name, str):
                yield name.rpartition("--")[2].split(".")[0]
