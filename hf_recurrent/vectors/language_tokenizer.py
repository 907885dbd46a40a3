"""Tokenizers of language models: words, pieces, characters and bytes, made from a text."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from ..models.texts import check_texts
from .tokenizer import END, PADDING, UNKNOWN, words_by_frequency, wrapped

# A word holds the space before it, so that words put side by side are the text. An apostrophe or a
# hyphen inside a word belongs to it, a point or a comma to a number; a sign that is repeated
# ("...", "--") is one word. Each other white space is a word of its own.
_WORDS = r" ?(?:\d+(?:[.,]\d+)+|\w+(?:['’-]\w+)*)| ?([^\s\w])\1*|\s"
_WHITESPACE = r"\S+|\n"
_CHARACTERS = r"[\s\S]"
_PIECES = 8000
# A text without line ends is given to the trainers in parts of this length.
_CHARACTERS_AT_ONCE = 1 << 16


def language_model_tokenizer(
    texts: str | Iterable[str],
    kind: str = "words",
    *,
    vocab_size: int | None = None,
    min_frequency: int = 1,
) -> PreTrainedTokenizerFast:
    """Make the tokenizer of a language model from a text.

    A text that is encoded and decoded is the same text, and so is a continuation that is decoded
    alone and put after its prompt, as pipelines and streamers do. There are two exceptions: a word
    that is not in the vocabulary is decoded as ``<unk>``, and "whitespace" decodes words with one
    space before each of them, the first one included.

    Each kind has the tokens ``</s>``, which begins and ends a text (``bos`` and ``eos``, as in
    GPT-2), and ``[PAD]``, with the last ids. Words and characters also have ``<unk>``. The name of
    a special token in a text is text, except in a text for "whitespace". Padding is on the left,
    as ``generate`` needs it.

    Args:
        texts: One text, or any iterable of texts, which is read once and never held as a whole.
        kind: "words": words, numbers and signs, with their spaces, of any text;
            "whitespace": what stands between white space, and line ends, for a text that is cut
            into words already; "bpe" and "unigram": pieces of words (byte-level, so no text is
            unknown); "characters": code points; "bytes": the bytes of UTF-8.
        vocab_size: Largest number of ids, special tokens included; it fits the field of a model's
            configuration. The default is 8,000 for pieces, and no limit for words and characters.
        min_frequency: How often a word or a character must occur in the texts to have an id, and
            two pieces side by side to become one. With 1 no word of the training text is unknown,
            so the model does not learn what to do with one.

    Returns:
        The tokenizer; give its ``len`` and ids to the configuration of the model.

    Raises:
        ValueError: If the kind is unknown, there is no text, or the kind cannot have this size.

    Example:
        >>> tokenizer = language_model_tokenizer("Now is the time, now!", "words")
        >>> tokenizer.tokenize(" the time, now")
        [' the', ' time', ',', ' now']
    """
    if kind not in _MAKERS:
        raise ValueError(f"kind is {kind!r}, expected one of {', '.join(_MAKERS)}.")
    if min_frequency < 1:
        raise ValueError(f"min_frequency is {min_frequency}, expected at least 1.")
    read = _read(texts)
    first = next(read, None)
    if first is None:
        raise ValueError("There is no text to make a tokenizer of.")
    return _MAKERS[kind](chain([first], read), vocab_size, min_frequency)


def _read(texts: str | Iterable[str]) -> Iterator[str]:
    """Yield texts without the empty ones, a single text in its lines or parts of them."""
    if not isinstance(texts, str):
        yield from (text for text in check_texts(texts) if text)
        return
    for line in check_texts(texts.splitlines(keepends=True)):
        for start in range(0, len(line), _CHARACTERS_AT_ONCE):
            yield line[start : start + _CHARACTERS_AT_ONCE]


def _of_words(
    pattern: str, decoder: decoders.Decoder
) -> Callable[[Iterator[str], int | None, int], PreTrainedTokenizerFast]:
    """Return the maker of a tokenizer whose vocabulary is all that a pattern matches."""

    def make(texts: Iterator[str], vocab_size: int | None, least: int) -> PreTrainedTokenizerFast:
        specials = (UNKNOWN, END, PADDING)
        _check_size(vocab_size, len(specials) + 1)
        cut = pre_tokenizers.Split(Regex(pattern), behavior="removed", invert=True)
        most = None if vocab_size is None else vocab_size - len(specials)
        words = words_by_frequency(texts, cut, min_frequency=least, most=most)
        kept = [word for word in words if word not in (END, PADDING)]
        vocabulary = {word: row for row, word in enumerate(kept)}
        for token in specials:
            vocabulary.setdefault(token, len(vocabulary))
        backend = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
        backend.pre_tokenizer = cut
        backend.decoder = decoder
        return _finished(backend, unk_token=UNKNOWN)

    return make


def _of_pieces(
    model: Callable[[], models.Model], trainer: Callable[..., trainers.Trainer]
) -> Callable[[Iterator[str], int | None, int], PreTrainedTokenizerFast]:
    """Return the maker of a tokenizer whose vocabulary a trainer chooses."""

    def make(texts: Iterator[str], vocab_size: int | None, least: int) -> PreTrainedTokenizerFast:
        alphabet = _byte_letters()
        _check_size(vocab_size, len(alphabet) + 2)
        backend = _byte_level(model(), use_regex=True)
        chosen = trainer(
            vocab_size=(vocab_size or _PIECES) - 2,
            initial_alphabet=alphabet,
            show_progress=False,
            **({"min_frequency": least} if trainer is trainers.BpeTrainer else {}),
        )
        backend.train_from_iterator(texts, chosen)
        return _finished(backend)

    return make


def _of_bytes(texts: Iterator[str], vocab_size: int | None, least: int) -> PreTrainedTokenizerFast:
    letters = {letter: row for row, letter in enumerate(_byte_letters())}
    if vocab_size is not None or least > 1:
        raise ValueError(
            f"A tokenizer of bytes always has {len(letters) + 2} ids: leave out vocab_size and "
            f"min_frequency."
        )
    return _finished(_byte_level(models.BPE(letters, []), use_regex=False))


def _byte_letters() -> list[str]:
    """Return the letters that stand for the 256 bytes, in the order of the bytes."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(others)) for byte in range(0x100)]


