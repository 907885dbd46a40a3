"""Write folders: a matrix in one file, and its words beside it."""

import json
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from transformers.utils import logging

from ._folders import CONFIG, MODULES, TENSORS, TOKENIZER
from ._kept_tokenizer import KeptTokenizer
from ._new_tokenizer import NewTokenizer
from ._numpy import WORDS
from ._writers import RowWriter

_TENSOR_TYPES = {"float32": "F32", "float16": "F16"}
_HEADER_BYTES = 256


class NumpyWriter(RowWriter):
    """Write ``vectors.npy`` and ``vocabulary.txt``.

    Args:
        path: The folder, for messages.
        folder: The folder to write into.
        file: Its ``vectors.npy``.
        dtype: Type of the numbers.
        strict: Whether a word that the format cannot hold is an error.
    """

    def __init__(
        self, path: Path, folder: Path, file: BinaryIO, dtype: np.dtype, strict: bool = True
    ) -> None:
        super().__init__(path, dtype.newbyteorder("<"), strict)
        self.folder, self.file = folder, file
        self._header_bytes = 0

    def write_header(self, count: int) -> None:
        """Write the header, in which numpy leaves room for a longer count."""
        header = {
            "descr": np.lib.format.dtype_to_descr(self.dtype),
            "fortran_order": False,
            "shape": (count, self.dimension),
        }
        np.lib.format.write_array_header_1_0(self.file, header)

    def write_rows(self, words: list[str], values: np.ndarray) -> None:
        """Write rows."""
        self._header_bytes = self._header_bytes or self.file.tell()
        self.file.write(np.ascontiguousarray(values).data)

    def end(self) -> None:
        """Correct the header and write the words."""
        super().end()
        self.file.seek(0)
        self.write_header(len(self.words))
        assert self.file.tell() == self._header_bytes
        text = "".join(f"{word}\n" for word in self.words)
        (self.folder / WORDS).write_bytes(text.encode())

    def reason_against(self, word: str) -> str:
        """Return why a line would be read back as another word."""
        if "\n" in word or word.endswith("\r"):
            return "a file of one word a line has no place for a word with a line end"
        if not self.words and word.startswith("\ufeff"):
            return "a file that begins with a byte order mark would lose it"
        return super().reason_against(word)


class TensorWriter(RowWriter):
    """Write a matrix in safetensors, and the tokenizer whose ids are its rows.

    The rows of the tokens that the tokenizer adds are zeros.

    Args:
        path: The folder, for messages.
        folder: The folder to write into.
        file: Its ``model.safetensors``.
        format: One of the formats with a tokenizer.
        dtype: Type of the numbers.
        strict: Whether a word that the format cannot hold is an error.
        kept: A tokenizer to keep; its tokens are the words.
    """

    def __init__(
        self,
        path: Path,
        folder: Path,
        file: BinaryIO,
        format: str,
        dtype: np.dtype,
        strict: bool = True,
        kept: KeptTokenizer | None = None,
    ) -> None:
        super().__init__(path, dtype.newbyteorder("<"), strict)
        self.folder, self.file, self.format, self.kept = folder, file, format, kept

    def write_header(self, count: int) -> None:
        """Write the header, which always has the same length."""
        name = "embeddings" if self.format == "model2vec" else "embedding.weight"
        size = count * self.dimension * self.dtype.itemsize
        tensor = {
            "dtype": _TENSOR_TYPES[self.dtype.name],
            "shape": [count, self.dimension],
            "data_offsets": [0, size],
        }
        header = json.dumps({"__metadata__": {"format": "pt"}, name: tensor}).encode()
        self.file.write(_HEADER_BYTES.to_bytes(8, "little") + header.ljust(_HEADER_BYTES))

    def write_rows(self, words: list[str], values: np.ndarray) -> None:
        """Write rows."""
        self.file.write(np.ascontiguousarray(values).data)

    def end(self) -> None:
        """Write the rows of added tokens, and the files beside the matrix."""
        super().end()
        tokenizer = self.kept or NewTokenizer(self.words, self.preparation)
        self.remarks += tokenizer.remarks
        if self.kept is not None and self.kept.rows != len(self.words):
            raise ValueError(
                f"{self.kept.path}: some of its tokens were left out, so it cannot be kept; "
                f"convert to a format without a tokenizer first."
            )
        added = tokenizer.rows - len(self.words)
        self.file.write(np.zeros((added, self.dimension), dtype=self.dtype).data)
        self.file.seek(0)
        self.write_header(tokenizer.rows)
        if self.format == "static-embedding":
            self._write_model(tokenizer)
            return
        if self.kept is None:
            tokenizer.save(self.folder)
        else:
            self.kept.copy(self.folder / TOKENIZER)
        modules = [
            {
                "idx": 0,
                "name": "0",
                "path": "",
                # The older name, which newer versions of the library know too.
                "type": "sentence_transformers.models.StaticEmbedding",
            }
        ]
        self._write_json(MODULES, modules)
        if self.format == "model2vec":
            config = {
                "model_type": "model2vec",
                "architectures": ["StaticModel"],
                "hidden_dim": self.dimension,
                "normalize": False,
                "max_length": None,
                "embedding_dtype": self.dtype.name,
            }
            self._write_json(CONFIG, config)
        else:
            config = {
                "model_type": "SentenceTransformer",
                "prompts": {},
                "default_prompt_name": None,
                "similarity_fn_name": "cosine",
            }
            self._write_json("config_sentence_transformers.json", config)

    def _write_model(self, tokenizer: KeptTokenizer | NewTokenizer) -> None:
        """Write all except the matrix as ``StaticEmbeddingModel`` does, by means of a tiny one."""
        import torch

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
        matrix = self.folder / TENSORS
        aside = matrix.with_suffix(".matrix")
        matrix.rename(aside)
        shows_bars = logging.is_progress_bar_enabled()
        logging.disable_progress_bar()
        try:
            model.save_pretrained(self.folder)
        finally:
            if shows_bars:
                logging.enable_progress_bar()
        aside.replace(matrix)
        tokenizer.save(self.folder)

    def _write_json(self, name: str, content: Any) -> None:
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        (self.folder / name).write_text(text, encoding="utf-8")
