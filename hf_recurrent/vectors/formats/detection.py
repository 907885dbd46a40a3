"""Find the format of a file or folder from its content."""

import os
import struct
from pathlib import Path

from ..._wording import did_you_mean
from ._fasttext import MAGIC, looks_old
from ._layout import find_layout
from ._numpy import MATRIX
from ._tensors import tensors_of
from ._token_folders import CONFIG, MODULES, TENSORS
from ._tokens import read_json
from .table import FORMATS, PACKAGE, PACKAGES, Format, check_format

_PICKLES = tuple(b"\x80" + bytes([protocol]) for protocol in range(2, 6))


def find_source(source: str | os.PathLike[str], format: str = "auto") -> tuple[Path, Format]:
    """Return the path and the format of word vectors.

    Args:
        source: A file, a folder or, if there is none of this name, a name of ``PACKAGES``.
        format: Name of the format, or "auto" to find it from the content.

    Returns:
        The path and its format; for a name the name itself and ``PACKAGE``.

    Raises:
        ValueError: As for ``find_format``.
        OSError: If nothing has this name, or the file cannot be read.
    """
    path = Path(source)
    check_format(format, "auto")
    if path.exists():
        return path, FORMATS[find_format(path, format)]
    if os.fspath(source) in PACKAGES and format == "auto":
        return path, PACKAGE
    beside = map(str, path.parent.iterdir()) if path.parent.is_dir() else ()
    raise FileNotFoundError(
        f"'{source}' is neither a file or folder nor the name of word vectors "
        f"({', '.join(PACKAGES)}).{did_you_mean(str(source), [*PACKAGES, *beside])}"
    )


def find_format(path: Path, format: str = "auto") -> str:
    """Return the name of the format; for "auto" find it from the content.

    Raises:
        ValueError: If the name is unknown, or the content is of no known format.
        OSError: If the file cannot be read.
    """
    check_format(format, "auto")
    if format != "auto":
        return format
    return _format_of_folder(path) if path.is_dir() else _format_of_file(path)


def _format_of_file(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(1 << 12)
    if head.startswith(struct.pack("<i", MAGIC)) or looks_old(head):
        return "fasttext"
    if head.startswith(_PICKLES):
        return "gensim"
    if head.startswith(b"\x93NUMPY"):
        raise ValueError(
            f"{path}: an array has no words; expected the folder of {MATRIX} and vocabulary.txt."
        )
    if head[8:10] == b'{"' and struct.unpack("<Q", head[:8])[0] < path.stat().st_size:
        raise ValueError(
            f"{path}: a safetensors file has no words; expected the folder that it stands in."
        )
    return find_layout(path, "auto").format


def _format_of_folder(folder: Path) -> str:
    if (folder / MATRIX).exists():
        return "numpy"
    config = read_json(folder / CONFIG) if (folder / CONFIG).exists() else {}
    kind = config.get("model_type") if isinstance(config, dict) else None
    if kind == "static_embedding":
        return "static-embedding"
    if (folder / TENSORS).exists() and "embeddings" in tensors_of(folder / TENSORS):
        return "model2vec"
    if (folder / MODULES).exists():
        return "sentence-transformers"
    found = f"a model of the type {kind!r}" if kind else "no file of theirs"
    folders = ", ".join(name for name, format in FORMATS.items() if not format.ending)
    raise ValueError(f"{folder}: found {found}, expected a folder of word vectors: {folders}.")
