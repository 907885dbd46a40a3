"""The ids of sentences and their translations, for training and evaluation."""

import warnings
from typing import Any

import datasets
import numpy as np
from transformers import PreTrainedTokenizerBase

from ..._wording import counted
from ...models.checks import check_tokenizer
from .readers import SOURCE, TARGET


def encode_pairs(
    rows: datasets.Dataset,
    tokenizer: PreTrainedTokenizerBase,
    most: int | None = None,
) -> datasets.Dataset:
    """Return the input_ids, attention_mask and labels of pairs.

    Args:
        rows: The pairs.
        tokenizer: A tokenizer that takes ``text_target``.
        most: Pairs with more tokens on a side are left out, and one warning counts them: a
            translation that is cut would teach a model to stop in the middle. ``None`` for
            no limit.

    Raises:
        ValueError: If no pair is left, or the vocabulary has none of the words of a side of a pair.
    """
    encoded: Any = tokenizer(rows[SOURCE][:], text_target=rows[TARGET][:])
    _check_known(rows, encoded, tokenizer)
    names = ("input_ids", "attention_mask", "labels")
    found = datasets.Dataset.from_dict({name: encoded[name] for name in names})
    if most is None:
        return found
    sizes = np.array([[*map(len, encoded[name])] for name in ("input_ids", "labels")])
    short = np.flatnonzero((sizes <= most).all(axis=0))
    longer = len(found) - len(short)
    if not len(short):
        raise ValueError(
            f"Each of {counted(longer, 'pair')} has more than {most} tokens on a side (the "
            f"maximum, max_length), and the longest translation has {sizes[1].max()}: raise it."
        )
    if longer:
        warnings.warn(
            f"{counted(longer, 'pair')} of {len(found):,} with more than {most} tokens on a side "
            f"{'is' if longer == 1 else 'are'} left out of training.",
            stacklevel=2,
        )
    return found.select(short)


def check_sides(tokenizer: PreTrainedTokenizerBase, config: Any) -> None:
    """Check that a model has a row for every id of a tokenizer, on both sides.

    Raises:
        ValueError: If it has fewer, or another padding.
    """
    encoder = getattr(config, "encoder", config)
    check_tokenizer(tokenizer, encoder if hasattr(encoder, "vocab_size") else config)
    size = getattr(tokenizer, "target_vocab_size", len(tokenizer))
    known = getattr(config, "decoder_vocab_size", None) or config.vocab_size
    if size > known:
        raise ValueError(
            f"the tokenizer has {size:,} ids of translations, and the decoder of the model has "
            f"{known:,}: give the model as many rows, or make a smaller tokenizer"
        )


def _check_known(rows: datasets.Dataset, encoded: Any, tokenizer: PreTrainedTokenizerBase) -> None:
    """Check that no side of a pair is of unknown words alone."""
    unknown = tokenizer.unk_token_id
    if unknown is None:
        return
    special = {*tokenizer.all_special_ids} - {unknown}
    for name, column in (("input_ids", SOURCE), ("labels", TARGET)):
        for number, ids in enumerate(encoded[name]):
            if {*ids} - special == {unknown}:
                text = rows[number][column]
                raise ValueError(
                    f"Pair {number + 1}: the vocabulary has none of the words of {text[:60]!r}: "
                    "make the tokenizer of these texts."
                )
