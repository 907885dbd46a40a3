"""Errors name what was typed: each argument of Python that an option becomes is known."""

import ast
import importlib
import importlib.util
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from hf_recurrent.__main__ import main
from hf_recurrent._tasks import all_tasks

from .verbs import MODULES, NAMES, VERBS

# Arguments that sentences call by their value, never by their name.
PLACES = {"path", "folder", "source", "repo_id"}


def options_in(node: ast.AST) -> set[str]:
    """Return the names that are read from ``options`` within an expression."""
    return {
        inner.attr
        for inner in ast.walk(node)
        if isinstance(inner, ast.Attribute)
        and isinstance(inner.value, ast.Name)
        and inner.value.id == "options"
    }


def parsed(module: str) -> tuple[ast.Module, dict[str, str]]:
    """Return the syntax tree of a verb, and the absolute module of each name that it imports."""
    source = importlib.import_module(module)
    tree = ast.parse(Path(source.__file__).read_text("utf-8"))
    modules = {
        alias.asname or alias.name: importlib.util.resolve_name(
            "." * node.level + (node.module or ""), source.__package__
        )
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
        for alias in node.names
    }
    return tree, modules


def handed_on(module: str) -> Iterator[tuple[str, str]]:
    """Yield the Python names that a verb gives options to, each with the option's own name."""
    tree, modules = parsed(module)
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg:
            pairs = [(node.arg, node.value)]
        elif isinstance(node, ast.Dict):
            pairs = [
                (key.value, value)
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
            ]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            if name not in modules:
                continue
            found = getattr(importlib.import_module(modules[name]), name)
            pairs = list(zip(inspect.signature(found).parameters, node.args, strict=False))
            pairs = [(name, value) for name, value in pairs if name not in PLACES]
        else:
            continue
        for name, value in pairs:
            yield from ((name, option) for option in options_in(value))


@pytest.mark.parametrize("words", VERBS, ids=NAMES)
def test_arguments_are_told_as_the_options_they_come_from(words) -> None:
    flags = VERBS[words].options()
    for name, option in handed_on(MODULES[words]):
        if option in flags:
            told = {
                flags[known] for known in flags if known == name or known.startswith(f"{name} ")
            }
            assert flags[option] in told, f"add {name} to what the verb says is `renamed`"
    assert set(VERBS[words].renamed.values()) <= set(VERBS[words]._option_string_actions)


def handed_on_by_name(module: str) -> set[str]:
    """Return the names of the options that a verb hands on by ``arguments``."""
    tree, modules = parsed(module)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found: set[str] = set()
    for call in calls:
        if isinstance(call.func, ast.Name) and call.func.id == "arguments":
            first, *more = ast.unparse(call.args[1]).split(".")
            function = getattr(importlib.import_module(modules[first]), first)
            for name in more:
                function = getattr(function, name)
            parameters = inspect.signature(function).parameters.values()
            found |= {p.name for p in parameters if p.kind is p.KEYWORD_ONLY}
    return found


@pytest.mark.parametrize(("words", "module"), MODULES.items(), ids=NAMES)
def test_no_option_is_lost_where_they_are_handed_on_by_name(words, module) -> None:
    by_name = handed_on_by_name(module)
    used = by_name | options_in(parsed(module)[0])
    if by_name and words != ("vectors", "train"):  # which takes its settings from a table of names
        assert set(VERBS[words].options()) - used == {"help"}


@pytest.mark.parametrize("words", [w for w in VERBS if "seed" in VERBS[w].options()])
@pytest.mark.parametrize("seed", ["-1", "4294967296", "x", "1.0"])
def test_seeds_out_of_range_are_refused(words, seed, capsys) -> None:
    with pytest.raises(SystemExit):
        VERBS[words].parse_args([f"--seed={seed}"])
    assert f"--seed: '{seed}' is no seed, expected a whole number from 0" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--phrases", "--phrase-min-count", "0"], "--phrase-min-count is 0, expected at least 1."),
        (["--phrases", "--phrase-threshold", "-1"], "--phrase-threshold is -1.0, expected more "),
        (["--vector-size", "0"], "--vector-size is 0, expected at least 1."),
        (["--window", "0"], "--window is 0, expected at least 1."),
        (["--x-max", "-1", "--kind", "glove"], "--x-max is -1.0, expected "),
        (["--alpha", "-1"], "--alpha is -1.0, expected "),
        (["--shift", "0", "--kind", "ppmi"], "--shift is 0.0, expected "),
        (["--format", "glove", "--kind", "ppmi"], "--format is 'glove', but ppmi vectors have"),
        (["--workers", "0"], "--workers is 0, expected at least 1."),
    ],
)
def test_settings_out_of_range_are_named_by_their_option(flags, sentence, tmp_path, capsys) -> None:
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("the cat and the dog\n" * 20)
    assert main(["vectors", "train", str(corpus), "--output", str(tmp_path / "v"), *flags]) == 1
    assert capsys.readouterr().err.startswith(f"hf-recurrent: {sentence}")


def test_help_tells_what_an_option_is_for_every_task_that_has_it(capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "100000")
    with pytest.raises(SystemExit, match="0"):
        main(["benchmark", "--help"])
    told = capsys.readouterr().out
    for option in (option for task in all_tasks() for option in task.options):
        assert option.help in told, option.name
