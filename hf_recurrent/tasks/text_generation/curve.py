"""The perplexity of a sample of the validation part while a language model is trained."""

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from .scoring import TokenScorer, encode

# A sample is read ten times in a training of a minute, so it is small.
_TEXTS, _CHARACTERS = 8, 8_000


def sample_of(documents: Sequence[str]) -> list[str]:
    """Return the beginnings of at most eight documents, which are spread evenly over all."""
    number = min(len(documents), _TEXTS)
    return [documents[i * len(documents) // number][:_CHARACTERS] for i in range(number)]


class PerplexityCurve(TrainerCallback):
    """Score a sample of the validation part after each tenth of the training.

    Args:
        scorer: The log-probabilities of the model.
        tokenizer: Its tokenizer.
        documents: The validation documents.
        share: Returns the share of the training that is done, from 0 to 1.
        clock: Returns seconds.

    Attributes:
        sample: The token ids of each text of the sample.
        values: The perplexities.
        steps: The training steps before each of them.
        seconds: The time that they took, which is no time of training.
    """

    def __init__(
        self,
        scorer: TokenScorer,
        tokenizer: Any,
        documents: Sequence[str],
        share: Callable[[TrainerState], float],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._scorer, self._share, self._clock = scorer, share, clock
        self.sample = [encode(tokenizer, text) for text in sample_of(documents)]
        self.values: list[float] = []
        self.steps: list[int] = []
        self.seconds, self._tenths = 0.0, 0

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Score the sample if another tenth is done."""
        tenths = math.floor(10 * self._share(state) + 1e-9)
        if tenths <= self._tenths:
            return
        self._tenths = tenths
        start = self._clock()
        model = kwargs["model"]
        found = self._scorer(self.sample)
        model.train()
        loss = -sum(float(each.sum()) for each in found) / max(sum(map(len, found)), 1)
        self.values.append(math.exp(min(loss, 700.0)))
        self.steps.append(state.global_step)
        self.seconds += self._clock() - start
