"""What a verb takes as word vectors: a name, or a file or folder in any format."""

from pathlib import Path
from typing import Any

# As `hf_recurrent.vectors.named` has them, which takes seconds to import; a test compares them.
NAMES = ("glove", "word2vec")


def read_vectors(source: str, limit: int | None = None) -> Any:
    """Reads word vectors; compressed ones stay compressed.

    Args:
        source: One of `NAMES`, unless a file or folder has that name, or a path.
        limit: Number of words to read at most, from the first on.

    Raises:
        ValueError: If the file is damaged.
        OSError: If it cannot be read.
    """
    from ...vectors import load_named_vectors, load_vectors
    from ...vectors.compression import is_compressed, load_compressed

    if source in NAMES and not Path(source).exists():
        return load_named_vectors(source, limit)
    if is_compressed(source):
        return load_compressed(source, limit)
    return load_vectors(source, limit=limit)
