"""The adaptive softmax: an output layer whose cost follows the frequency of the words."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from transformers import initialization as init

from .loss import IGNORED
from .one_hot import has_hooks
from .token_counts import CountsTokens
from .vocabulary_loss import may_skip_logits, vocabulary_loss


class AdaptiveOutput(CountsTokens):
    """The adaptive softmax of Grave et al. 2017, in place of a linear output layer.

    The most frequent words have a score each. The others are in clusters: the cluster is predicted
    along with the frequent words, and then the word within the cluster, from fewer and fewer
    features. Training computes a cluster only for the tokens whose word is in it. The result is a
    distribution over all words, without approximation.

    Words are ranked by ``set_token_counts``. Without it id 0 counts as the most frequent one, id 1
    as the next, and so on, which is true for most tokens of this package's tokenizers, but not for
    their special tokens, which have the last ids: the end of a line is a frequent token.

    Args:
        size: Width of the input.
        vocab_size: Number of words.
        fields: ``cutoffs``, the ranks at which clusters begin, and ``div_value``, the factor by
            which the features of each cluster are fewer than those before.

    Attributes:
        ranks: (vocab_size,) the rank of each word.
    """

    def __init__(self, size: int, vocab_size: int, fields: Mapping[str, Any]) -> None:
        super().__init__()
        first, *_ = cutoffs = list(fields["cutoffs"] or default_cutoffs(vocab_size))
        self.ends = [*cutoffs, vocab_size]
        self.head = nn.Linear(size, first + len(cutoffs))
        self.tails = nn.ModuleList()
        for number, (begin, end) in enumerate(self._clusters(), 1):
            width = max(1, int(size / fields["div_value"] ** number))
            project = nn.Linear(size, width, bias=False)
            self.tails.append(nn.Sequential(project, nn.Linear(width, end - begin)))
        self.ranks: Tensor
        self.register_buffer("ranks", torch.arange(vocab_size))

    def _clusters(self) -> list[tuple[int, int]]:
        return list(zip(self.ends, self.ends[1:], strict=False))

    def init_weights(self, std: float) -> None:
        """Rank the words by their ids; the linear layers initialise themselves."""
        init.copy_(self.ranks, torch.arange(len(self.ranks), device=self.ranks.device))

    def set_token_counts(self, counts: Tensor) -> None:
        """Rank the words by their counts (vocab_size,).

        It is for a fresh model: a trained one would take each word for another.
        """
        order = counts.argsort(descending=True, stable=True).to(self.ranks.device)
        self.ranks[order] = torch.arange(len(order), device=order.device)

    @property
    def may_skip_logits(self) -> bool:
        """Whether ``loss`` may be called in place of this module, as no layer has hooks."""
        layers = [self.head, *(layer for tail in self.tails for layer in tail.children())]
        hooked = any(map(has_hooks, [self, *self.tails]))
        return not hooked and all(map(may_skip_logits, layers))

    def forward(self, hidden: Tensor) -> Tensor:
        """Return the log-probabilities (..., vocab_size), in fp32 or more, of (..., size)."""
        scores = _log_softmax(self.head(hidden))
        first = self.ends[0]
        parts = [scores[..., :first]]
        for number, tail in enumerate(self.tails):
            parts.append(scores[..., first + number, None] + _log_softmax(tail(hidden)))
        return torch.cat(parts, dim=-1).index_select(-1, self.ranks)

    def loss(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Return the summed negative log-likelihood, a scalar.

        Args:
            hidden: (tokens, size).
            targets: (tokens,) ids, -100 to leave a token out.
        """
        known = targets != IGNORED
        ranks = self.ranks[targets.where(known, 0)].where(known, IGNORED)
        first, in_head = self.ends[0], ranks.clone()
        total = hidden.new_zeros((), dtype=torch.promote_types(hidden.dtype, torch.float32))
        for number, (begin, end) in enumerate(self._clusters()):
            inside = (ranks >= begin) & (ranks < end)
            in_head[inside] = first + number
            project, output = self.tails[number].children()
            assert isinstance(output, nn.Linear)
            # Also for no token: each parameter then has a gradient, as several ranks need it.
            total = total + vocabulary_loss(project(hidden[inside]), output, ranks[inside] - begin)
        return total + vocabulary_loss(hidden, self.head, in_head)

    def extra_repr(self) -> str:
        """Show where clusters end in the printed model."""
        return f"ends={self.ends}"


def default_cutoffs(vocab_size: int) -> list[int]:
    """Return the ranks at which the clusters begin, if none are given.

    The first words are a sixteenth, but at most 2,000; each cluster ends at 8 times its beginning.
    """
    cutoffs = [max(1, min(2000, vocab_size // 16))]
    while cutoffs[-1] * 8 < vocab_size:
        cutoffs.append(cutoffs[-1] * 8)
    return cutoffs


def _log_softmax(scores: Tensor) -> Tensor:
    return scores.log_softmax(-1, dtype=torch.promote_types(scores.dtype, torch.float32))
