"""Data sets of the Hub with a column of files: sound or clips, kept as files of a cache."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import datasets

from .._whole import write_whole
from .sources import HubSource, load_hub_rows
from .tables import Loaded

_FOLDER = "hf-recurrent-files"
# The column of the name that a file had.
FILE = "file"


def load_hub_files(
    hub: HubSource,
    names: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    *,
    column: str,
    what: str,
) -> Loaded:
    """Load the rows of a data set of the Hub, with the path of a file in one column.

    The bytes of a file are kept as they are, under their digest, beside the data sets that the
    library ``datasets`` keeps; no decoder is needed. The column "file" has the name that a
    file had.

    Args:
        hub: Its place on the Hub, and its columns.
        names: See ``load_hub_rows``.
        column: The column of the rows that has files: sound or videos of ``datasets``, or paths.
        what: What a file is, for messages, such as "recording".

    Raises:
        ValueError: If a column is missing or of a wrong type; or if a file is none, or is not here.
        OSError: If the data set cannot be loaded.
    """
    cache = Path(datasets.config.HF_DATASETS_CACHE) / _FOLDER
    cache.mkdir(parents=True, exist_ok=True)

    called: dict[str, str] = {}  # files of equal bytes are one

    def kept(value: Any) -> str:
        content = value.get("bytes") if isinstance(value, dict) else value
        path = value.get("path") if isinstance(value, dict) else value
        if isinstance(content, bytes):
            file = cache / hashlib.sha256(content).hexdigest()
            if not file.exists():
                write_whole(file, content)
            called.setdefault(str(file), path if isinstance(path, str) else "")
            return str(file)
        if not isinstance(path, str) or not path:
            raise ValueError(
                f"'{hub.id}' has a {what} that is no file, {type(value).__name__}: expected its "
                "bytes or its path."
            )
        if not Path(path.partition("::")[0]).is_file():
            raise ValueError(
                f"'{hub.id}' names the {what} '{path}', which is no file here: download it, and "
                "name its folder."
            )
        return path

    loaded = load_hub_rows(replace(hub, convert={column: kept}), names, undecoded=True)
    for rows in loaded.splits.values():
        for row in rows:
            row[FILE] = called.get(row[column], row[column])
    return loaded
