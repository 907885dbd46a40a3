"""The published weights of ELMo as a checkpoint of this package."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ...models.configuration_elmo import ElmoConfig
from ...models.modeling_elmo import ElmoModel
from ...models.saving import staged
from .options import read_options
from .tokenizer import elmo_tokenizer
from .weights import open_weights

_TENSORS = "model.safetensors"


def convert_elmo(
    options: str | Path,
    weights: str | Path,
    folder: str | Path,
    *,
    pre_tokenizer: str = "whitespace",
) -> ElmoConfig:
    """Write the weights of the original ELMo as a folder that ``AutoModel`` loads.

    The weights are copied tensor by tensor, so that one of them is in memory at a time. The folder
    also holds the tokenizer and the code of the model, as every checkpoint of this package does.
    The mix of the layers is new (their mean), as the files hold none.

    Args:
        options: The file ``options.json``.
        weights: The file ``weights.hdf5`` that belongs to it.
        folder: The folder to write, whole or not at all; missing folders above it are made. As
            with ``save_pretrained``, new weights replace all old ones, and other files stay.
        pre_tokenizer: How the tokenizer cuts text into words; see ``elmo_tokenizer``.

    Returns:
        The configuration of the model.

    Raises:
        ImportError: If h5py is not installed (extra ``elmo``).
        ValueError: If a file is damaged, or the files do not belong together.
        OSError: If a file cannot be read or written.
    """
    options, weights, folder = Path(options), Path(weights), Path(folder)
    fields = read_options(options)
    longest = fields["max_characters_per_token"]
    try:
        tokenizer = elmo_tokenizer(pre_tokenizer=pre_tokenizer, max_characters_per_token=longest)
        fields |= {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
        config = ElmoConfig(**fields)
    except ValueError as error:
        raise ValueError(f"{options}: {error}") from None
    with open_weights(weights, config) as given:
        mix = {
            "mix.weights": np.zeros(config.num_hidden_layers + 1, dtype=np.float32),
            "mix.gamma": np.ones(1, dtype=np.float32),
        }
        shapes: dict[str, tuple[int, ...]] = _shapes(config)
        with staged(folder) as place:
            _write_around(config, place)
            tokenizer.save_pretrained(place)
            with (place / _TENSORS).open("wb") as file:
                write_tensors(file, shapes, lambda n: mix[n] if n in mix else given.read(n))
    return config


def write_tensors(
    file: BinaryIO,
    shapes: Mapping[str, tuple[int, ...]],
    read: Callable[[str], np.ndarray],
) -> None:
    """Write a file in the format safetensors, one tensor after the other.

    Args:
        file: The file, open for writing.
        shapes: The shape of each tensor, in the order in which they are written.
        read: Returns the 32-bit numbers of a tensor.
    """
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in shapes.items():
        start, end = end, end + 4 * int(np.prod(shape))
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file.write(len(text).to_bytes(8, "little") + text)
    for name, shape in shapes.items():
        values = np.ascontiguousarray(read(name), dtype="<f4")
        assert values.shape == tuple(shape), f"{name}: {values.shape} is not {shape}"
        file.write(values.data)


def _shapes(config: ElmoConfig) -> dict[str, tuple[int, ...]]:
    """Return the shape of each tensor of the model."""
    import torch
    from transformers import initialization as init

    with torch.device("meta"), init.no_init_weights():
        model = ElmoModel(config)
    return {name: tuple(value.shape) for name, value in model.state_dict().items()}


def _write_around(config: ElmoConfig, place: Path) -> None:
    """Write the configuration and the code of a model by means of a tiny one, without weights."""
    from transformers.utils import logging

    shows_bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        sizes = {"filters": [[1, 1]], "num_highway_layers": 0, "hidden_size": 1, "cell_size": 1}
        tiny = ElmoModel(ElmoConfig(**{**config.to_diff_dict(), **sizes, "num_hidden_layers": 1}))
        tiny.config.update({name: getattr(config, name) for name in (*sizes, "num_hidden_layers")})
        tiny.save_pretrained(place)
    finally:
        if shows_bars:
            logging.enable_progress_bar()
    (place / _TENSORS).unlink()
