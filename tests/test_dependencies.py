"""The package imports what `pyproject.toml` declares, and works without any of its extras."""

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "hf_recurrent"
FILES = sorted(PACKAGE.rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = (
    "app",
    "browser",
    "crf-features",
    "elmo",
    "retrieval",
    "speech",
    "train",
    "translation",
    "video",
)
# What the tests do without: tests of it skip, and a distribution has the name of its module.
NOT_OF_TESTS = ("forecasting",)
# What its importers ask for first, by a sentence that names the extra.
BEHIND_EXTRAS = {
    "hf_recurrent.app.contexts_tab": "gradio",
    "hf_recurrent.app.page": "gradio",
    "hf_recurrent.vectors.training._compiled": "hf-recurrent[train]",
    "hf_recurrent.vectors.training._glove_kernel": "hf-recurrent[train]",
    "hf_recurrent.vectors.training._skip_gram_kernel": "hf-recurrent[train]",
}

# Imports each module, where two kinds of library are missing: those that nothing declared brings,
# to everybody, and those that are only brought along, to the package itself.
IMPORT_ALL = """
import importlib, sys

others, undeclared, modules = (set(argument.split(",")) for argument in sys.argv[1:])

class Only:
    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, path=None, target=None):
        top = name.split(".")[0]
        frame = sys._getframe(1)
        while frame is not None and "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        ours = frame is not None and frame.f_globals.get("__name__", "").startswith("hf_recurrent")
        if top in others or (ours and top in undeclared):
            return None
        return self.finder.find_spec(name, path, target)

sys.meta_path[:] = map(Only, sys.meta_path)
failed = []
for module in sorted(modules):
    try:
        importlib.import_module(module)
    except ImportError as error:
        failed.append(f"{module}: {error}")
print("\\n".join(failed))
"""


def _declared(*extras: str) -> set[str]:
    lines = [*PROJECT["dependencies"]]
    for extra in extras:
        lines += PROJECT["optional-dependencies"][extra]
    return {canonicalize_name(Requirement(line).name) for line in lines}


def _with_what_they_bring(names: set[str]) -> set[str]:
    found, queue = set(), list(names)
    while queue:
        name = queue.pop()
        if name in found:
            continue
        found.add(name)
        for line in requires(name) or ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                queue.append(canonicalize_name(needed.name))
    return found


def _import_names(distributions: set[str]) -> set[str]:
    """Return the top-level modules of distributions."""
    return {
        module
        for module, owners in packages_distributions().items()
        if {canonicalize_name(owner) for owner in owners} & distributions
    }


def _imported(source: str) -> set[str]:
    """Return the top-level names that a text imports anywhere, `require("name", ...)` included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.args[0] if node.args else None
            if node.func.id in ("require", "import_module") and isinstance(name, ast.Constant):
                found.add(str(name.value).split(".")[0])
    return found


def _undeclared(source: str, allowed: frozenset[str]) -> set[str]:
    return _imported(source) - allowed - set(sys.stdlib_module_names) - {"hf_recurrent"}


@cache  # looking through all that is installed takes a second
def _allowed() -> frozenset[str]:
    return frozenset(_import_names(_declared(*EXTRAS)) | _declared(*NOT_OF_TESTS))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_what_is_imported_is_declared(file: Path) -> None:
    assert _undeclared(file.read_text(encoding="utf-8"), _allowed()) == set()


@pytest.mark.parametrize(
    "line", ["import httpx", "def f():\n    from requests import get", "require('idna.core', 'x')"]
)
def test_the_check_sees(line: str) -> None:
    """These are installed, but only because others bring them."""
    assert _undeclared(line, _allowed())


def test_every_module_imports_without_extras() -> None:
    modules = {
        re.sub(r"/__init__$", "", str(file.relative_to(ROOT).with_suffix(""))).replace("/", ".")
        for file in FILES
    }
    declared, installed = _declared(), set(packages_distributions()) - {"hf_recurrent"}
    undeclared = installed - _import_names(declared)
    others = installed - _import_names(_with_what_they_bring(declared))
    assert {"gradio", "numba"} <= others
    given = (others, undeclared, modules)
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, *(",".join(sorted(each)) for each in given)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    failed = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert failed.keys() == BEHIND_EXTRAS.keys()
    for module, extra in BEHIND_EXTRAS.items():
        assert extra in failed[module]
