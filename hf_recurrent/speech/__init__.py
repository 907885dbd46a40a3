"""Speech recognition beside the models: tokenizers, streams, beam search, files of sound."""

from typing import TYPE_CHECKING

from .._lazy import import_lazily

if TYPE_CHECKING:
    from .beam_search import BeamSearch as BeamSearch
    from .beam_search import Transcript as Transcript
    from .causal_scorer import CausalScorer as CausalScorer
    from .lexicon import read_lexicon as read_lexicon
    from .ngrams import NgramModel as NgramModel
    from .streaming import SpeechStream as SpeechStream
    from .tokenizers import ctc_tokenizer as ctc_tokenizer

import_lazily(__name__)
