"""Word-level fast tokenizers, made from word vectors or from texts."""

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast
from transformers.tokenization_utils_base import VERY_LARGE_INTEGER

from .._whole import write_whole
from ..models.ngram_rows import hashing_of
from ..models.publishable import GuardedPushes, is_marked, passing_on
from ..models.texts import check_texts
from ..models.tokenization_marked import MarkedTokenizer
from ..models.tokenization_ngrams import NgramTokenizer
from ._keyed_vectors import VectorSets, sets_of, union_of_words
from ._own_words import warn_of_unreachable, with_own_words
from ._pre_tokenizers import check_name, normalizer, split
from ._preparation import Preparation, preparation_of_sets

UNKNOWN, END, PADDING = "<unk>", "</s>", "[PAD]"
_SPECIALS = (UNKNOWN, END, PADDING)
# Log probability far below that of any word: a text never means a special token.
_SPECIAL_SCORE = -100.0
_WORDS_AT_ONCE = 10_000
_NO_LIMIT = 2**62


def tokenizer_from_vectors(
    keyed_vectors: VectorSets, pre_tokenizer: str = "auto", *, ngrams: bool = True
) -> PreTrainedTokenizerFast:
    """Make a tokenizer whose ids are the rows of the vectors.

    ``<unk>`` and ``[PAD]`` get the ids after the last word, unless the vectors have them. ``</s>``
    is the end-of-sequence token if the vectors have it. Text is lower-cased if the vectors are
    lower case. If they are not, a word is found in its own case only: a tokenizer by
    ``tokenizer_from_texts`` also finds the vectors of other cases, through ``embedding_matrix``.
    Text is brought to the form of Unicode that all words have, NFC for nearly all sets.

    Vectors of ``train_vectors``, and those of a folder that it made, know how their text was cut.
    For others it is guessed from the words. Words that the common way would cut ("c++", "<user>",
    emoji of several code points) are kept whole if the vectors have them. One warning counts the
    words that no text can reach, for example those with a space.

    Args:
        keyed_vectors: The vectors. For several sets the words of the first come first, and then the
            new words of each following set.
        pre_tokenizer: "ptb" (as in the Penn Treebank: do n't, it 's, U.S.), "googlenews" (digits
            folded to "#" as in those vectors), "chinese" (words found by a unigram model, with
            frequencies by Zipf's law), "whitespace", or "auto" for what the vectors know, or else
            a guess from their words.
        ngrams: Whether the tokenizer of ``FastTextKeyedVectors`` is an ``NgramTokenizer``. It gives
            a model the n-grams of each word, which ``from_vectors`` of such vectors needs.

    Raises:
        ValueError: If there are no words, the pre-tokeniser is unknown, or sets with n-grams cut or
            hash them differently.
    """
    sets = sets_of(keyed_vectors)
    words = union_of_words(sets)
    if pre_tokenizer != "auto":
        check_name(pre_tokenizer)
    hashing = hashing_of(sets) if ngrams else None
    asked = None if pre_tokenizer == "auto" else pre_tokenizer
    tokenizer = tokenizer_of_words(words, preparation_of_sets(sets, words, asked))
    passing_on(tokenizer, *sets)
    if hashing is None:
        return tokenizer
    return NgramTokenizer.from_tokenizer(tokenizer, **hashing._asdict())


def tokenizer_of_words(words: Sequence[str], preparation: Preparation) -> PreTrainedTokenizerFast:
    """Make a tokenizer of words; one warning counts those that no text can reach.

    Args:
        words: The words.
        preparation: How text becomes words.

    Raises:
        ValueError: If there are no words.
    """
    preparation, lost = with_own_words(words, preparation)
    tokenizer = build(words, preparation)
    if preparation.pre_tokenizer == "chinese":
        lost = lost_to_model(tokenizer, words)
    warn_of_unreachable(lost, len(words), stacklevel=3)
    return tokenizer


def tokenizer_from_texts(
    texts: Iterable[str],
    *,
    min_frequency: int = 1,
    max_vocabulary: int | None = None,
    extra_words: Iterable[str] = (),
    pre_tokenizer: str = "ptb",
    lowercase: bool = True,
) -> PreTrainedTokenizerFast:
    """Make a tokenizer of the words of a training set, the most frequent first.

    ``<unk>`` and ``[PAD]`` get the last two ids. "chinese" takes each Han character as a word, and
    finds the longer extra words by a unigram model. Texts and extra words are brought to Unicode's
    form NFC, so that one word is not two. One warning counts the extra words that no text can
    reach.

    Args:
        texts: The training texts.
        min_frequency: How often a word must occur in the texts.
        max_vocabulary: Largest number of words of the texts; the extra words are not counted.
        extra_words: Words to add after those of the texts, in this order, such as the most frequent
            words of a set of vectors, so that the model knows more than its training set.
        pre_tokenizer: "ptb", "googlenews", "chinese" or "whitespace", as in
            ``tokenizer_from_vectors``.
        lowercase: Whether texts and extra words are lower-cased.

    Raises:
        ValueError: If there are no words, a text is not a string, or the pre-tokeniser is unknown.
    """
    check_name(pre_tokenizer)
    preparation = Preparation(pre_tokenizer, lowercase)
    normalize = preparation.normalizer().normalize_str
    extra = [normalize(word) for word in check_texts(extra_words, "extra_words")]
    different = list(dict.fromkeys(extra))
    preparation, lost = with_own_words(different, preparation)
    warn_of_unreachable(lost, len(different))
    # Characters are counted; the unigram model then also finds the longer extra words.
    counted = "characters" if pre_tokenizer == "chinese" else pre_tokenizer
    words = words_by_frequency(
        check_texts(texts),
        split(counted, preparation.first_pattern()),
        normalizer(counted, lowercase),
        min_frequency=min_frequency,
        most=max_vocabulary,
    )
    return build(words + extra, preparation, unranked=len(words))


