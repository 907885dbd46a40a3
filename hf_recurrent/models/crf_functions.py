"""Exact inference in linear-chain conditional random fields (Lafferty et al. 2001), as functions.

The score of a path of tags is the sum of its emissions and its transitions, including those of its
start and its end. Its probability is the exponential of its score, divided by the sum of the
exponentials over all paths. All functions take emissions (batch, time, labels), a mask (batch,
time) that is nonzero on real steps, or ``None``, and the parameters ``transitions`` (labels,
labels), from row to column, ``start_transitions`` and ``end_transitions`` (labels,). Padding on
either side and holes in the mask are skipped: the result of a row is that of its real steps alone.
A score of ``-inf`` forbids a tag or a transition.

Computations are in float64, whatever the type of the inputs. Results are float32, or float64 if the
emissions are float64. (Apple's GPUs have no float64; computations there are in float32.)
"""

from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from .crf_passes import (
    NO_PATH,
    LogPartition,
    before_each,
    floor_of,
    floored,
    log_passes,
    plain_log_partition,
)
from .ragged import RaggedBatch
from .stepwise import take_rows

NO_TAG = -100


class _Chains(NamedTuple):
    """A batch in packed order (see ``ragged.py``): step by step, the longest row first."""

    batch: RaggedBatch
    emissions: Tensor  # (tokens, labels), wide
    parameters: tuple[Tensor, Tensor, Tensor]  # transitions, start, end, wide
    rows: Tensor  # (tokens,) the row of the batch that each token belongs to
    result: torch.dtype

    @property
    def lasts(self) -> Tensor:
        """(rows of length > 0,) the row of the batch at each place of the packed order."""
        return self.rows[self.batch.last]

    def unpack(self, values: Tensor, fill: float) -> Tensor:
        """Return packed values (tokens, ...) as (batch, time, ...)."""
        batch, time = self.batch.batch, self.batch.time
        padded = values.new_full((batch * time, *values.shape[1:]), fill)
        padded = padded.index_copy(0, self.batch.index, values)
        return padded.view(batch, time, *values.shape[1:])

    def by_row(self, values: Tensor, fill: float) -> Tensor:
        """Return values, one a row in packed order, as (batch, ...), ``fill`` for empty rows."""
        whole = values.new_full((self.batch.batch, *values.shape[1:]), fill)
        return whole.index_copy(0, self.lasts, values)

    def narrow(self, scores: Tensor) -> Tensor:
        """Return scores in the type of the result; only ``-inf`` itself becomes ``-inf``."""
        most = torch.finfo(self.result).max
        return scores.clamp(-most, most).where(scores.isfinite(), scores).to(self.result)


def _pack(
    emissions: Tensor, mask: Tensor | None, transitions: Tensor, start: Tensor, end: Tensor
) -> _Chains:
    labels = len(start)
    if emissions.dim() != 3 or emissions.shape[2] != labels:
        raise ValueError(
            f"emissions have shape {tuple(emissions.shape)}, expected (batch, time, {labels})"
        )
    if mask is None:
        batch = RaggedBatch.dense(emissions.shape[0], emissions.shape[1], emissions.device)
    elif mask.shape != emissions.shape[:2]:
        raise ValueError(
            f"the mask has shape {tuple(mask.shape)}, expected {tuple(emissions.shape[:2])} as the "
            "emissions have"
        )
    else:
        batch = RaggedBatch.from_mask(mask)
    wide = torch.float32 if emissions.device.type == "mps" else torch.float64
    packed = take_rows(emissions.flatten(0, 1), batch.index).to(wide)
    parameters = (transitions.to(wide), start.to(wide), end.to(wide))
    rows = batch.index.div(max(batch.time, 1), rounding_mode="floor")
    result = torch.promote_types(emissions.dtype, torch.float32)
    return _Chains(batch, packed, parameters, rows, result)


def _log_partition(chains: _Chains) -> Tensor:
    """Return the log-partition (batch,) in the wide type; 0 for empty rows."""
    batch = chains.batch
    if not batch.counts:
        # Part of the graph, so that the gradients of a batch without steps are 0.
        nothing = [p.flatten()[:0].sum() for p in (chains.emissions, *chains.parameters)]
        return chains.emissions.new_zeros(batch.batch) + sum(nothing)
    arguments = (chains.emissions, *chains.parameters)
    if torch._C._are_functorch_transforms_active():  # plain operators know all of them
        total = plain_log_partition(batch.counts, batch.last, *arguments)
    else:
        places = batch.unorder[chains.rows]
        total = LogPartition.apply(batch.counts, batch.last, places, *arguments)
    return chains.by_row(total, 0.0)


def log_partition(
    emissions: Tensor,
    mask: Tensor | None,
    transitions: Tensor,
    start_transitions: Tensor,
    end_transitions: Tensor,
) -> Tensor:
    """Return the log of the sum over all paths, (batch,); 0 for rows without steps.

    Returns:
        ``-inf`` for rows in which every path is forbidden; their gradient is 0. A second derivative
        (``create_graph=True``) takes as long as with plain autograd.

    Raises:
        ValueError: If shapes do not fit together.
    """
    chains = _pack(emissions, mask, transitions, start_transitions, end_transitions)
    return _log_partition(chains).to(chains.result)


