"""A module can be imported by its name: no function that its package exports has the same name."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "hf_recurrent"
FOLDERS = sorted(str(path.parent.relative_to(PACKAGE)) for path in PACKAGE.rglob("__init__.py"))


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_exported_name_hides_a_module(folder: str) -> None:
    tree = ast.parse((PACKAGE / folder / "__init__.py").read_text(encoding="utf-8"))
    # Also those that are imported when they are first used, which stand below an ``if``.
    lazy = [each for block in tree.body if isinstance(block, ast.If) for each in block.body]
    exported = {
        alias.asname or alias.name
        for statement in [*tree.body, *lazy]
        if isinstance(statement, ast.ImportFrom) and statement.module
        for alias in statement.names
    }
    modules = {path.stem for path in (PACKAGE / folder).glob("*.py")}
    modules |= {path.parent.name for path in (PACKAGE / folder).glob("*/__init__.py")}

    assert not exported & modules
