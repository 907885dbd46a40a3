"""Word-level fast tokenizers, made from word vectors or from texts."""

import math
from collections.abc import Iterable, Sequence

from tokenizers import Tokenizer, models, trainers
from transformers import PreTrainedTokenizerFast
from transformers.tokenization_utils_base import VERY_LARGE_INTEGER

from ._pre_tokenizers import check_name, fitting, normalizer, split
from ._sets import VectorSets, sets_of, union_of_words
from ._word_tokenizer import WordTokenizer

__all__ = ["tokenizer_from_texts", "tokenizer_from_vectors"]

UNKNOWN, END, PADDING = "<unk>", "</s>", "[PAD]"
_SPECIALS = (UNKNOWN, END, PADDING)
# Log probability far below that of any word: special tokens are no words of a text.
_SPECIAL_SCORE = -100.0
# A set of lower-case vectors may still hold a few stray capitals.
_MOST_CASED = 0.01
_NO_LIMIT = 2**62


def tokenizer_from_vectors(
    keyed_vectors: VectorSets, pre_tokenizer: str = "auto"
) -> PreTrainedTokenizerFast:
    """Makes a tokenizer whose ids are the rows of the vectors.

    `<unk>` and `[PAD]` get the ids after the last word, unless the vectors have them; `</s>` is the
    end-of-sequence token where the vectors have it. Text is lower-cased where the vectors are lower
    case. Where they are not, a word is found in its own case only: a tokenizer by
    `tokenizer_from_texts` also finds the vectors of other cases, through `embedding_matrix`.

    Args:
        keyed_vectors: The vectors. Of several sets the words of the first come first, and then the
            new words of each following one.
        pre_tokenizer: "ptb" (as in the Penn Treebank: do n't, it 's, U.S.), "googlenews" (digits
            folded to "#" as in those vectors), "chinese" (words found by a unigram model, Zipf's
            law standing in for the unknown frequencies), "whitespace", or "auto" to tell by the
            words.

    Raises:
        ValueError: If there are no words, or the pre-tokeniser is unknown.
    """
    words = union_of_words(sets_of(keyed_vectors))
    if pre_tokenizer == "auto":
        pre_tokenizer = fitting(words)
    check_name(pre_tokenizer)
    return _build(words, pre_tokenizer, lowercase=is_lower_case(words))


def tokenizer_from_texts(
    texts: Iterable[str],
    *,
    min_frequency: int = 1,
    max_vocabulary: int | None = None,
    extra_words: Iterable[str] = (),
    pre_tokenizer: str = "ptb",
    lowercase: bool = True,
) -> PreTrainedTokenizerFast:
    """Makes a tokenizer of the words of a training set, the most frequent first.

    `<unk>` and `[PAD]` get the last two ids. "chinese" takes each Han character as a word, and
    finds the longer ones among the extra words by a unigram model.

    Args:
        texts: The training texts.
        min_frequency: How often a word must stand in the texts.
        max_vocabulary: Words of the texts to keep at most; the extra words come on top.
        extra_words: Words to add after those of the texts, in this order, such as the most frequent
            words of a set of vectors, so that the model knows more than its training set.
        pre_tokenizer: "ptb", "googlenews", "chinese" or "whitespace", as in
            `tokenizer_from_vectors`.
        lowercase: Whether text, and the extra words, are lower-cased.

    Raises:
        ValueError: If there are no words, or the pre-tokeniser is unknown.
    """
    check_name(pre_tokenizer)
    if isinstance(texts, str):
        raise ValueError("texts must be several texts, and one string was given.")
    # Characters are counted; the unigram model then also finds the longer extra words.
    counted = "characters" if pre_tokenizer == "chinese" else pre_tokenizer
    counter = Tokenizer(models.WordLevel({}, unk_token=UNKNOWN))
    counter.normalizer, counter.pre_tokenizer = normalizer(counted, lowercase), split(counted)
    trainer = trainers.WordLevelTrainer(
        vocab_size=_NO_LIMIT if max_vocabulary is None else max_vocabulary,
        min_frequency=min_frequency,
        show_progress=False,
    )
    counter.train_from_iterator(texts, trainer)
    vocabulary = counter.get_vocab()
    words = sorted(vocabulary, key=vocabulary.__getitem__)
    extra = [counter.normalizer.normalize_str(word) for word in extra_words]
    return _build(words + extra, pre_tokenizer, lowercase, unranked=len(words))


def is_lower_case(words: Sequence[str]) -> bool:
    """Tells whether a set of vectors is lower case."""
    return sum(word != word.lower() for word in words) <= _MOST_CASED * len(words)


def _build(
    words: list[str], pre_tokenizer: str, lowercase: bool, unranked: int = 0
) -> PreTrainedTokenizerFast:
    """Makes the tokenizer of a list of words; a word that comes again is passed over.

    The words after the first `unranked` stand in the order of their frequency.
    """
    vocabulary = {word: row for row, word in enumerate(dict.fromkeys(words))}
    if not vocabulary:
        raise ValueError("There are no words to make a tokenizer of.")
    for token in (UNKNOWN, PADDING):
        vocabulary.setdefault(token, len(vocabulary))
    if pre_tokenizer == "chinese":
        model: models.Model = _unigram(vocabulary, unranked)
    else:
        model = models.WordLevel(vocabulary, unk_token=UNKNOWN)
    backend = Tokenizer(model)
    backend.normalizer = normalizer(pre_tokenizer, lowercase)
    backend.pre_tokenizer = split(pre_tokenizer)
    return WordTokenizer(
        tokenizer_object=backend,
        unk_token=UNKNOWN,
        pad_token=PADDING,
        eos_token=END if END in vocabulary else None,
        padding_side="right",
        model_max_length=VERY_LARGE_INTEGER,
        model_input_names=["input_ids", "attention_mask"],
        clean_up_tokenization_spaces=False,
    )


def _unigram(vocabulary: dict[str, int], unranked: int) -> models.Unigram:
    """Makes a unigram model that gives the word of rank r a probability in proportion to 1/r.

    The first `unranked` words, which are the characters of texts, share the last rank: they are for
    what no longer word covers.
    """
    log_total = math.log(sum(1 / rank for rank in range(1, len(vocabulary) + 1)))
    pieces = [
        (word, _SPECIAL_SCORE if word in _SPECIALS else -math.log(rank) - log_total)
        for word, row in vocabulary.items()
        for rank in [row - unranked + 1 if row >= unranked else len(vocabulary)]
    ]
    return models.Unigram(pieces, unk_id=vocabulary[UNKNOWN], byte_fallback=False)