def reference_log_partition(
    emissions: Tensor,
    mask: Tensor | None,
    transitions: Tensor,
    start_transitions: Tensor,
    end_transitions: Tensor,
) -> Tensor:
    """Return the log-partition by the loop of the textbook, with plain autograd."""
    chains = _pack(emissions, mask, transitions, start_transitions, end_transitions)
    batch = chains.batch
    if not batch.counts:
        return _log_partition(chains).to(chains.result)
    total = plain_log_partition(batch.counts, batch.last, chains.emissions, *chains.parameters)
    return chains.by_row(total, 0.0).to(chains.result)


def log_likelihood(
    emissions: Tensor,
    tags: Tensor,
    mask: Tensor | None,
    transitions: Tensor,
    start_transitions: Tensor,
    end_transitions: Tensor,
) -> Tensor:
    """Return the log-probability of paths of tags, (batch,); 0 for rows without steps.

    Args:
        emissions: (batch, time, labels).
        tags: (batch, time) label ids. Steps of -100 are left out of the chain.
        mask: (batch, time) or ``None``. Where it is 0, tags may have any value.
        transitions: (labels, labels).
        start_transitions: (labels,).
        end_transitions: (labels,).

    Raises:
        ValueError: If shapes do not fit together, or a tag of a real step is not known.
    """
    if tags.shape != emissions.shape[:2]:
        raise ValueError(
            f"tags have shape {tuple(tags.shape)}, expected {tuple(emissions.shape[:2])} as the "
            "emissions have"
        )
    real = tags != NO_TAG
    if mask is not None:
        if mask.shape != tags.shape:
            raise ValueError(
                f"the mask has shape {tuple(mask.shape)}, expected {tuple(tags.shape)}"
            )
        real = real & mask.bool()
    chains = _pack(emissions, real, transitions, start_transitions, end_transitions)
    score = _path_score(chains, tags)
    total = _log_partition(chains)
    impossible = score == NO_PATH
    return (score - total).masked_fill(impossible, NO_PATH).to(chains.result)


def _path_score(chains: _Chains, tags: Tensor) -> Tensor:
    """Return the score (batch,) of the path of tags in each row."""
    batch, emissions = chains.batch, chains.emissions
    transitions, start, end = chains.parameters
    labels, whole = len(start), emissions.new_zeros(batch.batch)
    if not batch.counts:
        return whole
    packed = tags.flatten().index_select(0, batch.index).long()
    least, most = (int(value) for value in packed.aminmax())
    if least < 0 or most >= labels:
        raise ValueError(
            f"a tag is {least if least < 0 else most}, expected 0 to {labels - 1}, or {NO_TAG} to "
            "leave its step out"
        )
    rows = batch.counts[0]
    previous = packed[before_each(batch.counts, tags.device)]
    pairs = transitions.flatten().index_select(0, previous * labels + packed[rows:])
    into = torch.cat([start.index_select(0, packed[:rows]), pairs])
    tokens = emissions.gather(1, packed.unsqueeze(1)).squeeze(1) + into
    whole = whole.index_add(0, chains.rows, tokens)
    return whole.index_add(0, chains.lasts, end.index_select(0, packed[batch.last]))


def log_marginals(
    emissions: Tensor,
    mask: Tensor | None,
    transitions: Tensor,
    start_transitions: Tensor,
    end_transitions: Tensor,
) -> tuple[Tensor, Tensor]:
    """Return the log-probability of each tag at each step, given the whole row.

    The computation uses logarithms, so that tiny probabilities are right too, and plain autograd.

    Returns:
        (batch, time, labels), whose exponentials sum to 1 at each real step, ``-inf`` for an
        impossible tag and 0 on padding; and the log-partition (batch,). If that is ``-inf``, all
        tags of the row are impossible.
    """
    chains = _pack(emissions, mask, transitions, start_transitions, end_transitions)
    batch = chains.batch
    if not batch.counts:
        total = _log_partition(chains).to(chains.result)
        return chains.unpack(chains.emissions, 0.0).to(chains.result), total
    scores, between, start, end = floored(chains.emissions, *chains.parameters)
    steps = scores.split(batch.counts)
    alphas, betas = log_passes(steps, between, start, end)
    joint = alphas + betas
    total = torch.logsumexp(alphas[batch.last] + end, dim=1)
    floor = floor_of(total) / 2
    found = joint.log_softmax(dim=1).masked_fill(joint < floor, NO_PATH)
    total = chains.by_row(total.masked_fill(total < floor, NO_PATH), 0.0)
    return chains.unpack(found, 0.0).to(chains.result), chains.narrow(total)


