"""Loads a folder as its users will, runs one example through it, and compares two of them."""

from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors import SafetensorError

import hf_recurrent

__all__ = ["check_model", "differing_output"]

_EXAMPLE = "an example"
# What loading or running a damaged model raises.
_WRONG = (
    IndexError,
    KeyError,
    OSError,
    RuntimeError,
    SafetensorError,
    TypeError,
    ValueError,
)


def check_model(folder: Path, example: str | None) -> dict[str, torch.Tensor]:
    """Loads the model that a folder says it holds, and runs an example.

    Args:
        folder: A saved model; with a tokenizer the example is a text, without one the ids 0 and 1.
        example: The text.

    Returns:
        What it gave for the example, by name.

    Raises:
        ValueError: If it does not load, lacks weights, or gives something that is not finite.
    """
    try:
        config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
        name = (config.architectures or [None])[0]
        model_class = _class_of(name)
        model, info = model_class.from_pretrained(
            folder, output_loading_info=True, local_files_only=True
        )
        if info["missing_keys"]:
            raise ValueError(
                f"the weights of {', '.join(sorted(info['missing_keys']))} are missing"
            )
        if (folder / "tokenizer_config.json").is_file():
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
            inputs = dict(tokenizer([example or _EXAMPLE], return_tensors="pt"))
            inputs.pop("token_type_ids", None)
        else:
            inputs = {"input_ids": torch.tensor([[0, 1]])}
        with torch.inference_mode():
            outputs = model.eval()(**inputs)
        tensors = {name: value for name, value in outputs.items() if torch.is_tensor(value)}
        wrong = [name for name, value in tensors.items() if not value.isfinite().all()]
        if wrong:
            raise ValueError(f"its {wrong[0]} is not finite for the example")
        return tensors
    except _WRONG as error:
        reason = " ".join(str(error).split())[:300]
        raise ValueError(f"{folder}: the model does not run ({reason}).") from error


def differing_output(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> str | None:
    """Names an output that is not the same in both, bit for bit; None where all are."""
    for name in sorted(first.keys() | second.keys()):
        if name not in first or name not in second or not torch.equal(first[name], second[name]):
            return name
    return None


def _class_of(name: str | None) -> Any:
    found = getattr(hf_recurrent, name or "", None) or getattr(transformers, name or "", None)
    if found is None:
        raise ValueError(f"config.json names the class {name!r}, which is not known here")
    return found
