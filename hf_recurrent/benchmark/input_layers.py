"""The tokenizer and the input layer of a comparison, handed from the parent to its children."""

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from ..vectors import WordInputs

__all__ = ["WEIGHTS_FILE", "load_inputs", "save_inputs"]

WEIGHTS_FILE = "input_layer.safetensors"


def save_inputs(inputs: WordInputs, folder: Path) -> None:
    """Write a tokenizer and an input layer into a folder."""
    inputs.tokenizer.save_pretrained(folder)
    save_file(inputs.weights, folder / WEIGHTS_FILE, metadata={"config": json.dumps(inputs.config)})


def load_inputs(folder: Path) -> tuple[PreTrainedTokenizerFast, WordInputs | None]:
    """Read the tokenizer of a folder, and its input layer where there is one.

    Raises:
        ValueError: If the two do not fit, or the file of the layer is damaged.
    """
    tokenizer: Any = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    path = folder / WEIGHTS_FILE
    if not path.exists():
        return tokenizer, None
    try:
        with safe_open(path, framework="pt") as file:
            config = json.loads(file.metadata()["config"])
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        rows = config["vocab_size"]
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: the file of the word vectors is damaged ({error}).") from error
    if rows != len(tokenizer):
        raise ValueError(
            f"The tokenizer has {len(tokenizer)} ids and the input layer {rows}: they do not "
            f"belong together."
        )
    return tokenizer, WordInputs(tokenizer, config, weights, None)
