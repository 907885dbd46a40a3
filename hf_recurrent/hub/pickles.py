"""Find files that are pickles or hold one: loading such a file runs the code in it."""

import bz2
import gzip
import lzma
import pickletools
import re
import zipfile
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, BinaryIO

# The usual ones in a folder that Trainer wrote.
PICKLE_NAMES = (
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
_PICKLE = "a pickle: whoever loads it runs what is in it"
_ARCHIVE = "an archive, which is not looked into"
_HEAD = 4096
_STARTS = tuple(bytes([0x80, version]) for version in range(2, 6))
_COMPRESSED: dict[bytes, Callable[..., Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}
_TAR = (257, b"ustar")
_OBJECTS = re.compile(rb"'\|?O'")  # numpy's type of pickled entries, also within a record
# A damaged file of these kinds is no pickle; other checks find the damage.
_DAMAGED = (EOFError, OSError, ValueError, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError)


def why_no_plain_data(path: Path) -> str:
    """Return why a file must not be published as data, or an empty text if it is plain data.

    Zip archives and compressed files are opened; other archives are refused unopened.

    Raises:
        OSError: If it cannot be read.
    """
    if any(fnmatch(path.name, pattern) for pattern in PICKLE_NAMES):
        return _PICKLE
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if _in_clear(head) or _runs_by_old_protocol(file):
            return _PICKLE
    if head.startswith(b"PK\x03\x04"):
        return _of_zip(path)
    for magic, open_compressed in _COMPRESSED.items():
        if head.startswith(magic):
            try:
                with open_compressed(path) as file:
                    head = file.read(_HEAD)
            except _DAMAGED:
                return _ARCHIVE
            if _in_clear(head):
                return _PICKLE
    start, magic = _TAR
    return _ARCHIVE if head[start : start + len(magic)] == magic else ""


def _in_clear(head: bytes) -> bool:
    """Return whether the first bytes are of a pickle, or of a numpy array of pickled objects."""
    if head.startswith(b"\x93NUMPY"):
        return _OBJECTS.search(head.split(b"}")[0]) is not None
    return head.startswith(_STARTS)


def _runs_by_old_protocol(file: BinaryIO) -> bool:
    """Return whether a file is a pickle of protocol 0 or 1, which have no mark, with calls.

    The whole file must parse as a pickle and name something to call. A pickle of plain numbers and
    texts calls nothing, and looks like a text.
    """
    file.seek(0)
    calls = False
    try:
        for opcode, named, _ in pickletools.genops(file):
            if opcode.name in ("GLOBAL", "INST"):
                module, _, name = str(named).partition(" ")
                calls = calls or (module.replace(".", "_").isidentifier() and name.isidentifier())
    except Exception:  # files that are no pickles raise errors of many kinds
        return False
    return calls


def _of_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                with archive.open(name) as member:
                    head = member.read(_HEAD)
                named = any(fnmatch(name.split("/")[-1], pattern) for pattern in PICKLE_NAMES)
                if named or _in_clear(head):
                    return _PICKLE
    except (*_DAMAGED, RuntimeError):  # RuntimeError: a member has a password
        return _ARCHIVE
    return ""
