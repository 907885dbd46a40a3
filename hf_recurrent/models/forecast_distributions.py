"""What a forecaster predicts of a step: a distribution, or quantiles.

Each kind is a class. Its parameters are those of the *scaled* value, as in transformers; ``loc``
and ``scale`` of the row turn them into those of the value. Nothing is changed in place:
transformers' ``NegativeBinomialOutput`` adds the scale to the logits that it was given, so that its
second call has another mean than its first.

Samples are functions of uniform numbers, a fixed count for each value, so that the numbers of one
row do not depend on what is drawn for another.
"""

import math
from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor
from torch.distributions import NegativeBinomial, Normal, StudentT
from torch.nn.functional import softplus

from .series_scaling import Scale

Params = tuple[Tensor, ...]

# A path of counts can grow from step to step without end; an infinite rate has no counts.
_LARGEST_RATE = 1e30


class Normals:
    """Normal distributions: ``loc`` and ``scale``."""

    noise: ClassVar[int] = 1

    def __init__(self, levels: Sequence[float] | None = None) -> None:
        self.size = 2

    def params(self, raw: Tensor, anchor: Tensor) -> Params:
        """Return the parameters of scaled values.

        Args:
            raw: (..., ``size``) what the network predicts.
            anchor: (...) what is added to the location.
        """
        loc, scale = raw.unbind(-1)
        return loc + anchor, _positive(scale)

    def loss(self, params: Params, values: Tensor, scale: Scale) -> Tensor:
        """Return the negative log-likelihood of values, each (batch, time)."""
        loc, width = params
        scaled = Normal(loc, width, validate_args=False).log_prob(scale.apply(values))
        return scale.scale.log() - scaled

    def draw(self, params: Params, noise: Tensor, scale: Scale) -> Tensor:
        """Return one value for each parameter (batch, 1) of noise (batch, 1, ``noise``)."""
        loc, width = params
        return scale.loc + scale.scale * (loc + width * _normal(noise[..., 0]))


class StudentTs:
    """Student's t-distributions: ``df`` above 2, ``loc`` and ``scale``."""

    noise: ClassVar[int] = 2

    def __init__(self, levels: Sequence[float] | None = None) -> None:
        self.size = 3

    def params(self, raw: Tensor, anchor: Tensor) -> Params:
        """Return the parameters of scaled values; see ``Normals``."""
        df, loc, scale = raw.unbind(-1)
        return 2 + _positive(df), loc + anchor, _positive(scale)

    def loss(self, params: Params, values: Tensor, scale: Scale) -> Tensor:
        """Return the negative log-likelihood of values, each (batch, time)."""
        df, loc, width = params
        scaled = StudentT(df, loc, width, validate_args=False).log_prob(scale.apply(values))
        return scale.scale.log() - scaled

    def draw(self, params: Params, noise: Tensor, scale: Scale) -> Tensor:
        """Return one value for each parameter, by the polar method of Bailey (1994)."""
        df, loc, width = params
        radius = (df * torch.expm1(-2 / df * noise[..., 0].log())).sqrt()
        draw = radius * (2 * math.pi * noise[..., 1]).cos()
        return scale.loc + scale.scale * (loc + width * draw)


