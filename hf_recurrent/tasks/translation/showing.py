"""Translations of texts, for the command line."""

from collections.abc import Iterator, Sequence

import torch
from transformers import AutoModelForSeq2SeqLM, PreTrainedModel, PreTrainedTokenizerBase

from ..loading import load_head
from .encoding import check_sides
from .translating import align, encoded, translate

_BATCH, _BEAMS = 32, 5
# The weights of so many words of the text are shown.
_SHOWN = 3


def answer_lines(
    source: str, texts: Sequence[str], trust_remote_code: bool = False, explain: bool = False
) -> Iterator[str]:
    """Yield the translation of each text; with ``explain`` also what its words attended to."""
    model, tokenizer = _load(source, trust_remote_code)
    if not explain:
        for first in range(0, len(texts), _BATCH):
            yield from translate(model, tokenizer, texts[first : first + _BATCH])
        return
    for text in texts:
        found = align(model, tokenizer, text)
        if found is None:
            raise ValueError(f"'{source}' has no attention to show: leave out --attention.")
        yield " ".join(word for word in found.target if word not in tokenizer.all_special_tokens)
        for word, shares in zip(found.target, found.weights, strict=True):
            order = sorted(range(len(shares)), key=lambda n: -shares[n])[:_SHOWN]
            told = ", ".join(f"{found.source[n]} {shares[n]:.2f}" for n in order)
            yield f"    {word}: {told}"


def n_best_lines(
    source: str, texts: Sequence[str], n: int, trust_remote_code: bool = False
) -> Iterator[str]:
    """Yield the best translations of a beam search, each after its score.

    The score is the log-probability of a translation divided by its length in tokens, to the power
    of the model's ``length_penalty`` (1 by default).
    """
    model, tokenizer = _load(source, trust_remote_code)
    settings = {"num_beams": max(n, _BEAMS), "num_return_sequences": n, "do_sample": False}
    for text in texts:
        with torch.inference_mode():
            made = model.generate(  # type: ignore[operator]
                **encoded(model, tokenizer, [text]),
                **settings,
                output_scores=True,
                return_dict_in_generate=True,
            )
        told = tokenizer.batch_decode(made.sequences, skip_special_tokens=True)
        for score, translation in zip(made.sequences_scores.tolist(), told, strict=True):
            yield f"{score:.3f}  {translation}"


def _load(
    source: str, trust_remote_code: bool = False
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    model, tokenizer = load_head(
        source,
        AutoModelForSeq2SeqLM,
        title="translation",
        part="decoder",
        noun="a model that translates",
        trust_remote_code=trust_remote_code,
    )
    check_sides(tokenizer, model.config)
    return model, tokenizer
