"""Folders of a safetensors matrix and a tokenizer: ours and those of two libraries."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..._wording import counted
from ...models.publishable import MARK, mark
from .._preparation import from_tokenizer, known_preparation
from ._row_writer import RowWriter
from ._rows import Read, RowCollector
from ._tensors import FLOATS, WHOLE_NUMBERS, Tensor, tensors_of
from ._tokens import TOKENIZER, read_json, tokens_of_document

if TYPE_CHECKING:
    from ._tokenizer_files import KeptTokenizer, NewTokenizer

CONFIG, MODULES, TENSORS = "config.json", "modules.json", "model.safetensors"
_HEADER_BYTES = 256
_MODEL2VEC = ("embeddings",)
# Names of the matrix, in the order of choice.
_NAMES = {
    "static-embedding": ("embedding.weight", "model.embedding.weight"),
    "sentence-transformers": ("embedding.weight", *_MODEL2VEC),
    "model2vec": _MODEL2VEC,
}


def read(folder: Path, format: str, rows: RowCollector, all_tokens: bool = False) -> None:
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
    tensor = tensors[name]
    tensor.check(FLOATS + (WHOLE_NUMBERS if name in _MODEL2VEC else ()))
    part: Read = tensor.read
    count = tensor.shape[0]
    if name in _MODEL2VEC:
        part, count = _weighted(tensor, tensors, len(words))
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
        part = _with_added(part, known, added)
    rows.add_matrix(words, tensor.shape[1], part, specials)


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
    from ..compression import CompressedKeyedVectors, is_compressed  # it uses this package

    if not is_compressed(folder):
        raise ValueError(
            f"{folder / CONFIG}: the input layer is of the kind {kind!r}, which makes a vector of "
            f"more than a row; load the model by AutoModel."
        )
    vectors = CompressedKeyedVectors.load(folder)
    coded, rows.preparation = vectors.vectors, known_preparation(vectors)
    size = vectors.vector_size
    rows.add_matrix(vectors.index_to_key, size, lambda start, stop: coded[start:stop])


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
        tensors["mapping"].check(WHOLE_NUMBERS, tokens)
        mapping = tensors["mapping"].read(0, tokens)
        if len(mapping) and not 0 <= mapping.min() <= mapping.max() < tensor.shape[0]:
            raise ValueError(
                f"{tensor.path}, tensor 'mapping': it names the rows {mapping.min()} to "
                f"{mapping.max()} of a matrix of {tensor.shape[0]}."
            )
    if "weights" in tensors:
        tensors["weights"].check(FLOATS, tokens)
        weights = tensors["weights"].read(0, tokens).astype(np.float32)
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


class Writer(RowWriter):
    """Write a matrix in safetensors, and the tokenizer whose ids are its rows.

    The rows of the tokens that the tokenizer adds are zeros.
    """

    matrix = TENSORS

    def header(self, count: int) -> bytes:
        """Return the header, which always has the same length."""
        name = "embeddings" if self.format == "model2vec" else "embedding.weight"
        tensor = {
            "dtype": f"F{8 * self.dtype.itemsize}",
            "shape": [count, self.dimension],
            "data_offsets": [0, count * self.dimension * self.dtype.itemsize],
        }
        header = json.dumps({"__metadata__": {"format": "pt"}, name: tensor}).encode()
        return _HEADER_BYTES.to_bytes(8, "little") + header.ljust(_HEADER_BYTES)

    def end(self) -> None:
        """Write the rows of added tokens, and the files beside the matrix."""
        from ._tokenizer_files import NewTokenizer

        super().end()
        tokenizer = self.kept or NewTokenizer(self.words, self.preparation)
        self.remarks += tokenizer.remarks
        if self.kept is not None and self.kept.rows != len(self.words):
            raise ValueError(
                f"{self.kept.path}: some of its tokens were left out, so it cannot be kept; "
                f"convert to a format without a tokenizer first."
            )
        self.file.seek(0)
        self.file.write(self.header(tokenizer.rows))
        self.file.seek(0, 2)
        added = tokenizer.rows - len(self.words)
        self.file.write(np.zeros((added, self.dimension), dtype=self.dtype).data)
        if self.format == "static-embedding":
            self._write_model(tokenizer)
            return
        if self.kept is None:
            tokenizer.save(self.place, self.marked)
        else:
            self.kept.copy(self.place / TOKENIZER)
        # The older name of the type, which newer versions of the library know too.
        kind = "sentence_transformers.models.StaticEmbedding"
        self._write_json(MODULES, [{"idx": 0, "name": "0", "path": "", "type": kind}])
        config: dict[str, Any] = {"model_type": "SentenceTransformer", "prompts": {}}
        config |= {"default_prompt_name": None, "similarity_fn_name": "cosine"}
        if self.format == "model2vec":
            config = {"model_type": "model2vec", "architectures": ["StaticModel"]}
            config |= {"hidden_dim": self.dimension, "normalize": False, "max_length": None}
            config |= {"embedding_dtype": self.dtype.name}
        if self.marked:
            config[MARK] = False
        is_theirs = self.format == "sentence-transformers"
        self._write_json("config_sentence_transformers.json" if is_theirs else CONFIG, config)

    def _write_model(self, tokenizer: "KeptTokenizer | NewTokenizer") -> None:
        """Write all except the matrix as ``StaticEmbeddingModel`` does, by means of a tiny one."""
        import torch
        from transformers.utils import logging

        from ...models.configuration_static_embedding import StaticEmbeddingConfig
        from ...models.modeling_static_embedding import StaticEmbeddingModel

        config = StaticEmbeddingConfig(
            vocab_size=1, embedding_size=self.dimension, pad_token_id=None
        )
        model = StaticEmbeddingModel(config).to(getattr(torch, self.dtype.name))
        model.config.vocab_size = tokenizer.rows
        model.config.num_words = len(self.words) if self.kept is None else None
        model.config.pad_token_id = tokenizer.pad_token_id
        model.config.eos_token_id = tokenizer.eos_token_id
        if self.marked:
            mark(model)
        matrix = self.place / TENSORS
        aside = matrix.with_suffix(".matrix")
        matrix.rename(aside)
        shows_bars = logging.is_progress_bar_enabled()
        logging.disable_progress_bar()
        try:
            model.save_pretrained(self.place)
        finally:
            if shows_bars:
                logging.enable_progress_bar()
        aside.replace(matrix)
        tokenizer.save(self.place, self.marked)

    def _write_json(self, name: str, content: Any) -> None:
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        (self.place / name).write_text(text, encoding="utf-8")
