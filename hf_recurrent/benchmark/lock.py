"""Allow one comparison at a time in a folder: a second one would remove the first one's models."""

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from .places import put_back

__all__ = ["LOCK_FILE", "WORK_PREFIX", "sole_use"]

LOCK_FILE = ".lock"
# Start of the name of the folder that a run works in.
WORK_PREFIX = ".work-"


@contextmanager
def sole_use(folder: Path) -> Iterator[None]:
    """Create a folder and keep other comparisons out of it until the block ends.

    The operating system holds the lock and releases it when the process ends, even if it is
    killed. Unfinished files of a killed process are removed.

    Args:
        folder: The output folder.

    Raises:
        ValueError: If another comparison runs in it.
        OSError: If it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = _locked(folder / LOCK_FILE)
    except OSError as error:
        raise OSError(
            f"The output folder {folder} cannot be written ({error.strerror}): name another one "
            f"by --output."
        ) from error
    if file is None:
        raise ValueError(
            f"Another comparison is at work in {folder}: wait until it has ended, or name another "
            f"folder by --output."
        )
    try:
        for left in folder.glob(f"{WORK_PREFIX}*"):
            put_back(left, folder)
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        _release(folder / LOCK_FILE, file)


def _locked(path: Path) -> BinaryIO | None:
    """Open and lock a file; return ``None`` if another process holds it."""
    while True:
        file = path.open("ab")
        try:
            if not _lock(file):
                file.close()
                return None
            # The process that held it before may have removed the file that was opened here.
            if os.name == "nt" or os.path.samestat(os.fstat(file.fileno()), os.stat(path)):
                return file
        except FileNotFoundError:
            pass
        except BaseException:
            file.close()
            raise
        file.close()


def _release(path: Path, file: BinaryIO) -> None:
    if os.name != "nt":  # Windows does not remove an open file
        path.unlink(missing_ok=True)
    file.close()
    if os.name == "nt":
        with contextlib.suppress(OSError):
            path.unlink()


if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> bool:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(file: BinaryIO) -> bool:
        """Lock a file and return whether it worked; on a disk without locks it always does.

        A lock by ``flock`` belongs to the opened file, which child processes do not inherit.
        """
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            pass
        return True
