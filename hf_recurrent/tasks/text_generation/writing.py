"""Continue a text with a model, and measure how fast it does."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from .kneser_ney import KneserNey

_PROMPT = 60
_RATE_TOKENS, _RATE_RUNS = 64, 3
_TOP_P = 0.95


class Writer(Protocol):
    """A model that continues a text."""

    def write(self, prompt: str, tokens: int, seed: int = 0) -> str:
        """Return the continuation of a text by a number of sampled tokens, without the text."""


def prompt_of(document: str, size: int = _PROMPT) -> str:
    """Return the beginning of a document, of whole words."""
    start = document.lstrip()
    if len(start) <= size:
        return start.rstrip()
    return start[: size + 1].rpartition(" ")[0].rstrip() or start[:size]


def generation_rate(
    writer: Writer, prompt: str, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Return the tokens that a model writes in a second, the median of three runs."""
    writer.write(prompt, _RATE_TOKENS)
    seconds = []
    for seed in range(_RATE_RUNS):
        start = clock()
        writer.write(prompt, _RATE_TOKENS, seed)
        seconds.append(clock() - start)
    return _RATE_TOKENS / statistics.median(seconds)


class NetworkWriter:
    """A network that continues a text by ``generate``, sampled from its most probable tokens.

    Samples are of the smallest set of tokens with a probability of 0.95. It never writes the
    unknown word, padding or an end.

    Args:
        model: The network.
        tokenizer: Its tokenizer.
    """

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> None:
        self.model, self.tokenizer = model, tokenizer

    def write(self, prompt: str, tokens: int, seed: int = 0) -> str:
        """Return the continuation of a text, without the text."""
        tokenizer = self.tokenizer
        ids = tokenizer(prompt, add_special_tokens=False)["input_ids"]
        model: Any = self.model.eval()
        bos = tokenizer.bos_token_id
        start: Any = ids if bos is None else [bos, *ids]
        if not start:
            raise ValueError("There is no text to continue, and the tokenizer has no start token.")
        limit = getattr(model.config, "max_position_embeddings", None)
        if limit is not None:  # the end of the prompt, and the continuation
            start = start[-max(limit - tokens, 1) :]
        state = torch.get_rng_state()
        torch.manual_seed(seed)
        try:
            found = model.generate(
                input_ids=torch.tensor([start]),
                attention_mask=torch.ones(1, len(start), dtype=torch.long),
                max_new_tokens=tokens,
                do_sample=True,
                top_p=_TOP_P,
                top_k=0,
                suppress_tokens=_never(tokenizer),
                pad_token_id=tokenizer.pad_token_id,
            )
        finally:
            torch.set_rng_state(state)
        return str(tokenizer.decode(found[0, len(start) :]))


class NgramWriter:
    """An n-gram model that continues a text, sampled as by ``NetworkWriter``.

    Args:
        model: The model.
        tokenizer: Its tokenizer.
    """

    def __init__(self, model: KneserNey, tokenizer: PreTrainedTokenizerFast) -> None:
        self.model, self.tokenizer = model, tokenizer

    def write(self, prompt: str, tokens: int, seed: int = 0) -> str:
        """Return the continuation of a text, without the text."""
        random, never = np.random.default_rng(seed), _never(self.tokenizer)
        ids = [
            self.tokenizer.bos_token_id,
            *self.tokenizer(prompt, add_special_tokens=False)["input_ids"],
        ]
        start = len(ids)
        for _ in range(tokens):
            shares = self.model.distribution(ids)
            shares[[each for each in never if each < len(shares)]] = 0
            ids.append(_sampled(shares, random))
        return str(self.tokenizer.decode(ids[start:]))


def _never(tokenizer: PreTrainedTokenizerFast) -> list[int]:
    found: Sequence[int | None] = (
        tokenizer.unk_token_id,
        tokenizer.pad_token_id,
        tokenizer.eos_token_id,
    )
    return [each for each in found if each is not None]


def _sampled(shares: np.ndarray, random: np.random.Generator) -> int:
    order = np.argsort(-shares, kind="stable")
    sums = np.cumsum(shares[order])
    kept = order[: int(np.searchsorted(sums, _TOP_P * sums[-1])) + 1]
    return int(random.choice(kept, p=shares[kept] / shares[kept].sum()))
