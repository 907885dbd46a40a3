"""Load a model folder as its users will, run one example, and compare two such runs."""

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

_EXAMPLE = "an example"
# What loading or running a damaged model raises.
_WRONG = (IndexError, KeyError, OSError, RuntimeError, SafetensorError, TypeError, ValueError)


def check_model(
    folder: Path, example: str | None, files: Sequence[str] | None = None
) -> dict[str, torch.Tensor]:
    """Load the model of a folder, and run one example.

    Neither pickles nor code from the folder are run.

    Args:
        folder: A saved model. If it reads text and has a tokenizer, the example is a text;
            otherwise it is the model's own ``dummy_inputs``.
        example: The text.
        files: Relative paths of the only files to use; ``None`` uses the whole folder.

    Returns:
        The output tensors for the example, by name.

    Raises:
        ValueError: If the model does not load, lacks weights, or has an output that is not finite.
    """
    with _only(folder, files) as place:
        try:
            return _run(place, example)
        except _WRONG as error:
            reason = " ".join(str(error).replace(str(place), str(folder)).split())[:300]
            raise ValueError(f"{folder}: the model does not run ({reason}).") from error


def differing_output(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> str | None:
    """Return the name of an output that is not bit for bit the same in both, or ``None``."""
    for name in sorted(first.keys() | second.keys()):
        if name not in first or name not in second or not torch.equal(first[name], second[name]):
            return name
    return None


@contextmanager
def _only(folder: Path, files: Sequence[str] | None) -> Iterator[Path]:
    """Yield a folder with links to some files of another; copies if links are not possible."""
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
    reads_text = getattr(model, "main_input_name", "input_ids") == "input_ids"
    if reads_text and (folder / "tokenizer_config.json").is_file():
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **ours)
        inputs = dict(tokenizer([example or _EXAMPLE], return_tensors="pt"))
        inputs.pop("token_type_ids", None)
        if config.is_encoder_decoder:
            inputs["decoder_input_ids"] = torch.tensor([[_start_of(config)]])
    else:
        inputs = model.dummy_inputs
    with torch.inference_mode():
        outputs = model.eval()(**inputs)
    tensors = {name: value for name, value in outputs.items() if torch.is_tensor(value)}
    wrong = [name for name, value in tensors.items() if _is_wrong(value)]
    if wrong:
        raise ValueError(f"its {wrong[0]} is not finite for the example")
    return tensors


def _start_of(config: Any) -> int:
    """Return the token that a decoder begins with."""
    names = ("decoder_start_token_id", "bos_token_id")
    starts = (getattr(config, name, None) for name in names)
    start: int | None = next((each for each in starts if each is not None), None)
    if start is None:
        raise ValueError("its decoder has no token to begin with")
    return start


def _is_wrong(value: torch.Tensor) -> bool:
    """Return whether an output has a NaN, plus infinity, or a last axis of minus infinity alone.

    A few scores of minus infinity are right: a tagger's constraints forbid those labels.
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
