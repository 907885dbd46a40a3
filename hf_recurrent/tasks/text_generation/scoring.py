"""How well a model predicts texts: log-probabilities of tokens, and the figures of documents."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from ...metrics.language_modeling import Spelling

_NUMBERS = 1 << 24
_MOST_TOKENS = 4096
# Texts side by side: few, since short ones wait for the longest.
_ROWS = 8

_Ids = NDArray[np.int64]
# Returns the natural logarithms of the probabilities of the tokens of each text after the first.
TokenScorer = Callable[[Sequence[_Ids]], list[NDArray[np.float64]]]


class Scored(NamedTuple):
    """The figures of one document.

    Attributes:
        log_probability: Natural logarithm of the probability of its tokens.
        tokens: Their number.
        unknown: The number of those that are the unknown word.
        spelling_bits: The cost of the spelling of these words, in bits.
    """

    log_probability: float
    tokens: int
    unknown: int
    spelling_bits: float


def encode(tokenizer: PreTrainedTokenizerFast, text: str) -> _Ids:
    """Return the ids of a text after the token that begins a text.

    Raises:
        ValueError: If the tokenizer has no such token.
    """
    ids = tokenizer.backend_tokenizer.encode(text, add_special_tokens=False).ids
    starts = (tokenizer.bos_token_id, tokenizer.eos_token_id)
    start = next((each for each in starts if each is not None), None)
    if start is None:
        raise ValueError("The tokenizer has no token that begins or ends a text (bos, eos).")
    return np.array([start, *ids], dtype=np.int64)


def score_documents(
    documents: Sequence[str],
    tokenizer: PreTrainedTokenizerFast,
    scorer: TokenScorer,
    spelling: Spelling,
) -> list[Scored]:
    """Return the figures of documents, each read from its beginning.

    Args:
        documents: The texts.
        tokenizer: The tokenizer, with a token that begins a text.
        scorer: The log-probabilities of a model.
        spelling: The price of unknown words.
    """
    ids = [encode(tokenizer, text) for text in documents]
    unknown = [_unknown_words(tokenizer, text) for text in documents]
    return [
        Scored(
            float(found.sum()),
            len(found),
            len(words),
            sum(map(spelling.bits, words)),
        )
        for found, words in zip(scorer(ids), unknown, strict=True)
    ]


def _unknown_words(tokenizer: PreTrainedTokenizerFast, text: str) -> list[str]:
    if tokenizer.unk_token_id is None:
        return []
    found = tokenizer.backend_tokenizer.encode(text, add_special_tokens=False)
    places = np.flatnonzero(np.array(found.ids) == tokenizer.unk_token_id)
    offsets = found.offsets if len(places) else []
    return [text[slice(*offsets[place])] for place in places]


def state_scorer(model: Any) -> TokenScorer:
    """Return the scorer of a recurrent model, which reads texts side by side in windows.

    The states are carried from window to window, so each token is predicted after all before it.
    Texts of like lengths are read together.
    """

    def scorer(texts: Sequence[_Ids]) -> list[NDArray[np.float64]]:
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        rows = [torch.from_numpy(texts[place]) for place in order]
        found = model.log_probabilities(rows, batch_size=_ROWS)
        by_place = dict(zip(order, found, strict=True))
        return [by_place[place].numpy() for place in range(len(texts))]

    return scorer


def context_scorer(model: PreTrainedModel, context: int) -> TokenScorer:
    """Return the scorer of a model with a limited context.

    Each token is predicted after at least half of the context, except at the beginning of a text.

    Args:
        model: The model.
        context: The largest number of tokens that it reads.
    """
    step = context // 2

    @torch.inference_mode()
    def scorer(texts: Sequence[_Ids]) -> list[NDArray[np.float64]]:
        model.eval()
        found = [np.zeros(len(text) - 1) for text in texts]
        places = [
            (row, start)
            for row, text in enumerate(texts)
            if len(text) > 1
            for start in range(0, max(len(text) - 1 - step, 1), step)
        ]
        at_once = max(_tokens_at_once(model) // context, 1)
        for first in range(0, len(places), at_once):
            some = places[first : first + at_once]
            pieces = [texts[row][start : start + context + 1] for row, start in some]
            ids = np.zeros((len(some), max(map(len, pieces))), dtype=np.int64)
            for place, piece in enumerate(pieces):
                ids[place, : len(piece)] = piece
            # Padding on the right changes nothing before it.
            logits = model(input_ids=torch.from_numpy(ids[:, :-1]), use_cache=False).logits
            scores = _log_probabilities(logits, ids[:, 1:])
            for (row, start), piece, own in zip(some, pieces, scores, strict=True):
                skip = step if start else 0
                found[row][start + skip : start + len(piece) - 1] = own[skip : len(piece) - 1]
        return found

    return scorer


def _tokens_at_once(model: PreTrainedModel) -> int:
    """Return a number of tokens whose logits take at most 64 MiB."""
    return max(min(_NUMBERS // int(model.config.vocab_size), _MOST_TOKENS), 1)


def _log_probabilities(logits: torch.Tensor, targets: _Ids) -> NDArray[np.float64]:
    """Return the log-probabilities of targets (batch, time), from logits (batch, time, ids)."""
    wanted = torch.from_numpy(targets)
    losses = nn.functional.cross_entropy(
        logits.float().flatten(0, 1), wanted.flatten(), reduction="none"
    )
    return -losses.view(wanted.shape).double().numpy()
