"""The tokenizer of an ELMo model."""

from collections.abc import Iterable

from tokenizers import Tokenizer, models

from ...models.elmo_characters import BEGIN, END, LONGEST_WORD
from ...models.tokenization_elmo import ElmoTokenizer
from .._pre_tokenizers import check_name, split
from ..tokenizer import PADDING, UNKNOWN, wrapped


def elmo_tokenizer(
    words: Iterable[str] = (),
    *,
    pre_tokenizer: str = "whitespace",
    max_characters_per_token: int = LONGEST_WORD,
) -> ElmoTokenizer:
    """Make a tokenizer that returns the characters of words as ELMo reads them.

    A model reads any word by its characters. Token ids are needed only where words are predicted,
    as in pretraining: then give the words that have an id. They get the first ids, ``<unk>`` is
    the next one, then come ``<S>`` and ``</S>``, the boundaries of a sentence (``bos_token`` and
    ``eos_token``), and last ``[PAD]``. The model reads the boundaries by itself; the tokenizer adds
    none.

    Args:
        words: The words that have an id; a repeated word counts once.
        pre_tokenizer: How text is cut into words: "whitespace", as the texts of the published
            models are cut before, or "ptb" (as in the Penn Treebank: do n't, it 's, U.S.) for plain
            text. Words that are given with ``is_split_into_words=True`` and hold no white space are
            never cut by "whitespace".
        max_characters_per_token: How many character ids a word has; that of the model.

    Raises:
        ValueError: If ``pre_tokenizer`` is unknown, or the number is too small.

    Example:
        >>> tokenizer = elmo_tokenizer(["a", "bank"])
        >>> tokenizer("a river bank").input_ids
        [0, 2, 1]
        >>> tokenizer.word_char_ids("river")[:8]
        (259, 115, 106, 119, 102, 115, 260, 261)
    """
    check_name(pre_tokenizer)
    vocabulary = {word: row for row, word in enumerate(dict.fromkeys(words))}
    boundaries = {"bos_token": BEGIN, "eos_token": END} if vocabulary else {}
    for token in (UNKNOWN, *boundaries.values(), PADDING):
        vocabulary.setdefault(token, len(vocabulary))
    backend = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    backend.pre_tokenizer = split(pre_tokenizer)
    # The name of a special token in a text is a word of that text.
    plain = wrapped(backend, unk_token=UNKNOWN, split_special_tokens=True, **boundaries)
    return ElmoTokenizer.from_tokenizer(plain, max_characters_per_token=max_characters_per_token)
