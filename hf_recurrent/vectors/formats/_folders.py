"""Read folders of a safetensors matrix and a tokenizer: ours and those of two libraries."""

from pathlib import Path
from typing import Any

import numpy as np

from ..._wording import counted
from .._preparation import from_tokenizer, known_preparation
from ._collector import RowCollector
from ._dense import Read, collect
from ._tensors import Tensor, column, matrix, tensors_of
from ._tokens import read_json, tokens_of_document

CONFIG, MODULES, TENSORS, TOKENIZER = (
    "config.json",
    "modules.json",
    "model.safetensors",
    "tokenizer.json",
)
_MODEL2VEC = ("embeddings",)
# Names of the matrix, in the order of choice.
_NAMES = {
    "static-embedding": ("embedding.weight", "model.embedding.weight"),
    "sentence-transformers": ("embedding.weight", *_MODEL2VEC),
    "model2vec": _MODEL2VEC,
}


def read_folder(folder: Path, format: str, rows: RowCollector, all_tokens: bool = False) -> None:
    """Read "static-embedding", "sentence-transformers" or "model2vec".

    Args:
        folder: The folder.
        format: Its format.
        rows: What takes the rows.
        all_tokens: Whether special tokens count as words.

    Raises:
        ValueError: If a file is damaged, or the matrix and the tokenizer do not fit together.
        OSError: If a file is missing or cannot be read.
    """
    config = read_json(folder / CONFIG) if format == "static-embedding" else {}
    if layer_kind(config) is not None:
        _read_compressed(folder, layer_kind(config), rows)
        return
    place = folder_of_parts(folder, format)
    path = place / TENSORS
    tensors = tensors_of(path)
    name = next((name for name in _NAMES[format] if name in tensors), None)
    if name is None:
        raise ValueError(
            f"{path}: found the tensors {', '.join(sorted(tensors)) or 'none'}, expected "
            f"{' or '.join(_NAMES[format])} for the format {format}."
        )
    document = read_json(place / TOKENIZER)
    words, specials = tokens_of_document(place / TOKENIZER, document)
    rows.preparation = from_tokenizer(document)
    del document  # it is large
    tensor = matrix(tensors[name], whole_numbers=name in _MODEL2VEC)
    if name in _MODEL2VEC:
        read, count = _weighted(tensor, tensors, len(words))
    else:
        read, count = tensor.read, tensor.shape[0]
    if count != len(words):
        raise ValueError(
            f"{path}: the matrix has {counted(count, 'row')} and {TOKENIZER} beside it "
            f"{counted(len(words), 'token')}: they do not belong together."
        )
    known = config.get("num_words") if isinstance(config, dict) else None
    if all_tokens:
        specials = set()
    elif isinstance(known, int) and 1 <= known <= len(words):
        # After the words of the vectors come special tokens and tokens that users have added.
        added = [row for row in range(known, len(words)) if row not in specials]
        words, specials = words[:known] + [words[row] for row in added], set()
        read = _with_added(read, known, added)
    collect(rows, words, tensor.shape[1], read, specials)


def _with_added(read: Read, known: int, added: list[int]) -> Read:
    """Return a function that reads the first rows of a matrix, and then some of the others."""

    def read_both(start: int, stop: int) -> np.ndarray:
        parts = [read(start, min(stop, known))] if start < known else []
        own = added[max(0, start - known) : max(0, stop - known)]
        return np.concatenate(parts + [read(row, row + 1) for row in own])

    return read_both if added else read


def folder_of_parts(folder: Path, format: str) -> Path:
    """Return the folder of the matrix and the tokenizer of a format.

    Raises:
        ValueError: As for ``static_embedding_folder``.
        OSError: If a file cannot be read.
    """
    return static_embedding_folder(folder) if format == "sentence-transformers" else folder


def layer_kind(config: Any) -> str | None:
    """Return the kind of a ``StaticEmbeddingModel``'s input layer, None for a plain look-up."""
    layer = config.get("embedding_config") if isinstance(config, dict) else None
    return str(layer.get("kind")) if isinstance(layer, dict) else None


def _read_compressed(folder: Path, kind: str | None, rows: RowCollector) -> None:
    """Read the folder of a model that keeps codes in place of the vectors, and decode them."""
    from ..compression import is_compressed, load_compressed  # it uses this package

    if not is_compressed(folder):
        raise ValueError(
            f"{folder / CONFIG}: the input layer is of the kind {kind!r}, which makes a vector of "
            f"more than a row; load the model by AutoModel."
        )
    vectors = load_compressed(folder)
    coded, rows.preparation = vectors.vectors, known_preparation(vectors)
    collect(rows, vectors.index_to_key, vectors.vector_size, lambda start, stop: coded[start:stop])


def static_embedding_folder(folder: Path) -> Path:
    """Return the folder of the ``StaticEmbedding`` module of a sentence-transformers model.

    Raises:
        ValueError: If ``modules.json`` is damaged, or names another kind of module or a folder
            elsewhere.
        OSError: If it cannot be read.
    """
    path = folder / MODULES
    modules = read_json(path)
    whole = isinstance(modules, list) and all(
        isinstance(module, dict)
        and isinstance(module.get("type"), str)
        and isinstance(module.get("path"), str)
        for module in modules
    )
    if not whole or not modules:
        raise ValueError(f"{path}: expected a list of modules, each with its type and path.")
    first = modules[0]
    kind = first["type"].rpartition(".")[2]
    if kind != "StaticEmbedding":
        raise ValueError(
            f"{path}: the first module is {kind}, and only StaticEmbedding is a matrix of word "
            f"vectors."
        )
    place = (folder / first["path"]).resolve() if "\0" not in first["path"] else None
    if place is None or not place.is_relative_to(folder.resolve()):
        raise ValueError(f"{path}: the path {first['path']!r} leads out of the folder.")
    return folder / first["path"]


def _weighted(tensor: Tensor, tensors: dict[str, Tensor], tokens: int) -> tuple[Read, int]:
    """Return a reader of the rows as model2vec makes them, and their number.

    The tensor ``mapping`` has the row of each token, if tokens share rows; ``weights`` has the
    factor of each token.
    """
    mapping = weights = None
    if "mapping" in tensors:
        mapping = column(tensors["mapping"], tokens, whole_numbers=True)
        if len(mapping) and not 0 <= mapping.min() <= mapping.max() < tensor.shape[0]:
            raise ValueError(
                f"{tensor.path}, tensor 'mapping': it names the rows {mapping.min()} to "
                f"{mapping.max()} of a matrix of {tensor.shape[0]}."
            )
    if "weights" in tensors:
        weights = column(tensors["weights"], tokens, whole_numbers=False).astype(np.float32)
    # Shared rows are few, so they are read as a whole.
    shared = tensor.read(0, tensor.shape[0]) if mapping is not None else None

    def read(start: int, stop: int) -> np.ndarray:
        if mapping is None or shared is None:
            values = tensor.read(start, stop)
        else:
            values = shared[mapping[start:stop]]
        if weights is None:
            return values
        return values.astype(np.float32) * weights[start:stop, None]

    return read, tensor.shape[0] if mapping is None else tokens
