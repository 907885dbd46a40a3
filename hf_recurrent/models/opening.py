"""Models made around weights that are there: nothing is initialised first, nothing is copied."""

import os
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from transformers import initialization as init

# What an Auto class gives on; without a value it asks for nothing.
_OF_AUTO_CLASSES = ("adapter_kwargs", "revision", "trust_remote_code")


def model_of_weights(model_class: Any, config: Any, weights: dict[str, Tensor]) -> Any:
    """Return a model, in evaluation mode, whose parameters and buffers are the given tensors.

    Raises:
        RuntimeError: if one lacks, is too many, or has another shape.
    """
    with torch.device("meta"), init.no_init_weights():
        model = model_class(config)
    model.load_state_dict(weights, assign=True)  # frozen parameters stay frozen
    return model.eval()


def open_folder(model_class: Any, folder: Any, config: Any = None, **arguments: Any) -> Any:
    """Open the checkpoint of a local folder, its weights mapped; see ``from_pretrained``.

    Args:
        model_class: the class of the model.
        folder: where the checkpoint lies.
        config: the configuration, if it was read before.
        **arguments: what else ``from_pretrained`` was given.

    Returns:
        The model, or ``None`` where ``PreTrainedModel.from_pretrained`` has more to do: to look on
        the Hub, to convert or to distribute weights, to initialise some, or to report an error.
    """
    if any(value or name not in _OF_AUTO_CLASSES for name, value in arguments.items()):
        return None
    path = Path(folder) if isinstance(folder, str | os.PathLike) else None
    if path is None or not (path / "model.safetensors").is_file():
        return None
    if (path / "adapter_config.json").exists() or torch.get_default_device().type != "cpu":
        return None
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return None
    config_class = model_class.config_class
    if config is None:
        config = config_class.from_pretrained(folder)
    if not isinstance(config, config_class):
        return None
    try:
        weights = load_file(path / "model.safetensors")
    except (OSError, SafetensorError):
        return None
    if any(weight.dtype != config.dtype for weight in weights.values()):
        return None
    config.name_or_path = str(folder)
    try:
        return model_of_weights(model_class, config, weights)
    except RuntimeError:
        return None