def viterbi(
    emissions: Tensor,
    mask: Tensor | None,
    transitions: Tensor,
    start_transitions: Tensor,
    end_transitions: Tensor,
) -> tuple[Tensor, Tensor]:
    """Return the best path of each row (Viterbi 1967).

    Returns:
        Paths (batch, time), -100 on padding, and their scores (batch,), 0 for rows without steps.
        A score of ``-inf`` means that every path is forbidden; its path has no meaning.
    """
    # Inference mode keeps no account of views, which takes a sixth of the time. A graph takes only
    # a copy that is made outside of it.
    is_plain = torch._C._are_functorch_transforms_active()  # they do not know inference mode
    with torch.no_grad() if is_plain else torch.inference_mode():
        found = _viterbi(emissions, mask, transitions, start_transitions, end_transitions)
    return found[0].clone(), found[1].clone()


def _viterbi(
    emissions: Tensor, mask: Tensor | None, transitions: Tensor, start: Tensor, end: Tensor
) -> tuple[Tensor, Tensor]:
    chains = _pack(emissions, mask, transitions, start, end)
    batch, (between, start, end) = chains.batch, chains.parameters
    counts = batch.counts
    if not counts:
        return emissions.new_full(emissions.shape[:2], NO_TAG, dtype=torch.long), (
            emissions.new_zeros(len(emissions), dtype=chains.result)
        )
    best = chains.emissions  # packed just now, so that it may be written over
    best[: counts[0]].add_(start)
    # Each step's block is cut into the rows that go on and those that end: all views at once.
    cuts = [size for n, m in pairwise([*counts, 0]) for size in (m, n - m)]
    going_on = best.unsqueeze(2).split(cuts)[::2]  # (rows, from, 1)
    for before, now in zip(going_on, best.split(counts)[1:], strict=False):
        now.add_((before + between).amax(1))
    scores, tags = (best[batch.last] + end).max(1)
    # No back-pointers are kept: on the way back they are needed for one tag of each row only.
    path = torch.empty(len(best), dtype=torch.long, device=best.device)
    path[batch.last] = tags
    into = between.t().unsqueeze(2).contiguous()  # (to, from, 1)
    previous, tag = path.unsqueeze(1).split(cuts)[::2], path.split(counts)
    for t in range(len(counts) - 1, 0, -1):
        ways = into.index_select(0, tag[t]).add_(going_on[t - 1])
        torch.argmax(ways, dim=1, out=previous[t - 1])
    paths = chains.unpack(path, NO_TAG)
    return paths, chains.narrow(chains.by_row(scores, 0.0))


@torch.no_grad()
def n_best(
    emissions: Tensor,
    mask: Tensor | None,
    transitions: Tensor,
    start_transitions: Tensor,
    end_transitions: Tensor,
    n: int,
) -> tuple[Tensor, Tensor]:
    """Return the ``n`` best paths of each row, the best first.

    Returns:
        Paths (batch, n, time), -100 on padding, and their scores (batch, n). If a row has fewer
        paths, the scores of the rest are ``-inf`` and their paths -100. A row without steps has one
        path, of score 0.

    Raises:
        ValueError: If ``n`` is less than 1.
    """
    if n < 1:
        raise ValueError(f"n is {n}, expected 1 or more paths")
    chains = _pack(emissions, mask, transitions, start_transitions, end_transitions)
    batch, (between, start, end) = chains.batch, chains.parameters
    counts, labels = batch.counts, len(start)
    whole = chains.emissions.new_full((batch.batch, n), NO_PATH)
    whole[batch.lengths == 0, 0] = 0.0
    if not counts:
        paths = torch.full((batch.batch, n, batch.time), NO_TAG, device=emissions.device)
        return paths, whole.to(chains.result)
    steps = chains.emissions.split(counts)
    # (rows, labels, n): the scores of the n best beginnings that end in each tag.
    first = steps[0].new_full((counts[0], labels, n), NO_PATH)
    first[:, :, 0] = start + steps[0]
    beams, pointers = [first], []
    for step in steps[1:]:
        before = beams[-1][: len(step)].unsqueeze(3) + between.unsqueeze(1)
        scores, pointer = before.flatten(1, 2).topk(n, dim=1)
        beams.append(scores.transpose(1, 2) + step.unsqueeze(2))
        pointers.append(pointer.transpose(1, 2).flatten(1))
    ends = torch.cat(beams)[batch.last] + end.unsqueeze(1)
    scores, states = ends.flatten(1).topk(n, dim=1)
    path = [states[: counts[-1]]]
    for t in range(len(counts) - 1, 0, -1):
        back = pointers[t - 1].gather(1, path[-1])
        path.append(torch.cat([back, states[counts[t] : counts[t - 1]]]))
    whole[chains.lasts] = scores
    tags = torch.cat(path[::-1]).div(n, rounding_mode="floor")
    paths = chains.unpack(tags, NO_TAG).transpose(1, 2)
    return paths.masked_fill((whole == NO_PATH).unsqueeze(2), NO_TAG), chains.narrow(whole)