def _byte_level(model: models.Model, use_regex: bool) -> Tokenizer:
    backend = Tokenizer(model)
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=use_regex)
    backend.decoder = decoders.ByteLevel()
    return backend


def _finished(backend: Tokenizer, **tokens: str) -> PreTrainedTokenizerFast:
    return wrapped(
        backend,
        padding_side="left",
        bos_token=END,
        eos_token=END,
        split_special_tokens=True,
        **tokens,
    )


def _check_size(vocab_size: int | None, least: int) -> None:
    if vocab_size is not None and vocab_size < least:
        raise ValueError(
            f"vocab_size is {vocab_size}, expected at least {least} for this kind of tokenizer."
        )


# A word that is unknown is decoded with a space, as most words are.
_JOINED = decoders.Sequence([decoders.Replace(UNKNOWN, f" {UNKNOWN}"), decoders.Fuse()])
_SPACED = decoders.Sequence(
    [
        decoders.Replace(Regex("^"), " "),
        decoders.Replace(" \n", "\n"),
        decoders.Fuse(),
    ]
)
_MAKERS = {
    "words": _of_words(_WORDS, _JOINED),
    "whitespace": _of_words(_WHITESPACE, _SPACED),
    "bpe": _of_pieces(models.BPE, trainers.BpeTrainer),
    "unigram": _of_pieces(models.Unigram, trainers.UnigramTrainer),
    "characters": _of_words(_CHARACTERS, decoders.Fuse()),
    "bytes": _of_bytes,
}
TOKENIZER_KINDS = tuple(_MAKERS)