def build(
    words: Sequence[str], preparation: Preparation, unranked: int = 0
) -> PreTrainedTokenizerFast:
    """Make the tokenizer of a list of words; a repeated word counts once.

    Args:
        words: The words. Those after the first ``unranked`` are in the order of their frequency.
        preparation: How text becomes words.
        unranked: Number of words at the beginning that are in no order.

    Raises:
        ValueError: If there are no words.
    """
    vocabulary = {word: row for row, word in enumerate(dict.fromkeys(words))}
    if not vocabulary:
        raise ValueError("There are no words to make a tokenizer of.")
    for token in (UNKNOWN, PADDING):
        vocabulary.setdefault(token, len(vocabulary))
    if preparation.pre_tokenizer == "chinese":
        model: models.Model = _unigram(vocabulary, unranked)
    else:
        model = models.WordLevel(vocabulary, unk_token=UNKNOWN)
    backend = Tokenizer(model)
    backend.normalizer = preparation.normalizer()
    backend.pre_tokenizer = preparation.split()
    return wrapped(backend, unk_token=UNKNOWN, eos_token=END if END in vocabulary else None)


def words_by_frequency(
    texts: Iterable[str],
    pre_tokenizer: pre_tokenizers.PreTokenizer,
    normalizer: normalizers.Normalizer | None = None,
    *,
    min_frequency: int = 1,
    most: int | None = None,
) -> list[str]:
    """Return the different words of texts, the most frequent first.

    Args:
        texts: The texts; they are read once.
        pre_tokenizer: Cuts a text into words.
        normalizer: Changes a text before it is cut.
        min_frequency: How often a word must occur.
        most: Largest number of words.
    """
    counter = Tokenizer(models.WordLevel({}, unk_token=UNKNOWN))
    if normalizer is not None:
        counter.normalizer = normalizer
    counter.pre_tokenizer = pre_tokenizer
    trainer = trainers.WordLevelTrainer(
        vocab_size=_NO_LIMIT if most is None else most,
        min_frequency=min_frequency,
        show_progress=False,
    )
    counter.train_from_iterator(texts, trainer)
    vocabulary = counter.get_vocab()
    return sorted(vocabulary, key=vocabulary.__getitem__)


def wrapped(
    backend: Tokenizer, *, padding_side: str = "right", **settings: Any
) -> PreTrainedTokenizerFast:
    """Return a tokenizer of transformers around one of ``tokenizers``; ``[PAD]`` is its padding.

    Args:
        backend: The tokenizer.
        padding_side: The side of the padding.
        **settings: Further settings, such as its other special tokens.
    """
    return WordTokenizer(
        tokenizer_object=backend,
        pad_token=PADDING,
        padding_side=padding_side,
        model_max_length=VERY_LARGE_INTEGER,
        model_input_names=["input_ids", "attention_mask"],
        clean_up_tokenization_spaces=False,
        **settings,
    )


def lost_to_model(tokenizer: PreTrainedTokenizerFast, words: Sequence[str]) -> list[str]:
    """Return the words that a tokenizer does not give back when it reads each alone."""
    lost: list[str] = []
    for start in range(0, len(words), _WORDS_AT_ONCE):
        part = list(words[start : start + _WORDS_AT_ONCE])
        found = tokenizer.backend_tokenizer.encode_batch(part, add_special_tokens=False)
        lost += [word for word, one in zip(part, found, strict=True) if one.tokens != [word]]
    return lost


def _unigram(vocabulary: dict[str, int], unranked: int) -> models.Unigram:
    """Make a unigram model where the word of rank r has a probability proportional to 1/r.

    The first ``unranked`` words are the characters of texts. They share the last rank, because they
    are for text that no longer word covers.
    """
    log_total = math.log(sum(1 / rank for rank in range(1, len(vocabulary) + 1)))
    pieces = [
        (word, _SPECIAL_SCORE if word in _SPECIALS else -math.log(rank) - log_total)
        for word, row in vocabulary.items()
        for rank in [row - unranked + 1 if row >= unranked else len(vocabulary)]
    ]
    return models.Unigram(pieces, unk_id=vocabulary[UNKNOWN], byte_fallback=False)


class WordTokenizer(GuardedPushes, PreTrainedTokenizerFast):
    """A fast tokenizer that loads as the plain class of transformers, everywhere.

    It has no ``__init__``, because transformers would then rebuild it wrongly when it is loaded.
    """

    def _save_pretrained(
        self, save_directory: Any, file_names: tuple[str, ...], *args: Any, **kwargs: Any
    ) -> tuple[str, ...]:
        """Save the tokenizer, and list the added tokens in its configuration.

        If they are not listed, transformers parses the whole file of the tokenizer once more in
        Python to find them.
        """
        saved = super()._save_pretrained(save_directory, file_names, *args, **kwargs)
        path = Path(file_names[0])
        config = json.loads(path.read_text(encoding="utf-8"))
        kind = MarkedTokenizer if is_marked(self) else PreTrainedTokenizerFast
        config["tokenizer_class"] = kind.__name__
        config["added_tokens_decoder"] = {
            str(row): token.__getstate__() for row, token in self.added_tokens_decoder.items()
        }
        text = json.dumps(config, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        write_whole(path, text)
        return saved
