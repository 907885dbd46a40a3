"""Compressed word vectors: smaller on disk and in memory, decoded row by row."""

from typing import TYPE_CHECKING

from ..._lazy import import_lazily

if TYPE_CHECKING:
    from .compressed import CompressedKeyedVectors as CompressedKeyedVectors
    from .files import is_compressed as is_compressed
    from .models import compress_model as compress_model
    from .rows import METHODS as METHODS

import_lazily(__name__)
