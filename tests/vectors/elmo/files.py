"""Small files of a made-up ELMo, as bilm-tf writes them."""

import json
from pathlib import Path
from typing import Any

import numpy as np

# Limits that the made-up weights reach, and widths by which there is no projection of the words.
OPTIONS: dict[str, Any] = {
    "lstm": {
        "cell_clip": 0.5,
        "proj_clip": 0.4,
        "dim": 6,
        "projection_dim": 5,
        "n_layers": 2,
        "use_skip_connections": True,
    },
    "char_cnn": {
        "embedding": {"dim": 3},
        "filters": [[1, 3], [2, 4]],
        "n_highway": 1,
        "n_characters": 261,
        "max_characters_per_token": 8,
        "activation": "tanh",
    },
    "bidirectional": True,
    "dropout": 0.1,
    "unroll_steps": 20,
}
CELL = "RNN_{}/RNN/MultiRNNCell/Cell{}/LSTMCell/"


def arrays(options: dict[str, Any]) -> dict[str, np.ndarray]:
    """Return random weights with the names and shapes of bilm-tf."""
    chance = np.random.default_rng(0)
    lstm, cnn = options["lstm"], options["char_cnn"]
    dim, size, cell = cnn["embedding"]["dim"], lstm["projection_dim"], lstm["dim"]
    width = sum(number for _, number in cnn["filters"])
    shapes: dict[str, tuple[int, ...]] = {"char_embed": (261, dim)}
    for i, (window, number) in enumerate(cnn["filters"]):
        shapes |= {f"CNN/W_cnn_{i}": (1, window, dim, number), f"CNN/b_cnn_{i}": (number,)}
    for i in range(cnn["n_highway"]):
        for name in ("transform", "carry"):
            shapes[f"CNN_high_{i}/W_{name}"] = (width, width)
            shapes[f"CNN_high_{i}/b_{name}"] = (width,)
    if width != size:
        shapes |= {"CNN_proj/W_proj": (width, size), "CNN_proj/b_proj": (size,)}
    for direction in range(2):
        for layer in range(lstm["n_layers"]):
            group = CELL.format(direction, layer)
            shapes |= {group + "W_0": (2 * size, 4 * cell), group + "B": (4 * cell,)}
            if size != cell:
                shapes[group + "W_P_0"] = (cell, size)
    return {name: chance.normal(0, 0.5, shape).astype(np.float32) for name, shape in shapes.items()}


def write(folder: Path, options: Any, weights: dict[str, np.ndarray]) -> tuple[str, str]:
    """Return the paths of both files."""
    import h5py

    paths = folder / "options.json", folder / "weights.hdf5"
    paths[0].write_text(options if isinstance(options, str) else json.dumps(options))
    with h5py.File(paths[1], "w") as file:
        for name, values in weights.items():
            file[name] = values
    return str(paths[0]), str(paths[1])
