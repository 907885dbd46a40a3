"""Files of word vectors: read with every check on, and written whole or not at all."""

from typing import TYPE_CHECKING

from ..._lazy import import_lazily

if TYPE_CHECKING:
    from .conversion import convert_vectors as convert_vectors
    from .loading import load_vectors as load_vectors
    from .saving import save_vectors as save_vectors
    from .table import FORMATS as FORMATS

import_lazily(__name__)
