"""A module can be imported by its name: no function that its package exports has the same name."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "hf_recurrent"
FOLDERS = ("app", "benchmark", "data", "forecasting", "hub", "metrics", "retrieval", "tasks")


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_exported_name_hides_a_module(folder: str) -> None:
    tree = ast.parse((PACKAGE / folder / "__init__.py").read_text(encoding="utf-8"))
    exported = {
        alias.asname or alias.name
        for statement in tree.body
        if isinstance(statement, ast.ImportFrom) and statement.module
        for alias in statement.names
    }
    modules = {path.stem for path in (PACKAGE / folder).glob("*.py")}

    assert not exported & modules
