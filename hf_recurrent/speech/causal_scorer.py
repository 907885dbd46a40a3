"""A causal language model that scores the words of a search."""

from typing import Any

import torch

from .arpa import NEVER

Ids = tuple[int, ...]


class CausalScorer:
    """Asks a causal language model for the probability of each word after those before it.

    The state is the ids that were read. What a model says after some ids is kept, as the prefixes
    of a beam share most of theirs.

    Args:
        model: A model with ``logits`` (batch, time, vocab_size), such as ``RecurrentForCausalLM``.
        tokenizer: Its tokenizer, with a token that begins and one that ends a text.
        kept: After how many different ids what was said is forgotten.

    Raises:
        ValueError: If the tokenizer has no such tokens.
    """

    def __init__(self, model: Any, tokenizer: Any, kept: int = 10_000) -> None:
        self.model, self.tokenizer, self.kept = model.eval(), tokenizer, kept
        end = tokenizer.eos_token_id
        begin = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else end
        if begin is None or end is None:
            raise ValueError(
                "the tokenizer of the language model has no eos_token, which ends a text: train "
                "the model with one"
            )
        self._begin, self._end = int(begin), int(end)
        self._said: dict[Ids, torch.Tensor] = {}

    def begin(self) -> Ids:
        """Return the state before the first word."""
        return (self._begin,)

    def score(self, state: Ids, word: str) -> tuple[float, Ids]:
        """Return the log-probability of a word after a state, and the state after it.

        A word of which the tokenizer leaves nothing is as improbable as one that n-grams lack.
        """
        text = word if len(state) == 1 else f" {word}"
        ids = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        total = 0.0 if ids else NEVER
        for token in ids:
            total += float(self._after(state)[token])
            state = (*state, token)
        return total, state

    def end(self, state: Ids) -> float:
        """Return the log-probability that the text ends here."""
        return float(self._after(state)[self._end])

    @torch.no_grad()
    def _after(self, state: Ids) -> torch.Tensor:
        if state not in self._said:
            if len(self._said) >= self.kept:
                self._said.clear()
            given = torch.tensor([state], device=self.model.device)
            output = self.model(input_ids=given, attention_mask=torch.ones_like(given))
            self._said[state] = output.logits[0, -1].float().log_softmax(-1)
        return self._said[state]
