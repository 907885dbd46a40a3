"""A linear-chain conditional random field (Lafferty et al. 2001) as a module.

It is exact for every mask and every precision. ``crf_functions.py`` has the computations and
describes their precision, ``tag_schemes.py`` has the constraints.
"""

import torch
from torch import Tensor, nn
from transformers import initialization as init

from .crf_functions import log_likelihood, log_marginals, log_partition, n_best, viterbi
from .own_weights import OwnWeights
from .tag_schemes import AllowedTransitions, allowed_transitions, forbidden_rows

__all__ = ["AllowedTransitions", "LinearChainCRF", "allowed_transitions", "forbidden_rows"]


class LinearChainCRF(OwnWeights):
    """A layer that scores whole paths of tags from emissions and transitions.

    The transitions do not depend on the input. Adapters of ``peft`` freeze this layer, unless their
    ``modules_to_save`` names ``"crf"``.

    Args:
        num_labels: Number of tags.
        allowed: Which paths are allowed, in inference and, if asked for, in training. It follows
            from the names of the labels, so it is not part of the state dict.

    Attributes:
        transitions: (labels, labels) the score of each step, from row to column.
        start_transitions: (labels,) the score of each tag as the first.
        end_transitions: (labels,) the score of each tag as the last.

    Raises:
        ValueError: If ``allowed`` is for another number of labels.
    """

    def __init__(self, num_labels: int, allowed: AllowedTransitions | None = None) -> None:
        super().__init__()
        if num_labels < 1:
            raise ValueError(f"num_labels is {num_labels}, expected 1 or more")
        if allowed is not None and len(allowed.start) != num_labels:
            raise ValueError(
                f"num_labels is {num_labels}, but the constraints are for {len(allowed.start)}"
            )
        self.num_labels = num_labels
        self.allowed = allowed
        self.transitions = nn.Parameter(torch.zeros(num_labels, num_labels))
        self.start_transitions = nn.Parameter(torch.zeros(num_labels))
        self.end_transitions = nn.Parameter(torch.zeros(num_labels))

    def init_weights(self, std: float) -> None:
        """Set all transitions to 0, so that a fresh layer has no preference."""
        for parameter in (self.transitions, self.start_transitions, self.end_transitions):
            init.zeros_(parameter)

    def extra_repr(self) -> str:
        """Return the settings, for the printed model."""
        return f"{self.num_labels}, constrained={self.allowed is not None}"

    def forward(
        self,
        emissions: Tensor,
        tags: Tensor,
        mask: Tensor | None = None,
        constrained: bool = False,
    ) -> Tensor:
        """Return the log-likelihood of paths of tags.

        Args:
            emissions: (batch, time, labels).
            tags: (batch, time) label ids. Steps of -100 are left out of the chain, as holes are.
            mask: (batch, time), nonzero on real steps; ``None`` if all steps are real.
            constrained: Whether only allowed paths count. A row whose own path is forbidden then
                has no likelihood; its value is 0, without gradient. ``forbidden_rows`` returns
                which rows these are.

        Returns:
            (batch,) float32, or float64 if the emissions are float64. A row without steps has the
            value 0.

        Raises:
            ValueError: If shapes do not fit together, or a tag of a real step is not known.
        """
        scores = self._scores(constrained)
        likelihood = log_likelihood(emissions, tags, mask, *scores)
        if not constrained or self.allowed is None:
            return likelihood
        return likelihood.masked_fill(forbidden_rows(tags, mask, self.allowed), 0.0)

    def log_marginals(self, emissions: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the log-probability of each tag at each step, given the whole row.

        Args:
            emissions: (batch, time, labels).
            mask: (batch, time), nonzero on real steps; ``None`` if all steps are real.

        Returns:
            (batch, time, labels) float32, or float64 if the emissions are float64. Its exponentials
            sum to 1 at each real step; it is 0 on padding and ``-inf`` for a forbidden tag. If the
            constraints forbid every path of a row, they are ignored for this row.
        """
        found, total = log_marginals(emissions, mask, *self._scores(True))
        none = self._without_path(total)
        if none is not None:
            free, _ = log_marginals(emissions, mask, *self._scores(False))
            found = found.where(~none.view(-1, 1, 1), free)
        return found

    def decode(self, emissions: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the best path of each row.

        Args:
            emissions: (batch, time, labels).
            mask: (batch, time), nonzero on real steps; ``None`` if all steps are real.

        Returns:
            (batch, time) label ids, -100 on padding. If the constraints forbid every path of a row,
            they are ignored for this row.
        """
        paths, scores = viterbi(emissions, mask, *self._scores(True))
        none = self._without_path(scores)
        if none is not None:
            free, _ = viterbi(emissions, mask, *self._scores(False))
            paths = paths.where(~none.unsqueeze(1), free)
        return paths

    def n_best(
        self, emissions: Tensor, mask: Tensor | None = None, n: int = 1
    ) -> tuple[Tensor, Tensor]:
        """Return the ``n`` best paths of each row, the best first.

        Args:
            emissions: (batch, time, labels).
            mask: (batch, time), nonzero on real steps; ``None`` if all steps are real.
            n: Number of paths.

        Returns:
            Paths (batch, n, time), -100 on padding, and their scores (batch, n). A score minus the
            log-partition is the log-probability of the path. If a row has fewer allowed paths, the
            scores of the rest are ``-inf`` and their paths -100.
        """
        return n_best(emissions, mask, *self._scores(True), n=n)

    @torch.no_grad()
    def most_probable(
        self, emissions: Tensor, mask: Tensor | None = None, n: int = 1
    ) -> tuple[Tensor, Tensor]:
        """Return the ``n`` best paths of each row with their probabilities, the best first.

        Args:
            emissions: (batch, time, labels).
            mask: (batch, time), nonzero on real steps; ``None`` if all steps are real.
            n: Number of paths.

        Returns:
            Paths and their log-probabilities, with the shapes of ``n_best``. The probabilities of
            all allowed paths of a row sum to 1. If the constraints forbid every path of a row, they
            are ignored for this row, as in ``decode``.
        """
        paths, scores = self.n_best(emissions, mask, n)
        total = log_partition(emissions, mask, *self._scores(True))
        none = self._without_path(total)
        if none is not None:
            scores_free = self._scores(False)
            free, their_scores = n_best(emissions, mask, *scores_free, n=n)
            paths = paths.where(~none.view(-1, 1, 1), free)
            scores = scores.where(~none.unsqueeze(1), their_scores)
            total = total.where(~none, log_partition(emissions, mask, *scores_free))
        return paths, scores - total.unsqueeze(1)

    def _scores(self, constrained: bool) -> tuple[Tensor, Tensor, Tensor]:
        transitions, start, end = self.transitions, self.start_transitions, self.end_transitions
        if not constrained or self.allowed is None:
            return transitions, start, end
        may_start, between, may_end = self.allowed.tensors(start.device)
        return (
            transitions.masked_fill(~between, float("-inf")),
            start.masked_fill(~may_start, float("-inf")),
            end.masked_fill(~may_end, float("-inf")),
        )

    def _without_path(self, scores: Tensor) -> Tensor | None:
        """Return which rows (batch,) have no allowed path; ``None`` if every row has one."""
        if self.allowed is None:
            return None
        none = scores == float("-inf")
        return none if bool(none.any()) else None
