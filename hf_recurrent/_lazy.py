"""Names of a package that are imported when they are first used."""

import ast
import sys
from importlib import import_module
from typing import Any


def import_lazily(package: str) -> None:
    """Let a package import the names of its block ``if TYPE_CHECKING`` when they are first used.

    Call it in the ``__init__.py`` of the package, whose only ``if`` on the outermost level is that
    block. So names are listed once, and type checkers see them too: ``from .module import name as
    name`` for a name, which is then also in ``__all__``, and ``from . import module as module`` for
    a module that is an attribute of the package. A name must not be that of a module in the
    package: importing that module would hide the name.

    Args:
        package: The ``__name__`` of the package.
    """
    module: Any = sys.modules[package]
    tree = ast.parse(module.__loader__.get_source(package))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    origin = {
        alias.name: "." * node.level + (node.module or "")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    def __getattr__(name: str) -> Any:  # noqa: N807
        if name not in origin:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        if origin[name] == ".":
            return import_module(f".{name}", package)
        value = getattr(import_module(origin[name], package), name)
        vars(module)[name] = value
        return value

    vars(module).update(
        __getattr__=__getattr__,
        __dir__=lambda: sorted({*vars(module), *origin}),
        __all__=sorted(name for name, place in origin.items() if place != "."),
    )
