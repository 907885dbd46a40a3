"""The negatives of sampled losses: which ids are drawn, and how often each is expected.

Negatives are drawn independently, with replacement, once for all tokens of a batch. An id that is
the label of a token may be among them; it is kept, since only then the losses are exact (see
``sampled_losses.py``).

The distributions are

- ``"uniform"``: each id alike;
- ``"log_uniform"``: id i in proportion to log((i + 2) / (i + 1)), about Zipf's law where ids are in
  the order of frequency, as the tokenizers of this package have them;
- ``"unigram"``: in proportion to the count of an id in training to the power of ``alpha`` (Mikolov
  et al. 2013 take 0.75). An id that never occurs counts as one that occurs once, so that each id
  can be drawn;
- a mixture of these, as a dictionary of their weights. Each negative is drawn from one of them, as
  a coin decides; or with ``fixed_shares`` each of them draws its share of the negatives;
- ``"in_batch"``, alone or beside one of the others (``in_batch``): the labels of the other tokens
  of the batch. They are treated as independent draws in proportion to the counts, which they are
  not quite, since the tokens of a text depend on each other.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor
from transformers import initialization as init

from .token_counts import CountsTokens

DISTRIBUTIONS = ("uniform", "log_uniform", "unigram")
IN_BATCH = "in_batch"


class _Tables(NamedTuple):
    """What drawing needs.

    Attributes:
        numbers: The number of draws from each distribution.
        cumulative: (vocab_size,) the cumulative probabilities of each.
        expected: (vocab_size,) how often each id is expected among all draws.
        unigram: (vocab_size,) the probability of each id as a label; empty without counts.
    """

    numbers: list[int]
    cumulative: list[Tensor]
    expected: Tensor
    unigram: Tensor


class NegativeSampler(CountsTokens):
    """Draws negatives, and knows how often each id is expected among them.

    Args:
        vocab_size: Number of token ids.
        fields: ``sampler``, ``negatives``, ``alpha``, ``in_batch`` and ``fixed_shares``, which are
            checked; see ``output_loss_fields.py``.

    Attributes:
        in_batch: Whether the labels of the other tokens are negatives too.
        token_counts: (vocab_size,) how often each id occurs in training; zeros until it is set.
    """

    def __init__(self, vocab_size: int, fields: Mapping[str, Any]) -> None:
        super().__init__()
        sampler = fields["sampler"]
        self.in_batch = bool(fields["in_batch"]) or sampler == IN_BATCH
        self.number = 0 if sampler == IN_BATCH else int(fields["negatives"])
        self.weights = dict(sampler) if isinstance(sampler, Mapping) else {sampler: 1.0}
        self.weights.pop(IN_BATCH, None)
        self.alpha, self.fixed_shares = float(fields["alpha"]), bool(fields["fixed_shares"])
        self.token_counts: Tensor
        self.register_buffer("token_counts", torch.zeros(vocab_size, dtype=torch.long))
        self._made: tuple[Tensor, _Tables] | None = None

    def init_weights(self, std: float) -> None:
        """Forget the counts."""
        init.zeros_(self.token_counts)
        self._made = None

    def set_token_counts(self, counts: Tensor) -> None:
        """Set the counts, a tensor (vocab_size,) of integers; after resizing of another length."""
        self.token_counts = counts.to(self.token_counts.device)

    def _load_from_state_dict(self, *args: Any) -> None:
        super()._load_from_state_dict(*args)
        self._made = None

    def draw(self) -> Tensor:
        """Return the ids of the drawn negatives (number,), by torch's generator of the device.

        Raises:
            ValueError: If the distribution needs counts, and there are none.
        """
        tables, drawn = self._tables(), []
        for number, cumulative in zip(tables.numbers, tables.cumulative, strict=True):
            device = cumulative.device
            places = torch.rand(number, dtype=cumulative.dtype, device=device)
            # The first id whose cumulative probability is greater, so none of probability 0.
            found = torch.searchsorted(cumulative, places, right=True)
            drawn.append(found.clamp_(max=len(cumulative) - 1))
        return torch.cat([self.token_counts.new_empty(0), *drawn])

    def log_expected(self, ids: Tensor, others: int = 0) -> Tensor:
        """Return the logarithm of how often each of ``ids`` is expected among the negatives.

        For K draws from q it is log(K q).

        Args:
            ids: Token ids of any shape.
            others: The number of negatives that are labels of other tokens.

        Raises:
            ValueError: If the model has no counts, and they are needed.
        """
        tables = self._tables()
        expected = tables.expected[ids]
        if others:
            if not len(tables.unigram):
                raise ValueError(_NO_COUNTS.format(IN_BATCH))
            expected = expected + others * tables.unigram[ids]
        return expected.log()

    def _tables(self) -> _Tables:
        """Return the tables, which are made once for the counts as they are."""
        counts = self.token_counts
        if self._made is None or self._made[0] is not counts:  # new, or on another device
            self._made = counts, self._new_tables()
        return self._made[1]

    def _new_tables(self) -> _Tables:
        total = sum(self.weights.values())
        found = {name: self._probabilities(name) for name in self.weights}
        if self.fixed_shares:
            numbers = _shares(self.number, list(self.weights.values()))
            tables = list(found.values())
        elif found:
            mixed = sum(self.weights[name] / total * q for name, q in found.items())
            assert isinstance(mixed, Tensor)
            numbers, tables = [self.number], [mixed]
        else:
            numbers, tables = [], []
        expected = torch.zeros(
            len(self.token_counts), dtype=torch.double, device=self.token_counts.device
        )
        for number, q in zip(numbers, tables, strict=True):
            expected += number * q
        counts = self.token_counts
        return _Tables(
            numbers,
            [q.cumsum(0) / q.sum() for q in tables],
            expected,
            _powers(counts, 1.0) if bool(counts.any()) else expected.new_empty(0),
        )

    def _probabilities(self, name: str) -> Tensor:
        """Return the distribution of a name (vocab_size,), in float64."""
        counts = self.token_counts
        if name == "unigram":
            if not bool(counts.any()):
                raise ValueError(_NO_COUNTS.format(name))
            return _powers(counts, self.alpha)
        ids = torch.arange(len(counts), dtype=torch.double, device=counts.device)
        found = torch.ones_like(ids) if name == "uniform" else (1 / (ids + 1)).log1p()
        return found / found.sum()

    def extra_repr(self) -> str:
        """Show the settings in the printed model."""
        beside = f", {IN_BATCH}" if self.in_batch else ""
        return f"{self.number} of {self.weights}, alpha={self.alpha}{beside}"


_NO_COUNTS = (
    "output_loss_config: sampler {!r} goes by how often each token occurs in training, and the "
    "model has no counts: call model.set_token_counts(counts) before training"
)


def _powers(counts: Tensor, alpha: float) -> Tensor:
    found = counts.clamp(min=1).double() ** alpha
    return found / found.sum()


def _shares(number: int, weights: list[float]) -> list[int]:
    """Return whole numbers in proportion to weights, by largest remainder."""
    wanted = [number * weight / sum(weights) for weight in weights]
    found = [int(each) for each in wanted]
    by_remainder = sorted(range(len(wanted)), key=lambda i: found[i] - wanted[i])
    for i in by_remainder[: number - sum(found)]:
        found[i] += 1
    return found
