"""What travels with a checkpoint is found by a regex over the text, so its imports keep a form."""

import ast
import re
import sys
from pathlib import Path
from typing import TypeGuard

import pytest
from transformers.dynamic_module_utils import get_relative_import_files

import hf_recurrent.models

FOLDER = Path(hf_recurrent.models.__file__).parent
FILES = sorted(FOLDER.glob("*.py"))
ALLOWED = {"torch", "transformers", "numpy", "tokenizers", "safetensors", "huggingface_hub"}
# What a processor may use where it is installed, inside of ``try: ... except ImportError``.
TRIED = {"av", "scipy"}


def wrong_imports(source: str) -> list[str]:
    """Return the import statements that would not survive the way to the Hub."""
    wrong, tree = [], ast.parse(source)
    tried = {inner for node in ast.walk(tree) if _is_tried(node) for inner in node.body}
    for node in ast.walk(tree):
        more = TRIED if node in tried else set()
        if isinstance(node, ast.Import):
            good = all(_is_allowed(alias.name, more) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            siblings = node.level == 1 and node.module is not None and "." not in node.module
            good = siblings if node.level else _is_allowed(node.module or "", more)
        else:
            continue
        if not good:
            wrong.append(ast.unparse(node))
    return wrong


def _is_tried(node: ast.AST) -> TypeGuard[ast.Try]:
    caught = [handler.type for handler in node.handlers] if isinstance(node, ast.Try) else []
    return any(isinstance(name, ast.Name) and name.id == "ImportError" for name in caught)


def _is_allowed(module: str, more: set[str]) -> bool:
    top = module.split(".")[0]
    return top in ALLOWED | more or top in sys.stdlib_module_names


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_imports_travel(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    assert wrong_imports(source) == []
    # The regex takes any line that begins so for an import, be it in a docstring or a comment.
    said = set(re.findall(r"^\s*(?:#\s*)?(?:from|import)\s+\.(\S*)", source, flags=re.MULTILINE))
    meant = {
        node.module
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.level
    }
    assert said == meant


@pytest.mark.parametrize(
    "line",
    [
        "import gensim",
        "import scipy",
        "try:\n    import gensim\nexcept ImportError:\n    pass",
        "from hf_recurrent.models import cells",
        "from . import cells",
        "from ..training import batching",
        "from .layers.cells import CELLS",
        "def f():\n    from datasets import Dataset",
        "try:\n    import pandas\nexcept ImportError:\n    pass",
        "import av",
        "try:\n    import av\nexcept ValueError:\n    pass",
    ],
)
def test_the_check_sees(line: str) -> None:
    assert wrong_imports(line)


def test_one_flat_folder() -> None:
    assert not [p for p in FOLDER.iterdir() if p.is_dir() and p.name != "__pycache__"]


@pytest.mark.parametrize(
    "saved",
    [
        "modeling_elmo",
        "modeling_recurrent",
        "modeling_recurrent_seq2seq",
        "modeling_recurrent_speech",
        "modeling_recurrent_time_series",
        "modeling_recurrent_video",
        "modeling_recurrent_video_captioning",
        "modeling_static_embedding",
        "tokenization_elmo",
        "tokenization_ngrams",
        "tokenization_word_starts",
        "video_processing_recurrent",
    ],
)
def test_the_copier_finds_every_file(saved: str) -> None:
    """All that a saved class's file imports, directly or not, is what the copier takes along."""
    needed, queue = set(), [saved]
    while queue:
        module = queue.pop()
        tree = ast.parse((FOLDER / f"{module}.py").read_text(encoding="utf-8"))
        nodes = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.level]
        new = {str(node.module) for node in nodes} - needed
        needed |= new
        queue += new
    copied = get_relative_import_files(str(FOLDER / f"{saved}.py"))
    assert {Path(file).stem for file in copied} == needed
