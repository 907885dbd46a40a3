"""A fast tokenizer of data that may not be passed on."""

from transformers import PreTrainedTokenizerFast

from .publishable import GuardedPushes


class MarkedTokenizer(GuardedPushes, PreTrainedTokenizerFast):
    """A plain fast tokenizer that is not pushed to the Hub.

    Saved word tokenizers with the mark name this class, and all others the plain one. Without this
    package transformers opens it as the plain one; its settings still have the mark.

    It has no ``__init__``, because transformers would then rebuild it wrongly when it is loaded.
    """
