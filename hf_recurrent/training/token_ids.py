"""The token ids of a text in a file that is mapped into memory, so its size does not matter."""

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy
from transformers import PreTrainedTokenizerBase

from .._whole import whole_file
from ..vectors.training.corpus import TextLines

# Lines of a file are tokenized in blocks of about so many characters, and so many texts at a time.
_BLOCK = 1 << 14
_TEXTS = 64


def write_token_ids(
    path: str | os.PathLike[str],
    texts: str | os.PathLike[str] | Iterable[str],
    tokenizer: PreTrainedTokenizerBase,
    *,
    end_of_text: bool = False,
) -> int:
    """Write the token ids of texts into one file, whole or not at all, in constant memory.

    Args:
        path: The file to write, in the format ``.npy`` of numpy; ``open_token_ids`` opens it.
        texts: The path of a text file of any size, or any iterable of texts, such as the column of
            a streamed data set. A single text is given in a list.
        tokenizer: The tokenizer; no special tokens are added.
        end_of_text: Whether ``tokenizer.eos_token_id`` follows each text of an iterable.

    Returns:
        The number of tokens.

    Raises:
        ValueError: If the file is not text, or there is no token for the end of a text.
        OSError: If a file cannot be read or written.
    """
    if end_of_text and tokenizer.eos_token_id is None:
        raise ValueError("end_of_text is True, and the tokenizer has no eos_token")
    if isinstance(texts, str | os.PathLike):
        texts = _blocks(TextLines(Path(texts)))
    end = [tokenizer.eos_token_id] if end_of_text else []
    dtype = np.dtype(np.uint16 if len(tokenizer) <= 1 << 16 else np.uint32)
    total = 0
    with whole_file(Path(path)) as file:
        _write_header(file, dtype, 0)
        read = iter(texts)
        while several := list(islice(read, _TEXTS)):
            encoded = tokenizer(several, add_special_tokens=False, verbose=False)
            for ids in encoded["input_ids"]:
                array = np.array([*ids, *end], dtype=dtype)
                file.write(array.tobytes())
                total += len(array)
        file.seek(0)
        _write_header(file, dtype, total)
    return total


def open_token_ids(path: str | os.PathLike[str]) -> np.ndarray:
    """Return the token ids of a file, mapped into memory: only what is read is loaded.

    Raises:
        ValueError: If the file holds no token ids, or is damaged.
        OSError: If it cannot be read.
    """
    try:
        ids = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        raise ValueError(f"{path} is no whole file of token ids: {error}") from error
    if not isinstance(ids, np.ndarray) or ids.ndim != 1 or ids.dtype.kind not in "iu":
        raise ValueError(f"{path} holds no token ids, expected one row of integers")
    return ids


def _write_header(file: BinaryIO, dtype: np.dtype, tokens: int) -> None:
    """Write a header, whose length does not depend on the number of tokens (numpy sees to that)."""
    described = {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": (tokens,)}
    npy.write_array_header_1_0(file, described)


def _blocks(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines joined into longer texts."""
    block: list[str] = []
    size = 0
    for line in lines:
        block.append(line)
        size += len(line)
        if size >= _BLOCK:
            yield "".join(block)
            block, size = [], 0
    if block:
        yield "".join(block)
