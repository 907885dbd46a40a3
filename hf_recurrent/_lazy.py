"""Names of a package that are imported when they are first used."""

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["lazy_names"]


def lazy_names(
    package: str, names: Mapping[str, Iterable[str]], submodules: Iterable[str] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the ``__getattr__`` and the ``__dir__`` of a package with lazy names.

    Type checkers see the names if the package imports them under ``if TYPE_CHECKING``. A name must
    not be that of a module in the package: importing that module would hide the name.

    Args:
        package: The ``__name__`` of the package.
        names: The names in each module. A module is relative to the package; one that begins with a
            dot is relative to the parent package.
        submodules: Modules that are also names of the package.

    Raises:
        AttributeError: By ``__getattr__``, if the package has no such name.
    """
    origin = {name: module for module, brought in names.items() for name in brought}

    def __getattr__(name: str) -> Any:  # noqa: N807
        if name in submodules:
            return import_module(f"{package}.{name}")
        if name not in origin:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f".{origin[name]}", package), name)
        vars(sys.modules[package])[name] = value
        return value

    def __dir__() -> list[str]:  # noqa: N807
        return sorted({*vars(sys.modules[package]), *origin, *submodules})

    return __getattr__, __dir__
