"""A small word-level tokenizer for tests."""

from tokenizers import Regex, Tokenizer, decoders
from tokenizers.models import WordLevel, WordPiece
from tokenizers.pre_tokenizers import BertPreTokenizer, Sequence, Split, Whitespace
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


def letter_tokenizer() -> PreTrainedTokenizerFast:
    """Return a tokenizer of ``[PAD]``, ``<unk>``, the space and the small letters."""
    letters = ("[PAD]", "<unk>", *" abcdefghijklmnopqrstuvwxyz")
    vocabulary = {letter: i for i, letter in enumerate(letters)}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Split(Regex(r"."), "isolated")
    tokenizer.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="<unk>",
        model_input_names=["input_ids", "attention_mask"],
    )


def piece_tokenizer() -> PreTrainedTokenizerFast:
    """Return a tokenizer that cuts words into pieces, and Chinese into characters."""
    pieces = ("[PAD]", "[UNK]", "a", "film", "play", "##ing", "##ed", "##s", "-", "特", "好")
    tokenizer = Tokenizer(WordPiece({p: i for i, p in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Sequence([BertPreTokenizer(), Split(Regex(r"\p{Han}"), "isolated")])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        model_input_names=["input_ids", "attention_mask"],
    )
