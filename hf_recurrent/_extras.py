"""Import of libraries that belong to an extra, with one clear error if they are missing."""

from importlib import import_module
from typing import Any


def require(module: str, extra: str, purpose: str) -> Any:
    """Import a library that belongs to an extra.

    Args:
        module: Its import name.
        extra: The extra of this package that installs it.
        purpose: Its purpose, as the beginning of the message: "Training GloVe vectors".

    Raises:
        ImportError: If it is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.split(".")[0]:
            raise  # it is installed, but something that it needs is not
        raise ImportError(
            f"{purpose} needs {module.split('.')[0]}: pip install 'hf-recurrent[{extra}]'",
            name=error.name,
        ) from None
