"""Allow one comparison at a time in a folder: a second one would remove the first one's models."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from .places import put_back

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
    lock = FileLock(folder / LOCK_FILE)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise ValueError(
            f"Another comparison is at work in {folder}: wait until it has ended, or name another "
            f"folder by --output."
        ) from None
    except OSError as error:
        raise OSError(
            f"The output folder {folder} cannot be written ({error.strerror}): name another one "
            f"by --output."
        ) from error
    try:
        for left in folder.glob(f"{WORK_PREFIX}*"):
            put_back(left, folder)
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        with suppress(OSError):  # Windows does not remove a file that is open
            (folder / LOCK_FILE).unlink()
        lock.release()
