"""The places of the models that are kept: an old one goes only when a new one is there."""

import os
import shutil
from pathlib import Path

__all__ = ["put_back", "put_in_place"]

_REPLACED = "replaced-"


def put_in_place(model: Path, place: Path, work: Path) -> None:
    """Move the folder of a model to its place, and remove the one that lies there.

    Args:
        model: The new folder.
        place: Where it goes.
        work: A folder beside, in which the old one waits until the new one is there. After an
            error or Ctrl-C it is back; after a kill, ``put_back`` brings it back.

    Raises:
        OSError: If it cannot be moved.
    """
    old = work / f"{_REPLACED}{place.name}"
    try:
        if os.path.lexists(place):
            os.replace(place, old)
        os.replace(model, place)
    except BaseException:
        put_back(work, place.parent)
        raise
    shutil.rmtree(old, ignore_errors=True)


def put_back(work: Path, output: Path) -> None:
    """Move what was replaced, and by nothing, back to its place."""
    for old in work.glob(f"{_REPLACED}*"):
        place = output / old.name.removeprefix(_REPLACED)
        if not os.path.lexists(place):
            os.replace(old, place)
