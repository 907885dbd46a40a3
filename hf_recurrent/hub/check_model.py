"""Loads a folder as its users will, runs one example through it, and compares two of them."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors import SafetensorError

import hf_recurrent

from .metadata import LIBRARY

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


def check_model(
    folder: Path, example: str | None, files: Sequence[str] | None = None
) -> dict[str, torch.Tensor]:
    """Loads the model that a folder says it holds, and runs an example.

    Neither pickles nor code of the folder are run.

    Args:
        folder: A saved model. With a tokenizer the example is a text; without one it is the
            model's own ``dummy_inputs``.
        example: The text.
        files: Relative paths; as if nothing else lay in the folder. None for all of it.

    Returns:
        What it gave for the example, by name.

    Raises:
        ValueError: If it does not load, lacks weights, or gives something that is not finite.
    """
    with _only(folder, files) as place:
        try:
            return _run(place, example)
        except _WRONG as error:
            reason = " ".join(str(error).replace(str(place), str(folder)).split())[:300]
            raise ValueError(f"{folder}: the model does not run ({reason}).") from error


def differing_output(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> str | None:
    """Names an output that is not the same in both, bit for bit; None where all are."""
    for name in sorted(first.keys() | second.keys()):
        if name not in first or name not in second or not torch.equal(first[name], second[name]):
            return name
    return None


@contextmanager
def _only(folder: Path, files: Sequence[str] | None) -> Iterator[Path]:
    """Gives a folder with links to files of another, or copies where links cannot be made."""
    if files is None:
        yield folder
        return
    with tempfile.TemporaryDirectory() as made:
        for name in files:
            place = Path(made, name)
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.symlink((folder / name).absolute(), place)
            except OSError:
                shutil.copyfile(folder / name, place)
        yield Path(made)


def _run(folder: Path, example: str | None) -> dict[str, torch.Tensor]:
    ours: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    config = transformers.AutoConfig.from_pretrained(folder, **ours)
    model, info = _class_of((config.architectures or [None])[0]).from_pretrained(
        folder, output_loading_info=True, local_files_only=True, use_safetensors=True
    )
    if info["missing_keys"]:
        raise ValueError(f"the weights of {', '.join(sorted(info['missing_keys']))} are missing")
    if (folder / "tokenizer_config.json").is_file():
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **ours)
        inputs = dict(tokenizer([example or _EXAMPLE], return_tensors="pt"))
        inputs.pop("token_type_ids", None)
    else:
        inputs = model.dummy_inputs
    with torch.inference_mode():
        outputs = model.eval()(**inputs)
    tensors = {name: value for name, value in outputs.items() if torch.is_tensor(value)}
    wrong = [name for name, value in tensors.items() if _is_wrong(value)]
    if wrong:
        raise ValueError(f"its {wrong[0]} is not finite for the example")
    return tensors


def _is_wrong(value: torch.Tensor) -> bool:
    """Check for what is no number, or infinite.

    Scores may be minus infinity where others are finite: labels that a tagger's constraints forbid.
    """
    if value.isnan().any() or value.isposinf().any():
        return True
    return value.numel() > 0 and bool(value.isneginf().all(-1).any())


def _class_of(name: str | None) -> Any:
    found = getattr(hf_recurrent, name or "", None)
    if not (isinstance(found, type) and issubclass(found, transformers.PreTrainedModel)):
        kind = f"a {name}" if name else "a model without a class"
        raise ValueError(f"it is {kind}, and this publishes models of {LIBRARY} alone")
    return found