class NegativeBinomials:
    """Negative binomial distributions of counts: ``total_count`` and ``logits``.

    The scale is added to the logits, which multiplies the mean by it and keeps the counts whole;
    there is no location.
    """

    # Gamma variates by rejection: so many tries of a normal and a uniform number each. All fail
    # with a probability below 1e-8; the last try is then taken.
    _tries: ClassVar[int] = 6
    noise: ClassVar[int] = 2 * _tries + 2

    def __init__(self, levels: Sequence[float] | None = None) -> None:
        self.size = 2

    def params(self, raw: Tensor, anchor: Tensor) -> Params:
        """Return the parameters of scaled values; the anchor is not read."""
        count, logits = raw.unbind(-1)
        return _positive(count), logits

    def loss(self, params: Params, values: Tensor, scale: Scale) -> Tensor:
        """Return the negative log-likelihood of counts, each (batch, time)."""
        count, logits = params
        distribution = NegativeBinomial(
            count, logits=logits + scale.scale.log(), validate_args=False
        )
        return -distribution.log_prob(values)

    def draw(self, params: Params, noise: Tensor, scale: Scale) -> Tensor:
        """Return one count for each parameter: a Poisson variate whose rate is a gamma variate."""
        count, logits = params
        odds = (logits + scale.scale.log()).exp().clamp(max=_LARGEST_RATE)
        rate = (self._gamma(count, noise) * odds).clamp(max=_LARGEST_RATE)
        return _poisson(rate, noise[..., -1])

    def _gamma(self, shape: Tensor, noise: Tensor) -> Tensor:
        """Return gamma variates of scale 1, by Marsaglia and Tsang (2000)."""
        third = (shape + 1 - 1 / 3).unsqueeze(-1)  # of a shape above 1; a power of u corrects it
        normal = _normal(noise[..., : self._tries])
        uniform = noise[..., self._tries : 2 * self._tries]
        cube = (1 + normal / (9 * third).sqrt()) ** 3
        bound = 0.5 * normal.square() + third * (1 - cube + cube.clamp(min=1e-30).log())
        accepted = (cube > 0) & (uniform.log() < bound)
        accepted[..., -1] = True
        first = accepted.to(torch.uint8).argmax(-1, keepdim=True)
        drawn = (third * cube.clamp(min=1e-30)).gather(-1, first).squeeze(-1)
        return drawn * (noise[..., -2].log() / shape).exp()


class Quantiles:
    """The quantiles of given levels, sorted, so that none cross.

    The loss is the mean over the levels of twice the pinball loss of the scaled value, so that
    series of all sizes count alike.

    A sample is the inverse of a distribution function that is linear between the levels; beyond
    the outermost two it is their quantile.
    """

    noise: ClassVar[int] = 1

    def __init__(self, levels: Sequence[float] | None = None) -> None:
        assert levels is not None
        self.levels = list(levels)
        self.size = len(self.levels)

    def params(self, raw: Tensor, anchor: Tensor) -> Params:
        """Return the quantiles (..., levels) of scaled values."""
        return (raw.sort(-1).values + anchor.unsqueeze(-1),)

    def loss(self, params: Params, values: Tensor, scale: Scale) -> Tensor:
        """Return the pinball loss of scaled values (batch, time)."""
        (quantiles,) = params
        above = scale.apply(values).unsqueeze(-1) - quantiles
        levels = quantiles.new_tensor(self.levels)
        return 2 * torch.maximum(levels * above, (levels - 1) * above).mean(-1)

    def draw(self, params: Params, noise: Tensor, scale: Scale) -> Tensor:
        """Return one value for each row of quantiles."""
        (quantiles,) = params
        levels = quantiles.new_tensor(self.levels)
        uniform = noise[..., 0].clamp(self.levels[0], self.levels[-1])
        above = torch.searchsorted(levels, uniform.contiguous()).clamp(1, max(1, self.size - 1))
        if self.size == 1:
            return scale.loc + scale.scale * quantiles[..., 0]
        low, high = (quantiles.gather(-1, at.unsqueeze(-1)) for at in (above - 1, above))
        share = (uniform - levels[above - 1]) / (levels[above] - levels[above - 1])
        return scale.loc + scale.scale * low.lerp(high, share.unsqueeze(-1)).squeeze(-1)


Kind = Normals | StudentTs | NegativeBinomials | Quantiles

DISTRIBUTIONS: dict[str, type[Kind]] = {
    "student_t": StudentTs,
    "normal": Normals,
    "negative_binomial": NegativeBinomials,
    "quantiles": Quantiles,
}


def _positive(raw: Tensor) -> Tensor:
    return softplus(raw) + torch.finfo(raw.dtype).eps


def _normal(uniform: Tensor) -> Tensor:
    return math.sqrt(2) * torch.erfinv(2 * uniform - 1)


def _poisson(rate: Tensor, uniform: Tensor) -> Tensor:
    """Return the smallest counts whose cumulative probability is at least ``uniform``."""
    low = torch.full_like(rate, -1.0)
    # Beyond this by far less than a uniform number can be near 1.
    high = (rate + 12 * (rate + 1).sqrt() + 30).ceil()
    for _ in range(math.ceil(math.log2(float(high.amax()) + 2)) if rate.numel() else 0):
        middle = ((low + high) / 2).floor()
        enough = torch.special.gammaincc(middle + 1, rate) >= uniform
        moving = high - low > 1
        high = torch.where(moving & enough, middle, high)
        low = torch.where(moving & ~enough, middle, low)
    return high
