"""Write files whole or not at all: into a temporary folder beside them, then renamed."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that gets its name only after a block without errors.

    After an error or Ctrl-C the old file is still there, and nothing else is left. A file that is
    replaced passes its permissions on to the new one.

    Raises:
        OSError: If ``path`` is a folder, or if the file cannot be written, for example because the
            disk is full. The error names ``path``.
    """
    with whole_files(path) as staged, staged.open("w+b") as file:
        yield file


def write_whole(path: Path, content: bytes | str) -> None:
    """Write a file, text as UTF-8, whole or not at all.

    Raises:
        OSError: As for ``whole_file``.
    """
    with whole_file(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def whole_folder(path: Path, replace: bool = False) -> Iterator[Path]:
    """Yield a new folder whose files move to ``path`` only after a block without errors.

    Args:
        path: The folder to make.
        replace: Whether the new folder replaces one that exists already with all its files. If not,
            the old one keeps the files that have other names.

    Raises:
        OSError: If ``path`` is a file, or a file cannot be written.
    """
    if path.exists() and not path.is_dir():
        raise NotADirectoryError(f"{path}: this is a file, and the format is a folder.")
    with _beside(path) as staged:
        staged.mkdir()
        yield staged
        _share(staged, path)
        if replace or not path.exists():
            exchange(staged, path, staged.with_name(f"{path.name}.old"))
        else:
            _move_files(staged, path)


def exchange(new: Path, place: Path, old: Path) -> None:
    """Move a folder to its place, and the folder there to ``old``.

    After an error or Ctrl-C the old folder is back in its place.

    Raises:
        OSError: If a folder cannot be moved.
    """
    try:
        if os.path.lexists(place):
            os.replace(place, old)
        os.replace(new, place)
    except BaseException:
        if os.path.lexists(old) and not os.path.lexists(place):
            os.replace(old, place)
        raise


def _move_files(source: Path, target: Path) -> None:
    """Move the files of a folder and of its subfolders into another, replacing old ones."""
    for file in sorted(source.rglob("*")):
        place = target / file.relative_to(source)
        if file.is_dir():
            place.mkdir(exist_ok=True)
        else:
            file.replace(place)


@contextmanager
def whole_files(path: Path) -> Iterator[Path]:
    """Yield a path of the same name in a new folder; it and its side files then move to ``path``.

    Raises:
        OSError: If ``path`` is a folder, or a file cannot be written.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{path}: this is a folder, and the format is a file.")
    with _beside(path) as staged:
        yield staged
        _share(staged.parent, path.parent)
        _move_files(staged.parent, path.parent)


def _share(made: Path, target: Path | None = None) -> None:
    """Set the permissions that any other new file has.

    Some libraries, such as safetensors, write files that only their owner can read, whatever the
    umask.

    Args:
        made: A file, or a folder with all its files.
        target: Where it goes; a file that is already there passes its permissions on.
    """
    if made.is_dir():
        files = [file for file in made.rglob("*") if file.is_file() and not file.is_symlink()]
    else:
        files = [made]
    for file in files:
        replaced = None if target is None else target / file.relative_to(made)
        old = replaced is not None and replaced.is_file()
        like = replaced if old and replaced is not None else _new_file(file.parent)
        try:
            file.chmod(like.stat().st_mode & 0o777)
        finally:
            if not old:
                like.unlink()


def _new_file(folder: Path) -> Path:
    """Make an empty file, which has the permissions that the umask leaves to a new file.

    The umask can only be read by setting it, for all threads.
    """
    path = folder / f".rights-{secrets.token_hex(8)}"
    path.touch(exist_ok=False)
    return path


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Yield a path of the same name in a new folder beside it, which is removed at the end."""
    with _naming(path):
        private = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        try:
            yield private / path.name
        finally:
            shutil.rmtree(private, ignore_errors=True)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Put the path that the user knows into an error of the system."""
    try:
        yield
    except OSError as error:
        other = error.filename is not None and f".{path.name}." not in str(error.filename)
        if error.errno is None or other:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
