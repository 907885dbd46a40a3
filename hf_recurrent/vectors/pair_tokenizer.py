"""Tokenizers of sentences and their translations: pieces of words, made from both sides."""

from collections.abc import Iterable
from itertools import chain

from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import PreTrainedTokenizerFast

from .._wording import check_choice
from ..models.texts import check_texts
from ..models.tokenization_translation import TranslationTokenizer
from .tokenizer import END, PADDING, wrapped

TRANSLATION_KINDS = ("bpe", "unigram")
_PIECES = 4000
# Both vocabularies of a pair have them with these ids.
_SPECIALS = (PADDING, END)


def translation_tokenizer(
    sources: Iterable[str],
    targets: Iterable[str],
    kind: str = "bpe",
    *,
    joint: bool = True,
    vocab_size: int = _PIECES,
    lowercase: bool = False,
) -> PreTrainedTokenizerFast:
    """Make the tokenizer of a translation model from sentences and their translations.

    Pieces are of bytes, so no text is unknown. Each text ends with ``</s>``, which is also
    the token that a decoder begins with; ``[PAD]`` and ``</s>`` are the first two ids, equal on
    both sides. Padding is on the right, as ``DataCollatorForSeq2Seq`` needs it for labels.
    ``tokenizer(sentence)``, ``tokenizer(text_target=translation)`` and ``decode`` work as usual.

    Args:
        sources: The sentences.
        targets: Their translations, in any order.
        kind: "bpe" or "unigram".
        joint: Whether both languages share one vocabulary, so that the embeddings of both sides can
            be tied. If not, each has its own, in a ``TranslationTokenizer``.
        vocab_size: Largest number of ids, special tokens included; of each side if not ``joint``.
        lowercase: Whether texts are put into lower case; translations then are in lower case.

    Raises:
        ValueError: If the kind is unknown, there are no texts, or the size is too small.

    Example:
        >>> tokenizer = translation_tokenizer(["a dog"] * 9, ["ein Hund"] * 9, vocab_size=300)
        >>> tokenizer.decode(tokenizer(text_target="ein Hund").input_ids, skip_special_tokens=True)
        'ein Hund'
    """
    check_choice("kind", kind, TRANSLATION_KINDS)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    least = len(_SPECIALS) + len(alphabet)
    if vocab_size < least:
        raise ValueError(f"vocab_size is {vocab_size}, expected at least {least}.")
    sides = (check_texts(sources, "sources"), check_texts(targets, "targets"))
    if joint:
        return _trained(chain(*sides), kind, vocab_size, lowercase)
    return TranslationTokenizer.from_tokenizers(
        *(_trained(texts, kind, vocab_size, lowercase) for texts in sides)
    )


def _trained(
    texts: Iterable[str], kind: str, vocab_size: int, lowercase: bool
) -> PreTrainedTokenizerFast:
    read = iter(texts)
    first = next(read, None)
    if first is None:
        raise ValueError("There is no text to make a tokenizer of.")
    backend = Tokenizer(models.BPE() if kind == "bpe" else models.Unigram())
    forms: list[normalizers.Normalizer] = [normalizers.NFC(), normalizers.Strip()]
    backend.normalizer = normalizers.Sequence([*forms, *[normalizers.Lowercase()][:lowercase]])
    # Each word has a space before it, the first one too, which is taken away again in decoding.
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    backend.decoder = decoders.Sequence([decoders.ByteLevel(), decoders.Strip(" ", 1, 0)])
    trainer = trainers.BpeTrainer if kind == "bpe" else trainers.UnigramTrainer
    backend.train_from_iterator(
        chain([first], read),
        trainer(
            vocab_size=vocab_size,
            special_tokens=[*_SPECIALS],
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        ),
    )
    backend.post_processor = processors.TemplateProcessing(
        single=f"$A {END}",
        pair=f"$A $B {END}",
        special_tokens=[(END, backend.token_to_id(END))],
    )
    return wrapped(backend, bos_token=END, eos_token=END, split_special_tokens=True)
