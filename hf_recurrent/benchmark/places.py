"""Put saved models in place; an old one is removed only after the new one is there."""

import os
import shutil
from pathlib import Path

from .._whole import exchange

_REPLACED = "replaced-"


def put_in_place(model: Path, place: Path, work: Path) -> None:
    """Move the folder of a model to its place and remove the old folder there.

    Args:
        model: The new folder.
        place: The new place.
        work: A folder beside it that holds the old model until the new one is there. An error or
            Ctrl-C moves the old one back; after a kill, ``put_back`` does.

    Raises:
        OSError: If it cannot be moved.
    """
    old = work / f"{_REPLACED}{place.name}"
    exchange(model, place, old)
    shutil.rmtree(old, ignore_errors=True)


def put_back(work: Path, output: Path) -> None:
    """Move an old model back if nothing took its place."""
    for old in work.glob(f"{_REPLACED}*"):
        place = output / old.name.removeprefix(_REPLACED)
        if not os.path.lexists(place):
            os.replace(old, place)
