"""Models made from given weights, without initialising weights first and without a copy."""

import os
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from transformers import initialization as init

# Arguments that an Auto class passes on; without a value they have no effect.
_OF_AUTO_CLASSES = ("adapter_kwargs", "revision", "trust_remote_code")


def model_of_weights(model_class: Any, config: Any, weights: dict[str, Tensor]) -> Any:
    """Return a model, in evaluation mode, whose parameters and buffers are the given tensors.

    Raises:
        RuntimeError: If a tensor is missing, unexpected, or has another shape.
    """
    with torch.device("meta"), init.no_init_weights():
        model = model_class(config)
    model.load_state_dict(weights, assign=True)  # frozen parameters stay frozen
    return model.eval()


def open_folder(model_class: Any, folder: Any, config: Any = None, **arguments: Any) -> Any:
    """Open the checkpoint of a local folder with memory-mapped weights; see ``from_pretrained``.

    Args:
        model_class: The class of the model.
        folder: The folder of the checkpoint.
        config: The configuration, if it was read before.
        **arguments: The other arguments of ``from_pretrained``.

    Returns:
        The model, or ``None`` if ``PreTrainedModel.from_pretrained`` is needed: to look on the Hub,
        to convert or to distribute weights, to initialise some, or to report an error.
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
