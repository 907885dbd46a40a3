"""Search: encoders of texts, BM25, rankings, hard negatives, and an index on disk."""

from typing import TYPE_CHECKING

from .._lazy import import_lazily

if TYPE_CHECKING:
    from .bm25 import Bm25 as Bm25
    from .documents import read_documents as read_documents
    from .index import SearchIndex as SearchIndex
    from .index import update_index as update_index
    from .negatives import HardNegatives as HardNegatives
    from .ranking import fuse as fuse
    from .ranking import paired_p_value as paired_p_value
    from .ranking import top as top
    from .sentence_transformer import save_sentence_transformer as save_sentence_transformer
    from .sentence_transformer import to_sentence_transformer as to_sentence_transformer
    from .text_encoder import TextEncoder as TextEncoder
    from .training import train_encoder as train_encoder

import_lazily(__name__)
