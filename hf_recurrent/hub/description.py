"""Describe a saved model in a few lines: its configuration, record, weights and tokenizer."""

import json
import math
import os
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from .._wording import counted
from .figures import figure_text
from .labels import label_names
from .record import RECORD_FILE, Record, RecordedResult
from .small_files import small_files

_TOKENIZER = "tokenizer.json"
_WANTED = ["config.json", "tokenizer_config.json", _TOKENIZER, RECORD_FILE, "model.safetensors"]
_SIZES = (
    "vocab_size",
    "embedding_size",
    "hidden_size",
    "num_hidden_layers",
    "bidirectional",
    "pooling",
)


def describe(model: str | os.PathLike[str], revision: str | None = None) -> dict[str, str]:
    """Describe a saved model without running it.

    Args:
        model: Its folder, or its repository on the Hub.
        revision: Branch, tag or commit of the repository.

    Returns:
        What is known, as texts by name ("family", "labels", "results", ...).

    Raises:
        ValueError: If it is not a model of this package, or its record is damaged.
        OSError: If it cannot be read or downloaded.
    """
    folder = small_files(model, _WANTED, revision)
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        family = config["model_type"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{model}: config.json is no configuration of a model.") from error
    told = {
        "family": family,
        "class": ", ".join(config.get("architectures") or []),
        "cell": config.get("cell_type", ""),
        "sizes": ", ".join(f"{name} {config[name]}" for name in _SIZES if name in config),
        "labels": ", ".join(label_names(config.get("architectures"), config.get("id2label"))),
        "vocabulary": _vocabulary(folder, config),
        "input layer": _input_layer(config),
        "weights": _weights(folder),
    }
    record = Record.load(folder)
    told |= {
        "made as": record.title or "",
        "data": (record.data.title or record.data.name) if record.data else "",
        "vectors": record.vectors or "",
        "coverage": record.coverage or "",
        "results": ", ".join(_result(r, record.task) for r in record.results),
    }
    return {name: text for name, text in told.items() if text}


def _result(result: RecordedResult, task: str | None) -> str:
    on = ", ".join(filter(None, (result.dataset or result.split, result.note)))
    return f"{result.metric} {figure_text(result, task)} ({on})"


def _vocabulary(folder: Path, config: dict[str, Any]) -> str:
    """Return number of words, case and unknown token of a tokenizer.

    Raises:
        ValueError: If the file is no tokenizer.
    """
    path = folder / _TOKENIZER
    if not path.is_file():
        return ""
    try:
        tokenizer = json.loads(path.read_text(encoding="utf-8"))
        vocabulary = tokenizer["model"]["vocab"]
        # A list of pairs for Unigram, a map for the others.
        words = {e[0] for e in vocabulary} if isinstance(vocabulary, list) else set(vocabulary)
        special = {t["content"] for t in tokenizer.get("added_tokens") or () if t["special"]}
        number = config.get("num_words") or len(words - special)
        lower = _lowercases(tokenizer.get("normalizer"))
        unknown = tokenizer["model"].get("unk_token")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no tokenizer.") from error
    told = [counted(number, "word"), "lower case" if lower else "case kept"]
    if unknown is not None:
        told.append(f"unknown words are {unknown}")
    return ", ".join(told)


def _lowercases(normalizer: Any) -> bool:
    """Return whether a normalizer, or one of a sequence of them, makes text lower case."""
    if not normalizer:
        return False
    if normalizer["type"] == "Sequence":
        return any(map(_lowercases, normalizer["normalizers"]))
    return normalizer["type"] == "Lowercase" or bool(normalizer.get("lowercase"))


def _input_layer(config: dict[str, Any]) -> str:
    layer = config.get("embedding_config") or {}
    return str(layer.get("kind", "")) if isinstance(layer, dict) else ""


def _weights(folder: Path) -> str:
    """Return how many numbers the weights hold and their types; only the header is read."""
    path = folder / "model.safetensors"
    if not path.is_file():
        return ""
    try:
        return _count(path)
    except SafetensorError as error:
        raise ValueError(f"{path}: the weights are damaged ({error}).") from error


def _count(path: Path) -> str:
    numbers = 0
    types: set[str] = set()
    with safe_open(path, framework="numpy") as file:
        for name in file.keys():  # noqa: SIM118 - it is no mapping
            part = file.get_slice(name)
            numbers += math.prod(part.get_shape())
            types.add(part.get_dtype())
    mebibytes = path.stat().st_size / (1 << 20)
    return f"{numbers:,} numbers ({', '.join(sorted(types))}), {mebibytes:.1f} MiB"
