"""A small word-level tokenizer for tests."""

from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import PreTrainedTokenizerFast

WORDS = ("good", "bad", "film", "plot", "a", "the", "very", "not", "and", "dull", "fine")


def word_tokenizer(vocab_size: int | None = None) -> PreTrainedTokenizerFast:
    """Return a tokenizer of ``[PAD]``, ``<unk>`` and the words, at most ``vocab_size`` in all."""
    vocabulary = {word: i for i, word in enumerate(("[PAD]", "<unk>", *WORDS)[:vocab_size])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="<unk>",
        model_input_names=["input_ids", "attention_mask"],
    )
