"""Get the small files that describe a model, from a folder or a repository."""

import os
from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
)

from .upload import reason


def small_files(
    model: str | os.PathLike[str], names: Sequence[str], revision: str | None = None
) -> Path:
    """Return a folder that holds some files of a model, if the model has them.

    Args:
        model: A folder, which is returned itself, or a repository on the Hub.
        names: Names of the files to download from a repository.
        revision: Branch, tag or commit of the repository.

    Raises:
        OSError: If there is no such model, or it has no ``config.json``.
    """
    folder = Path(model)
    if not folder.is_dir():
        try:
            folder = Path(snapshot_download(str(model), revision=revision, allow_patterns=[*names]))
        except LocalEntryNotFoundError as error:
            raise OSError(
                f"{model} is no folder here and not in the cache, and the Hub cannot be reached."
            ) from error
        except (HfHubHTTPError, HFValidationError) as error:
            said = reason(error).removesuffix(".")
            raise OSError(f"{model} is no folder here, and the Hub says: {said}.") from error
    if not (folder / "config.json").is_file():
        raise FileNotFoundError(f"{model} holds no config.json, so it is no model.")
    return folder
