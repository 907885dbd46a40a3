"""The file ``weights.hdf5`` of a published ELMo, as the tensors of ``ElmoModel``."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..._extras import require
from ...models.configuration_elmo import ElmoConfig

# TensorFlow has the gates i, g, f, o, and adds 1 to the bias of f when it runs.
_GATES = (0, 2, 1, 3)


class _Source(NamedTuple):
    """Where the weights of a tensor are in the file.

    Attributes:
        name: The data set.
        shape: Its shape.
        change: Returns the tensor, given its values.
    """

    name: str
    shape: tuple[int, ...]
    change: Callable[[np.ndarray], np.ndarray]


class ElmoWeights:
    """The weights of a file, checked against a configuration, and read one by one.

    Args:
        path: The file in HDF5, opened.
        config: The configuration that the options describe.

    Raises:
        ValueError: If the file is damaged, lacks a data set, has one too many, or one has another
            shape than the options say; the sentence names the file and the data set.
    """

    def __init__(self, path: Path, file: Any, config: ElmoConfig) -> None:
        self.path, self._file = path, file
        self.sources = _sources(config)
        found = _data_sets(path, file)
        for source in self.sources.values():
            if source.name not in found:
                raise ValueError(
                    f"{path}: the data set {source.name!r} is missing, which the options ask for."
                )
            if found[source.name] != source.shape:
                raise ValueError(
                    f"{path}: the data set {source.name!r} has the shape {found[source.name]}, and "
                    f"the options ask for {source.shape}."
                )
        extra = sorted(found.keys() - {source.name for source in self.sources.values()})
        if extra:
            raise ValueError(
                f"{path}: the options do not ask for the data set {extra[0]!r}, so they belong to "
                f"another model."
            )

    def read(self, name: str) -> np.ndarray:
        """Return the values of a tensor of ``ElmoModel`` as 32-bit numbers.

        Raises:
            ValueError: If the file is damaged there, or a value is no finite number.
        """
        source = self.sources[name]
        with _errors(self.path):
            values = np.asarray(self._file[source.name][...], dtype=np.float32)
        if not np.isfinite(values).all():
            raise ValueError(
                f"{self.path}: the data set {source.name!r} has values that are no finite numbers."
            )
        return np.ascontiguousarray(source.change(values))


@contextmanager
def open_weights(path: Path, config: ElmoConfig) -> Iterator[ElmoWeights]:
    """Open a file of weights.

    Raises:
        ImportError: If h5py is not installed.
        ValueError: As for ``ElmoWeights``, or if the file is not HDF5.
        OSError: If the file cannot be read.
    """
    h5py = require("h5py", "elmo", "Converting ELMo")
    path.open("rb").close()  # an error of the system names the file
    with _errors(path):
        file = h5py.File(path, "r")
    with file:
        yield ElmoWeights(path, file, config)


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    """Turn an error of h5py about a damaged file into a ``ValueError`` that names it."""
    try:
        yield
    except (OSError, KeyError, RuntimeError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path}: not a whole HDF5 file of weights ({reason}).") from None


def _data_sets(path: Path, file: Any) -> dict[str, tuple[int, ...]]:
    """Return the shape of each data set, by its name."""
    found: dict[str, tuple[int, ...]] = {}

    def look(name: str, item: Any) -> None:
        if hasattr(item, "shape"):
            found[name] = tuple(item.shape or ())

    with _errors(path):
        file.visititems(look)
    return found


def _sources(config: ElmoConfig) -> dict[str, _Source]:
    """Return where each tensor is, in the order of the model."""
    size, cell, dim = config.hidden_size, config.cell_size, config.character_size
    width = sum(number for _, number in config.filters)
    table = "char_embed"
    sources = {"embed_tokens.character_weight": _Source(table, (261, dim), _with_first_row)}
    for i, (window, number) in enumerate(config.filters):
        own = f"embed_tokens.filters.{i}."
        shape = (1, window, dim, number)
        sources[own + "weight"] = _Source(f"CNN/W_cnn_{i}", shape, lambda w: w[0].T)
        sources[own + "bias"] = _Source(f"CNN/b_cnn_{i}", (number,), _as_it_is)
    for i in range(config.num_highway_layers):
        for ours, theirs in (("transform", "transform"), ("gate", "carry")):
            own, group = f"embed_tokens.highways.{i}.{ours}_", f"CNN_high_{i}/"
            sources[own + "weight"] = _Source(f"{group}W_{theirs}", (width, width), np.transpose)
            sources[own + "bias"] = _Source(f"{group}b_{theirs}", (width,), _as_it_is)
    if width != size:
        own = "embed_tokens.projection."
        sources[own + "weight"] = _Source("CNN_proj/W_proj", (width, size), np.transpose)
        sources[own + "bias"] = _Source("CNN_proj/b_proj", (size,), _as_it_is)
    for layer in range(config.num_hidden_layers):
        for direction in range(2):
            own = f"layers.{layer}.{direction}."
            group = f"RNN_{direction}/RNN/MultiRNNCell/Cell{layer}/LSTMCell/"
            both = (2 * size, 4 * cell)
            for name, rows in (("weight_ih", slice(size)), ("weight_hh", slice(size, None))):
                sources[own + name] = _Source(group + "W_0", both, _gate_weights(rows))
            sources[own + "bias"] = _Source(group + "B", (4 * cell,), _gate_bias)
            if cell != size:
                projection = _Source(group + "W_P_0", (cell, size), np.transpose)
                sources[own + "weight_hr"] = projection
    return sources


def _as_it_is(values: np.ndarray) -> np.ndarray:
    return values


def _with_first_row(table: np.ndarray) -> np.ndarray:
    """Return the table with a row in front, of the id of a token that is not there."""
    return np.concatenate([np.zeros_like(table[:1]), table])


def _gate_weights(rows: slice) -> Callable[[np.ndarray], np.ndarray]:
    """Return the change of weights (inputs, 4 * cell_size), of which the rows are some inputs."""

    def change(values: np.ndarray) -> np.ndarray:
        gates = np.split(values[rows], 4, axis=1)
        return np.concatenate([gates[gate].T for gate in _GATES])

    return change


def _gate_bias(values: np.ndarray) -> np.ndarray:
    gates = [np.split(values, 4)[gate] for gate in _GATES]
    gates[1] = gates[1] + 1
    return np.concatenate(gates)
