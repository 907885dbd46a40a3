"""Vectors of words in their context, by layer: neighbours, spread over contexts, senses."""

from typing import TYPE_CHECKING

from ..._lazy import import_lazily

if TYPE_CHECKING:
    from .encoder import ContextualVectors as ContextualVectors
    from .encoder import cut_words as cut_words
    from .nearest import Occurrence as Occurrence
    from .nearest import neighbors_in_context as neighbors_in_context
    from .plot import plot_layers as plot_layers
    from .senses import LayerSenses as LayerSenses
    from .senses import SenseRow as SenseRow
    from .senses import compare_senses as compare_senses
    from .senses import read_senses as read_senses
    from .spread import Spread as Spread
    from .spread import context_spread as context_spread
    from .two_senses import TWO_SENSES as TWO_SENSES

import_lazily(__name__)
