"""Compressed vectors on disk: a saved ``StaticEmbeddingModel`` with a compressed input layer."""

from pathlib import Path
from typing import Any

import numpy as np

from ..._wording import counted
from .._preparation import Preparation, from_tokenizer
from ..formats._tensors import tensors_of
from ..formats._tokens import read_json, tokens_of_document
from .rows import CODINGS, CodedRows

CONFIG, TENSORS, TOKENIZER = "config.json", "model.safetensors", "tokenizer.json"
# The names of the input layer in the models of each family, and below their heads.
_LAYERS = ("embedding.", "model.embedding.", "embed_tokens.", "model.embed_tokens.")


def is_compressed(path: str | Path) -> bool:
    """Check whether a path is the folder of a model with a compressed input layer."""
    config = Path(path, CONFIG)
    return config.is_file() and _embedding_config(config).get("kind") in CODINGS


def read_folder(folder: Path) -> tuple[list[str], set[int], CodedRows, Preparation | None]:
    """Read the folder of a model with a compressed input layer, without a model.

    Returns:
        The words in the order of the rows, the numbers of the rows that are only special tokens,
        the rows, and how text becomes words if that is known.

    Raises:
        ValueError: If a file is damaged or the input layer is not compressed; the sentence names
            the file.
        OSError: If a file cannot be read.
    """
    embedding_config = _embedding_config(folder / CONFIG)
    method = embedding_config.get("kind")
    if method not in CODINGS:
        raise ValueError(
            f"{folder / CONFIG}: embedding_config is {embedding_config or None}, expected one of "
            f"the kinds {', '.join(CODINGS)}."
        )
    document = read_json(folder / TOKENIZER)
    words, special = tokens_of_document(folder / TOKENIZER, document)
    preparation = from_tokenizer(document)
    del document  # it is large
    config = read_json(folder / CONFIG)
    rows = _rows(folder / TENSORS, method, len(words), config.get("embedding_size"))
    known = config.get("num_words")
    behind = known if isinstance(known, int) else len(words)  # rows that from_vectors added
    left_out = {row for row in special if row >= behind or not rows[row].any()}
    return words, left_out, rows, preparation


def _embedding_config(path: Path) -> dict[str, Any]:
    """Read the part of a configuration about the input layer, empty for the plain look-up."""
    config = read_json(path)
    found = config.get("embedding_config") if isinstance(config, dict) else None
    return found if isinstance(found, dict) else {}


def _rows(path: Path, method: str, words: int, dimension: Any) -> CodedRows:
    """Read the rows, if the shapes of their arrays fit each other and the vocabulary."""
    coding, tensors = CODINGS[method], tensors_of(path)
    layer = next((layer for layer in _LAYERS if f"{layer}codes" in tensors), None)
    if layer is None:
        raise ValueError(
            f"{path}: found the tensors {', '.join(sorted(tensors)) or 'none'}, expected "
            f"{_LAYERS[0]}codes."
        )
    found = {name: tensors.get(layer + name) for name in coding.kept}
    shapes = {name: tensor and (tensor.shape, tensor.dtype) for name, tensor in found.items()}
    if not isinstance(dimension, int) or not coding.fits(shapes, words, dimension):
        raise ValueError(
            f"{path}: the codes of {method} have the shapes {shapes}, which do not go with each "
            f"other, with {counted(words, 'token')} in {TOKENIZER} and embedding_size {dimension}."
        )
    arrays = {k: t.read(0, t.shape[0]) for k, t in found.items() if t is not None}
    for name, array in arrays.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ValueError(f"{path}, tensor {layer + name!r}: it holds NaN or infinity.")
    full = {k: v.astype(np.float32) if v.dtype.kind == "f" else v for k, v in arrays.items()}
    return coding(full, (words, dimension))
