"""ELMo from outside: its tokenizer, and the published weights."""

from typing import TYPE_CHECKING

from ..._lazy import import_lazily

if TYPE_CHECKING:
    from .conversion import convert_elmo as convert_elmo
    from .inputs import elmo_inputs as elmo_inputs
    from .tokenizer import elmo_tokenizer as elmo_tokenizer

import_lazily(__name__)
