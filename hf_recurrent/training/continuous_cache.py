"""A continuous cache: words that followed similar states are more probable (Grave et al. 2017).

It needs no training. Like dynamic evaluation, it is an option of evaluation with a figure of its
own.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .streams import TextStreams


@torch.no_grad()
def cache_evaluation(
    model: nn.Module,
    ids: Sequence[int] | np.ndarray,
    *,
    size: int = 2000,
    share: float = 0.1,
    flatness: float = 0.3,
    window: int = 100,
) -> float:
    """Return the mean loss of a text in nats, by a mixture of the model and a cache.

    The cache holds the last outputs h_i of the recurrent layers, each with the token that followed.
    At output h_t it gives token w the probability that is proportional to the sum of
    exp(flatness h_t h_i) over the places i after which w stood.

    Args:
        model: A causal language model with states.
        ids: The token ids of the text; all but the first are predicted.
        size: Number of outputs in the cache.
        share: Weight of the cache in the mixture, from 0 to 1.
        flatness: Factor of the products of outputs; 0 makes a plain unigram cache.
        window: Number of tokens that are read at once; it does not change the result.

    Raises:
        ValueError: If a number does not fit, or the text has less than two tokens.
    """
    if size < 1:
        raise ValueError(f"size is {size}, expected at least 1")
    if not 0 <= share < 1:
        raise ValueError(f"share is {share}, expected at least 0 and below 1")
    rows = TextStreams(ids, 1, window)
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    states: dict[str, Any] = {}
    held: Tensor | None = None
    followed = torch.zeros(0, dtype=torch.long, device=device)
    total = 0.0
    for row in (rows[index] for index in range(len(rows))):
        given, following = (
            torch.as_tensor(row[name], device=device) for name in ("input_ids", "shift_labels")
        )
        outputs = model(given[None], output_hidden_states=True, output_final_state=True, **states)
        hidden = outputs.hidden_states[-1][0].float()
        held = hidden if held is None else torch.cat([held, hidden])
        followed = torch.cat([followed, following])
        plain = outputs.logits[0].float().log_softmax(-1)
        chances = plain.gather(1, following[:, None])[:, 0].exp()
        cached = _cached(hidden, held, followed, following, size, flatness)
        known = ~cached.isnan()
        mixed = torch.where(known, (1 - share) * chances + share * cached, chances)
        total -= float(mixed.log().double().sum())
        held, followed = held[-size:], followed[-size:]
        states = {"initial_hidden_state": outputs.final_hidden_state}
        if outputs.final_cell_state is not None:
            states["initial_cell_state"] = outputs.final_cell_state
    model.train(was_training)
    return total / rows.predicted


def _cached(
    hidden: Tensor,
    held: Tensor,
    followed: Tensor,
    following: Tensor,
    size: int,
    flatness: float,
) -> Tensor:
    """Return the probability of each following token by the cache; NaN where it is empty.

    Args:
        hidden: (n, features) the outputs of this window.
        held: (m + n, features) those in the cache, and these.
        followed: (m + n,) the tokens after them.
        following: (n,) the tokens to predict.
        size: Number of outputs in the cache.
        flatness: Factor of the products.
    """
    n, before = len(hidden), len(held) - len(hidden)
    places = torch.arange(len(held), device=held.device)
    now = before + torch.arange(n, device=held.device)[:, None]
    scores = flatness * hidden @ held.T
    scores = scores.masked_fill((places >= now) | (places < now - size), -torch.inf)
    return torch.where(following[:, None] == followed, scores.softmax(-1), 0).sum(-1)
