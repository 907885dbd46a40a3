"""Compressed vectors on disk: a saved ``StaticEmbeddingModel`` with a compressed input layer."""

from pathlib import Path
from typing import Any

import numpy as np

from ..._whole import whole_folder
from ..._wording import counted
from .._preparation import from_tokenizer, keep_preparation
from ..formats._tensors import Tensor, tensors_of
from ..formats._tokens import read_json, tokens_of_document
from .keyed_vectors import CompressedKeyedVectors
from .models import model_from_compressed, named_rows
from .rows import CODINGS

__all__ = ["is_compressed", "load_compressed", "save_compressed"]

CONFIG, TENSORS, TOKENIZER = "config.json", "model.safetensors", "tokenizer.json"
# The names of the input layer in the models of each family, and below their heads.
_LAYERS = ("embedding.", "model.embedding.", "embed_tokens.", "model.embed_tokens.")


def save_compressed(vectors: CompressedKeyedVectors, path: str | Path) -> None:
    """Save compressed vectors as the folder of a model with its tokenizer, for the Hub.

    ``load_compressed`` reads it; ``AutoModel`` and ``AutoTokenizer`` load the folder, too. It is
    written whole or not at all.

    Raises:
        OSError: If it cannot be written.
    """
    model, tokenizer = model_from_compressed(vectors)
    with whole_folder(Path(path)) as folder:
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)


def is_compressed(path: str | Path) -> bool:
    """Check whether a path is the folder of a model with a compressed input layer."""
    config = Path(path, CONFIG)
    return config.is_file() and _embedding_config(config).get("kind") in CODINGS


def load_compressed(path: str | Path, limit: int | None = None) -> CompressedKeyedVectors:
    """Load compressed vectors, which stay compressed; no model is built.

    Args:
        path: The folder of a model whose input layer is compressed.
        limit: Number of words to keep, from the first on.

    Raises:
        ValueError: If a file is damaged or the input layer is not compressed; the sentence names
            the file.
        OSError: If a file cannot be read.
    """
    folder = Path(path)
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be at least 1 or None, not {limit}.")
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
    tensors = tensors_of(folder / TENSORS)
    config = read_json(folder / CONFIG)
    dimension, known = config.get("embedding_size"), config.get("num_words")
    arrays = _arrays(folder / TENSORS, tensors, method, len(words), dimension)
    behind = known if isinstance(known, int) else len(words)  # rows that from_vectors added
    left_out = {
        words[row] for row in special if row >= behind or _is_zero(method, arrays, row, dimension)
    }
    vectors = named_rows(words, left_out, method, arrays, dimension)
    keep_preparation(vectors, preparation)
    return vectors if limit is None else vectors.first(limit)


def _embedding_config(path: Path) -> dict[str, Any]:
    """Read the part of a configuration about the input layer, empty for the plain look-up."""
    config = read_json(path)
    found = config.get("embedding_config") if isinstance(config, dict) else None
    return found if isinstance(found, dict) else {}


def _arrays(
    path: Path, tensors: dict[str, Tensor], method: str, words: int, dimension: Any
) -> dict[str, np.ndarray]:
    """Read the arrays of a coding, if their shapes fit each other and the vocabulary."""
    coding = CODINGS[method]
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
    return {k: v.astype(np.float32) if v.dtype.kind == "f" else v for k, v in arrays.items()}


def _is_zero(method: str, arrays: dict[str, np.ndarray], row: int, dimension: int) -> bool:
    rows = CODINGS[method](arrays, (len(arrays["codes"]), dimension))
    return not rows[row].any()
