"""Files are written whole or not at all: into a temporary place beside, and then renamed."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

__all__ = ["move_files", "whole_file", "whole_files", "whole_folder", "write_whole"]


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Opens a file that takes its name only once the block has ended well.

    After an error or Ctrl-C what stood there before still stands there, and nothing else is left.

    Raises:
        OSError: If `path` is a folder, or the file cannot be written, with its name, as when the
            disk is full.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{path}: this is a folder, and the format is a file.")
    with _naming(path):
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w+b") as file:
                yield file
            _share(temporary, path)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes | str) -> None:
    """Writes a file, text as UTF-8, whole or not at all.

    Raises:
        OSError: As `whole_file`.
    """
    with whole_file(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Gives a new folder whose files move to `path` only once the block has ended well.

    A folder that stands there already keeps the files that have other names.

    Raises:
        OSError: If `path` is a file, or a file cannot be written.
    """
    if path.exists() and not path.is_dir():
        raise NotADirectoryError(f"{path}: this is a file, and the format is a folder.")
    with _beside(path) as staged:
        yield staged
        if not path.exists():
            staged.chmod(0o777 & ~_umask())
            staged.rename(path)
        else:
            move_files(staged, path)


def move_files(source: Path, target: Path) -> None:
    """Moves the files of a folder and of its folders into another, in place of old ones."""
    for file in sorted(source.rglob("*")):
        place = target / file.relative_to(source)
        if file.is_dir():
            place.mkdir(exist_ok=True)
        else:
            file.replace(place)


@contextmanager
def whole_files(path: Path) -> Iterator[Path]:
    """Gives a place of the same name in a new folder; it and its side files then move to `path`."""
    if path.is_dir():
        raise IsADirectoryError(f"{path}: this is a folder, and the format is a file.")
    with _beside(path) as staged:
        yield staged / path.name
        for file in staged.iterdir():
            _share(file, path.parent / file.name)
        move_files(staged, path.parent)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    with _naming(path):
        staged = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        try:
            yield staged
        finally:
            shutil.rmtree(staged, ignore_errors=True)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Puts the name that the user knows into an error of the system."""
    try:
        yield
    except OSError as error:
        other = error.filename is not None and f".{path.name}." not in str(error.filename)
        if error.errno is None or other:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def _share(file: Path, target: Path) -> None:
    """Gives a temporary file, which only its owner reads, the rights of its target."""
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    file.chmod(mode)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
