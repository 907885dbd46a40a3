"""Losses of a token from the score of its label and those of some negatives.

With K negatives drawn independently from a known distribution q, with replacement, and y among them
where y is the label too:

- *Sampled softmax* (Bengio and Senecal 2008; Jean et al. 2015) is the cross-entropy over the label
  and the negatives, of scores from which log(K q) is subtracted. Scores whose softmax are the true
  probabilities minimise its expectation (checked over all draws, ``docs/output-losses.md``).
- *NCE* (Gutmann and Hyvarinen 2010; Mnih and Teh 2012) tells the label from the negatives by
  sigmoid(score - log(K q)). The logarithms of the true probabilities minimise its expectation, so
  the scores need no normalisation in the end. Only the expected number of each negative matters.
- *TOP1-max* and *BPR-max* (Hidasi and Karatzoglou 2018) rank the label above the negatives, weighed
  by the softmax of their scores. They know no probabilities and so take no log(K q).
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn


class Scores(NamedTuple):
    """The scores of tokens, in fp32 or more.

    Attributes:
        target: (tokens,) the score of each token's label.
        negatives: (tokens, negatives) the scores of the negatives.
        own: (tokens, negatives, bool) what is not a negative of a token, as its own label in the
            batch; ``None`` if there is nothing of this kind.
    """

    target: Tensor
    negatives: Tensor
    own: Tensor | None = None

    def masked(self) -> Tensor:
        """Return the scores of the negatives, -inf where there is no negative."""
        if self.own is None:
            return self.negatives
        return self.negatives.masked_fill(self.own, -torch.inf)


def corrected(scores: Scores, log_target: Tensor, log_negatives: Tensor) -> Scores:
    """Return scores from which the logarithms of the expected numbers are subtracted.

    Args:
        scores: The scores.
        log_target: (tokens,) log(K q) of each token's label.
        log_negatives: (negatives,) or (tokens, negatives) that of the negatives.
    """
    return scores._replace(
        target=scores.target - log_target.to(scores.target.dtype),
        negatives=scores.negatives - log_negatives.to(scores.negatives.dtype),
    )


def sampled_softmax(scores: Scores) -> Tensor:
    """Return the cross-entropy (tokens,) over label and negatives, of corrected scores."""
    both = torch.cat([scores.target.unsqueeze(1), scores.masked()], dim=1)
    return both.logsumexp(1) - scores.target


def nce(scores: Scores) -> Tensor:
    """Return the loss (tokens,) of noise-contrastive estimation, of corrected scores."""
    found = nn.functional.softplus(scores.masked()).sum(1)
    return found + nn.functional.softplus(-scores.target)


def bpr_max(scores: Scores, bpreg: float) -> Tensor:
    """Return -log(sum_j s_j sigmoid(r - r_j)) + bpreg * sum_j s_j r_j^2, as (tokens,).

    r is the score of the label, r_j are those of the negatives, and s_j their softmax.
    """
    log_weights = scores.masked().log_softmax(1)
    better = nn.functional.logsigmoid(scores.target.unsqueeze(1) - scores.negatives)
    found = -(log_weights + better).logsumexp(1)
    return found + bpreg * (log_weights.exp() * scores.negatives.square()).sum(1)


def top1_max(scores: Scores) -> Tensor:
    """Return sum_j s_j (sigmoid(r_j - r) + sigmoid(r_j^2)), as (tokens,); letters as above."""
    higher = (scores.negatives - scores.target.unsqueeze(1)).sigmoid()
    return (scores.masked().softmax(1) * (higher + scores.negatives.square().sigmoid())).sum(1)
