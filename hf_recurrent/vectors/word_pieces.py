"""The tokenizer of a BERT: pieces of words by WordPiece, learned from a text."""

from collections.abc import Iterable
from typing import Any

from tokenizers import Tokenizer, trainers
from transformers import BertTokenizer

from ..models.texts import check_texts

_SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def word_piece_tokenizer(
    texts: Iterable[str],
    *,
    vocab_size: int = 8000,
    lowercase: bool = True,
    min_frequency: int = 2,
    **fields: Any,
) -> BertTokenizer:
    """Make a tokenizer of BERT whose vocabulary is learned from texts.

    It is transformers' own: a pair of texts gets ``token_type_ids``, without which no model can see
    where the second one begins. Special tokens have the first ids, ``[PAD]`` is 0. The same texts
    give the same vocabulary.

    Args:
        texts: The training texts, held in memory.
        vocab_size: Largest number of ids, special tokens included.
        lowercase: Whether text is lower-cased and loses its accents.
        min_frequency: How often a pair of pieces must occur to become one.
        **fields: Settings of the tokenizer, such as ``model_max_length``.

    Raises:
        ValueError: If there are no words, or the vocabulary is too small for the characters.

    Example:
        >>> tokenizer = word_piece_tokenizer(["low lower", "low slow"] * 9, vocab_size=20)
        >>> tokenizer.tokenize("Lowest")
        ['low', '##e', '##s', '##t']
    """
    backend = BertTokenizer(do_lower_case=lowercase, **fields).backend_tokenizer
    given = list(check_texts(texts))
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocab_size,
        min_frequency=min_frequency,
        # The trainer numbers these as it meets them, in an order that is random, and on which the
        # choice between pairs of equal frequency depends. Given here, they have their order.
        special_tokens=[*_SPECIALS, *_continuing(given, backend)],
        continuing_subword_prefix="##",
        show_progress=False,
    )
    backend.train_from_iterator(given, trainer)
    found = backend.get_vocab(with_added_tokens=False)
    if len(found) > vocab_size:
        raise ValueError(
            f"vocab_size is {vocab_size}, expected at least {len(found)} for the characters of "
            "these texts."
        )
    return BertTokenizer(vocab=found, do_lower_case=lowercase, **fields)


def _continuing(texts: Iterable[str], backend: Tokenizer) -> list[str]:
    """Return the pieces of one character that can go on with a word, in a fixed order.

    Raises:
        ValueError: If the texts have no words.
    """
    letters = {letter for text in texts for letter in {*backend.normalizer.normalize_str(text)}}
    if not letters - {" "}:
        raise ValueError("The texts have no words, so there are no pieces to learn.")

    def goes_on(letter: str) -> bool:
        word = backend.normalizer.normalize_str(f"a{letter}")
        return [part for part, _ in backend.pre_tokenizer.pre_tokenize_str(word)] == [f"a{letter}"]

    return [f"##{letter}" for letter in sorted(filter(goes_on, letters))]
