"""Translations by a network, and the words that it attended to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

# Signs of a piece that begins a word, in byte-level tokenizers and in those of SentencePiece.
_STARTS = ("Ġ", "▁")


@torch.inference_mode()
def translate(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    most: int | None = None,
    **settings: Any,
) -> list[str]:
    """Return the translations of some texts.

    Args:
        model: A sequence-to-sequence model in evaluation mode.
        tokenizer: Its tokenizer.
        texts: The texts, one batch.
        most: Tokens after which a text is cut; ``None`` for never.
        **settings: Settings of ``generate``, such as ``num_beams``; with ``num_return_sequences``
            there are as many translations of each text, one after the other.
    """
    batch = encoded(model, tokenizer, texts, most)
    made = model.generate(**batch, **settings)  # type: ignore[operator]
    return [str(text) for text in tokenizer.batch_decode(made, skip_special_tokens=True)]


@dataclass(frozen=True)
class Alignment:
    """The attention of a translation, by words.

    Attributes:
        source: The words of the text.
        target: The words of its translation.
        weights: The share of the attention of each target word (rows) to each source word.
    """

    source: list[str]
    target: list[str]
    weights: list[list[float]]


@torch.inference_mode()
def align(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    text: str,
    most: int | None = None,
) -> Alignment | None:
    """Return the attention of a greedy translation; ``None`` for a model without attention.

    The weights of the pieces of a source word are added up, and those of the pieces of a target
    word averaged. Of several layers the last is shown, and of several heads the mean.
    """
    generator: Any = model
    batch = encoded(model, tokenizer, [text], most)
    made = generator.generate(**batch, num_beams=1, do_sample=False)
    found = generator(**batch, decoder_input_ids=made[:, :-1], output_attentions=True)
    if not found.cross_attentions or found.cross_attentions[-1] is None:
        return None
    weights = found.cross_attentions[-1][0].float().mean(0)
    ids, target_ids = batch["input_ids"][0].tolist(), made[0, 1:].tolist()
    # The two sides may have a vocabulary each.
    source = _words(tokenizer(text).tokens(0)[: len(ids)], tokenizer.all_special_tokens)
    target = target_words(tokenizer, target_ids)
    summed = torch.stack([weights[:, part].sum(1) for part in source], 1)
    shares = torch.stack([summed[part].mean(0) for _, part in target])
    return Alignment(
        [_text(tokenizer, ids[part], use_source_tokenizer=True) for part in source],
        [word for word, _ in target],
        [[round(share, 3) for share in row] for row in shares.tolist()],
    )


def target_words(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> list[tuple[str, slice]]:
    """Return the words of generated ids, special tokens among them, and where their pieces are."""
    given = [*ids]
    parts = _words(tokenizer.convert_ids_to_tokens(given), tokenizer.all_special_tokens)
    return [(_text(tokenizer, given[part]), part) for part in parts]


def encoded(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    most: int | None = None,
) -> dict[str, Any]:
    """Return the inputs of a model for some texts, cut after ``most`` tokens."""
    cut = {} if most is None else {"truncation": True, "max_length": most}
    batch = tokenizer([*texts], padding=True, return_tensors="pt", **cut)
    batch.pop("token_type_ids", None)
    return {name: value.to(model.device) for name, value in batch.items()}


def _words(tokens: Sequence[str], special: Sequence[str]) -> list[slice]:
    """Return the places of the pieces of each word; a special token is a word of its own."""
    starts = [
        place
        for place, token in enumerate(tokens)
        if place == 0 or token.startswith(_STARTS) or token in special
    ]
    return [slice(a, b) for a, b in zip(starts, [*starts[1:], len(tokens)], strict=True)]


def _text(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int], **settings: Any) -> str:
    return str(tokenizer.decode([*ids], **settings)).strip()
