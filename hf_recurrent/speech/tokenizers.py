"""Tokenizers of recognisers, made from the texts of a training part."""

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path

from ..models.tokenization_ctc import CTCTokenizer

_BLANK, _UNKNOWN, _SPACE = "<pad>", "<unk>", "|"


def ctc_tokenizer(
    texts: Iterable[str], unit: str = "character", vocab_size: int = 200
) -> CTCTokenizer:
    """Return a tokenizer whose vocabulary comes from texts.

    Args:
        texts: The texts of the training part.
        unit: ``"character"``, ``"piece"`` (the merges of byte pair encoding over characters, cut
            longest first), or ``"word"``.
        vocab_size: Number of tokens, for pieces.

    Raises:
        ValueError: If the texts hold nothing, or what stands for the space or the blank.
    """
    kept = [text for text in texts if text.strip()]
    if not kept:
        raise ValueError("the texts are empty, so no vocabulary can be made of them")
    characters = sorted({character for text in kept for character in text if character.strip()})
    if unit != "word" and _SPACE in characters:
        raise ValueError(f"a text holds {_SPACE!r}, which stands for the space in the vocabulary")
    if any(_BLANK in text for text in kept):
        raise ValueError(f"a text holds {_BLANK!r}, which stands for the blank in the vocabulary")
    if unit == "word":
        words = {word for text in kept for word in text.split()}
        tokens = [_BLANK, _UNKNOWN, *sorted(words - {_UNKNOWN})]
    else:
        tokens = [_BLANK, _UNKNOWN, _SPACE, *characters]
    if unit == "piece":
        tokens += [piece for piece in _pieces(kept, vocab_size) if piece not in tokens]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "vocab.json"
        file.write_text(json.dumps({t: i for i, t in enumerate(tokens)}), encoding="utf-8")
        return CTCTokenizer(str(file), unit=unit)


def _pieces(texts: list[str], vocab_size: int) -> list[str]:
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(vocab_size=max(vocab_size - 3, 1), show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    vocabulary: dict[str, int] = tokenizer.get_vocab()
    return sorted(vocabulary, key=vocabulary.__getitem__)
