"""Nothing outside of ``tasks/`` names a task, a metric or a column: their words stand in one place.

A string literal that equals the id of a task, the key of a metric or a column of a task is found
by a walk of the syntax tree. Docstrings and f-strings' own texts are no such names.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import hf_recurrent
from hf_recurrent._tasks import all_tasks

PACKAGE = Path(hf_recurrent.__file__).parent
FOLDERS = ("app", "benchmark", "commands", "data", "hub", "training")
# Words of others, by file: what they name there is no task, metric or column of ours.
WORDS_OF_OTHERS = {
    "data/mails.py": {"text"},  # the main type of a mail's part
    "hub/metadata.py": {"tags", "text"},  # keys of front matter and of an example for the widget
    "training/elmo_perplexity.py": {"perplexity"},  # a key of what Trainer logs
    "training/bert_perplexity.py": {"perplexity"},  # the same
}


def names() -> set[str]:
    """Return the ids of all tasks, the keys of their metrics and their columns."""
    found: set[str] = set()
    for task in all_tasks():
        found |= {task.id, task.pipeline_tag, *task.columns}
        found |= {metric.key for metric in task.metrics}
    return found


def literals(source: str) -> Iterator[Any]:
    """Yield the string literals of a module, its docstrings and pieces of f-strings left out."""
    tree = ast.parse(source)
    passed: set[int] = set()
    for node in ast.walk(tree):
        # A text that is a statement of its own is a docstring, of a module, class or field.
        if isinstance(node, ast.Expr):
            passed.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            passed |= {id(value) for value in node.values}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in passed:
            yield node


def named(file: str) -> list[str]:
    """Return where a file names what a task knows."""
    known = names() - WORDS_OF_OTHERS.get(file, set())
    source = (PACKAGE / file).read_text(encoding="utf-8")
    found = [node for node in literals(source) if node.value in known]
    return [f"{file}:{node.lineno}: {node.value!r}" for node in found]


def files() -> list[str]:
    paths = [path for folder in FOLDERS for path in sorted((PACKAGE / folder).rglob("*.py"))]
    return [path.relative_to(PACKAGE).as_posix() for path in paths]


@pytest.mark.parametrize("file", files())
def test_no_file_names_what_a_task_knows(file: str) -> None:
    assert named(file) == []


@pytest.mark.parametrize("file", WORDS_OF_OTHERS)
def test_an_exception_is_needed(file: str) -> None:
    found = {node.value for node in literals((PACKAGE / file).read_text(encoding="utf-8"))}
    assert found >= WORDS_OF_OTHERS[file]


def test_the_walk_sees_names_and_passes_sentences() -> None:
    source = '''
"""text"""
class Some:
    text: str
    """label"""
rows["label"], row.get("text"), {"accuracy": f"text {1}"}
key = "text-classification" if "text and label" else f"{'f1'}"
'''
    found = [node.value for node in literals(source)]
    assert sorted(found) == sorted(
        ["label", "text", "accuracy", "text-classification", "text and label", "f1"]
    )
    assert {"text-classification", "accuracy", "text", "label"} <= names()
