"""The log-probability and the perplexity of texts under a language model."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

# The logits of one pass, in numbers: 64 MiB of fp32.
_MOST_LOGITS = 2**24


class TextScorer:
    """Log-probabilities of texts; a base class of language models.

    A text is read in windows from whose last states the next window continues, so that memory does
    not grow with its length, and each token is predicted from all tokens before it.

    The first token is predicted from ``config.bos_token_id``, or else from ``config.eos_token_id``,
    which separates texts in training. If the text begins with that token, or the model has neither,
    or its input layer reads characters or n-grams, then nothing predicts the first token, and it is
    left out.
    """

    config: Any
    device: torch.device
    get_input_embeddings: Any

    def log_probabilities(
        self,
        texts: Iterable[str | Sequence[int] | Tensor],
        tokenizer: Any = None,
        *,
        batch_size: int = 16,
        window: int | None = None,
    ) -> list[Tensor]:
        """Return the natural logarithm of the probability of each token of texts.

        Args:
            texts: Strings, or rows of token ids.
            tokenizer: The tokenizer that belongs to the model, if there are strings.
            batch_size: Number of texts at a time.
            window: Number of tokens of each text at a time; by default as many as keep the logits
                below 64 MiB.

        Returns:
            For each text a tensor (tokens,), on the CPU, in float64; the first token may be left
            out, see the class. Its sum is the log-probability of the text.

        Raises:
            ValueError: If a number is below 1, a string is given without a tokenizer or not in a
                list, what is given is neither text nor ids, or an id has no row in the embedding.

        Example:
            >>> from hf_recurrent import RecurrentConfig, RecurrentForCausalLM
            >>> model = RecurrentForCausalLM(RecurrentConfig(vocab_size=100, eos_token_id=1))
            >>> [len(found) for found in model.log_probabilities([[5, 6, 7], [8]])]
            [3, 1]
        """
        if isinstance(texts, str | bytes):
            raise ValueError(
                "texts must be several texts, and one string was given: put it in a list"
            )
        if window is None:
            window = max(1, _MOST_LOGITS // (self.config.vocab_size * max(1, batch_size)))
        for name, value in (("batch_size", batch_size), ("window", window)):
            if value < 1:
                raise ValueError(f"{name} is {value}, expected at least 1")
        model: Any = self
        was_training, found = model.training, []
        model.eval()
        try:
            with torch.no_grad():
                for batch in _batches(iter(texts), batch_size):
                    found += self._score(self._inputs(batch, tokenizer), window)
        finally:
            model.train(was_training)
        return found

    def perplexity(
        self, texts: Iterable[str | Sequence[int] | Tensor], tokenizer: Any = None, **options: int
    ) -> float:
        """Return the perplexity of all texts together.

        It is the exponential of the mean negative log-likelihood of a token. Perplexities are
        comparable for equal tokens of equal texts only.

        Args:
            texts: As in ``log_probabilities``.
            tokenizer: Likewise.
            **options: ``batch_size`` and ``window``, likewise.

        Raises:
            ValueError: As ``log_probabilities``, or if there is no token to predict.
        """
        found = self.log_probabilities(texts, tokenizer, **options)
        tokens = sum(len(one) for one in found)
        if not tokens:
            raise ValueError("the texts hold no token that is predicted from another one")
        return math.exp(-sum(float(one.sum()) for one in found) / tokens)

    def _inputs(self, texts: list[Any], tokenizer: Any) -> dict[str, Tensor]:
        """Return the inputs of a batch, padded on the right, each row after its start token."""
        rows = texts
        if strings := sum(isinstance(text, str) for text in texts):
            if strings < len(texts):
                raise ValueError("texts holds strings and others: give strings alone, or ids alone")
            if tokenizer is None:
                raise ValueError("texts holds strings, so give the tokenizer of the model too")
            extra = getattr(self.get_input_embeddings(), "extra_inputs", ())
            if extra:
                encoded = tokenizer(texts, padding=True, padding_side="right", return_tensors="pt")
                return {n: encoded[n] for n in ("input_ids", "attention_mask", *extra)}
            rows = tokenizer(texts).input_ids
        start = self._start_token_id()
        begun = []
        for row in rows:
            ids = _as_ids(row, self.config.vocab_size)
            if start is not None and not (len(ids) and int(ids[0]) == start):
                ids = torch.cat([torch.tensor([start]), ids])
            begun.append(ids)
        pad = nn.utils.rnn.pad_sequence
        return {
            "input_ids": pad(begun, batch_first=True),
            "attention_mask": pad([torch.ones_like(ids) for ids in begun], batch_first=True),
        }

    def _start_token_id(self) -> int | None:
        for start in (self.config.bos_token_id, self.config.eos_token_id):
            if start is not None:
                return int(start[0] if isinstance(start, list | tuple) else start)
        return None

    def _score(self, inputs: dict[str, Tensor], window: int) -> list[Tensor]:
        """Return the log-probability of each token of a batch after its first one, by row."""
        model: Any = self
        targets = inputs["input_ids"][:, 1:]
        real = inputs["attention_mask"][:, 1:].bool()
        parts: list[Tensor] = []
        states: dict[str, Tensor] = {}
        for begin in range(0, targets.shape[1], window):
            end = min(begin + window, targets.shape[1])
            piece = {name: value[:, begin:end].to(self.device) for name, value in inputs.items()}
            output = model(**piece, **states, output_final_state=True, use_cache=False)
            states = {"initial_hidden_state": output.final_hidden_state}
            if output.final_cell_state is not None:
                states["initial_cell_state"] = output.final_cell_state
            logits = output.logits
            if logits.dtype in (torch.float16, torch.bfloat16):
                logits = logits.float()
            wanted = targets[:, begin:end].to(logits.device)
            losses = nn.functional.cross_entropy(logits.transpose(1, 2), wanted, reduction="none")
            parts.append(-losses.double().cpu())
        scores = torch.cat(parts, dim=1) if parts else torch.empty(len(real), 0).double()
        return [row[kept] for row, kept in zip(scores, real, strict=True)]


def _as_ids(row: Any, vocab_size: int) -> Tensor:
    """Return a row of token ids as a tensor on the CPU.

    Raises:
        ValueError: If it is none, or the model has no such id.
    """
    try:
        ids = torch.as_tensor(row)
    except (TypeError, ValueError, RuntimeError):
        ids = None
    if (
        ids is None
        or ids.dim() != 1
        or (len(ids) and (ids.is_floating_point() or ids.dtype is torch.bool))
    ):
        raise ValueError(f"texts holds {row!r:.60}, expected strings or rows of token ids")
    ids = ids.long().cpu()
    if len(ids) and not 0 <= int(ids.min()) <= int(ids.max()) < vocab_size:
        wrong = int(ids.min()) if int(ids.min()) < 0 else int(ids.max())
        raise ValueError(f"texts holds the id {wrong}, and the model has 0 to {vocab_size - 1}")
    return ids


def _batches(texts: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while batch := list(islice(texts, size)):
        yield batch
