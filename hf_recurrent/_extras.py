"""Libraries that few users need stand behind extras; here is the one sentence that names them."""

from importlib import import_module
from typing import Any


def require(module: str, extra: str, purpose: str) -> Any:
    """Imports a library that an extra brings.

    Args:
        module: Its import name.
        extra: The extra of this package that installs it.
        purpose: What it is needed for, as the beginning of the sentence: "Training GloVe vectors".

    Raises:
        ImportError: If it is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.split(".")[0]:
            raise  # it is there, and something that it needs itself is not
        raise ImportError(
            f"{purpose} needs {module.split('.')[0]}: pip install 'hf-recurrent[{extra}]'",
            name=error.name,
        ) from None
