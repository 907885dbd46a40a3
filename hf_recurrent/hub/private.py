"""Secrets, and paths of a machine, in what is to be published."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["private_parts"]

_SECRETS = {
    "a token of the Hub": rb"\bhf_[A-Za-z0-9]{20,}",
    "a private key": rb"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----",
    "an access key": rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of a code host": rb"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{20,}"
    rb"|glpat-[\w-]{20,})",
    "a key of an API": rb"\b(?:sk-[A-Za-z0-9_-]{20,}|AIza[\w-]{30,}|xox[abprs]-[\w-]{10,})",
}
_ALL_SECRETS = [(kind, re.compile(pattern)) for kind, pattern in _SECRETS.items()]
_ROOTS = (
    rb"home|Users|root|mnt|data|work|workspace|scratch|tmp|opt|srv|var|media|Volumes|nfs|kaggle"
    rb"|content/drive"
)
_PATHS = re.compile(
    rb"(?<![\w./:~-])/(?:" + _ROOTS + rb")/[\w.-]+"
    rb"|\bfile://+[\w.:/-]+"
    rb"|(?<!\w)[A-Za-z]:(?:\\{1,2}|/(?!/))[\w .-]+[\\/]"
)
# A vocabulary may hold words that look like paths.
_VOCABULARIES = ("tokenizer.", "vocab.")
_BLOCK = 4 << 20
_OVERLAP = 1024  # longer than what is looked for
_SHOWN = 80


def private_parts(path: Path, name: str) -> list[str]:
    """Gives a sentence for each secret and each absolute path in a file; no secret is shown.

    Texts, whatever they are called, are read to their end; of weights their header is read, of
    other files all, for secrets.

    Args:
        path: The file.
        name: What to call it.

    Raises:
        OSError: If it cannot be read.
    """
    with path.open("rb") as file:
        is_text = b"\0" not in file.read(8192)
    if path.suffix == ".safetensors":
        return _found(_header(path), name, with_paths=True, numbered=False)
    with_paths = is_text and not path.name.startswith(_VOCABULARIES)
    return _found(_blocks(path), name, with_paths=with_paths, numbered=is_text)


def _found(
    blocks: Iterator[tuple[int, bytes]], name: str, *, with_paths: bool, numbered: bool
) -> list[str]:
    """Looks through blocks, each with the number of its first line; they overlap."""
    found: dict[str, None] = {}
    home = Path.home()
    patterns = [_PATHS]
    if len(home.parts) > 2:  # a root alone stands in too many texts
        patterns.append(re.compile(re.escape(str(home).encode()) + rb"(?![\w-])"))
    for first, block in blocks:

        def place(start: int, block: bytes = block, first: int = first) -> str:
            line = first + block.count(b"\n", 0, start)
            return f"{name}, line {line}" if numbered else name

        for kind, pattern in _ALL_SECRETS:
            for match in pattern.finditer(block):
                found[f"{place(match.start())}: {kind} would be published."] = None
        if with_paths:
            for pattern in patterns:
                for match in pattern.finditer(block):
                    shown = match[0][:_SHOWN].decode("utf-8", "replace")
                    found[
                        f"{place(match.start())}: {shown!r} is a path of a machine, which is no "
                        f"one else's business."
                    ] = None
    return list(found)


def _blocks(path: Path) -> Iterator[tuple[int, bytes]]:
    """Reads a file in blocks that overlap, so that nothing is cut apart unseen."""
    line, kept = 1, b""
    with path.open("rb") as file:
        while new := file.read(_BLOCK):
            block = kept + new
            yield line, block
            kept = block[-_OVERLAP:]
            line += block.count(b"\n", 0, len(block) - len(kept))


def _header(path: Path) -> Iterator[tuple[int, bytes]]:
    """Gives what a file of weights tells of itself; a damaged header tells nothing."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if size > path.stat().st_size - 8:
            return
        try:
            told = json.loads(file.read(size))["__metadata__"]
        except (ValueError, KeyError, TypeError):
            return
    yield 1, json.dumps(told, ensure_ascii=False).encode()
