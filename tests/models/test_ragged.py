from itertools import combinations, pairwise

import torch
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.models.ragged import CALL_IN_TOKENS, RaggedBatch, TokenColumns, _cuts

from .masks import masks


@given(masks())
def test_layout_by_brute_force(mask: torch.Tensor) -> None:
    batch, time = mask.shape
    ragged = RaggedBatch.from_mask(mask)
    columns = [[t for t in range(time) if mask[row, t]] for row in range(batch)]
    lengths = [len(c) for c in columns]
    assert ragged.lengths.tolist() == lengths
    for row, places in enumerate(columns):
        assert ragged.positions[row].tolist()[: len(places)] == places
        assert sorted(ragged.positions[row].tolist()) == list(range(time))
    order = sorted(range(batch), key=lambda row: -lengths[row])
    assert ragged.order.tolist() == order
    assert [order[place] for place in ragged.unorder.tolist()] == list(range(batch))
    longest = max(lengths, default=0)
    counts = [sum(n > t for n in lengths) for t in range(longest)]
    assert ragged.counts == counts
    # The tokens, step by step, the longest row first.
    tokens = [(row, t) for t in range(longest) for row in order if t < lengths[row]]
    assert ragged.index.tolist() == [row * time + columns[row][t] for row, t in tokens]
    mirrored = [tokens.index((row, lengths[row] - 1 - t)) for row, t in tokens]
    assert ragged.reverse.tolist() == mirrored
    last = [tokens.index((row, lengths[row] - 1)) for row in order if lengths[row]]
    assert ragged.last.tolist() == last


@given(masks())
def test_window_is_where_every_row_has_its_tokens(mask: torch.Tensor) -> None:
    ragged = RaggedBatch.from_mask(mask)
    fits = [
        (start, stop)
        for start in range(mask.shape[1] + 1)
        for stop in range(start, mask.shape[1] + 1)
        if mask[:, start:stop].all() and mask[:, start:stop].sum() == mask.sum()
    ]
    if ragged.window is None:
        assert not fits
    else:
        assert ragged.window in fits


@given(masks().filter(lambda mask: bool(mask.any())))
def test_segments_hold_every_token_once(mask: torch.Tensor) -> None:
    ragged = RaggedBatch.from_mask(mask)
    segments = ragged.segments
    assert sum(n * steps for n, steps in segments.shapes) == len(segments.forward)
    assert sum(steps for _, steps in segments.shapes) == len(ragged.counts)
    for flat in (segments.forward, segments.backward):
        assert len(set(flat.tolist())) == len(flat)
    assert torch.equal(segments.forward[segments.place], ragged.index)
    assert torch.equal(segments.backward[segments.place], ragged.index[ragged.reverse])


def _cost(cuts: tuple[int, ...], counts: list[int]) -> int:
    return sum(counts[a] * (b - a) + CALL_IN_TOKENS for a, b in pairwise(cuts))


@given(st.lists(st.integers(1, 60), min_size=1, max_size=7))
def test_cuts_are_the_cheapest(rows: list[int]) -> None:
    counts = sorted(rows, reverse=True)
    steps, inner = len(counts), range(1, len(counts))
    every = ((0, *c, steps) for n in range(steps) for c in combinations(inner, n))
    assert _cost(tuple(_cuts(counts)), counts) == min(_cost(cuts, counts) for cuts in every)


def test_cuts_of_many_lengths() -> None:
    cuts = _cuts(list(range(500, 0, -1)))
    assert cuts[0] == 0
    assert cuts[-1] == 500
    assert cuts == sorted(set(cuts))


def test_dense_equals_a_full_mask() -> None:
    dense = RaggedBatch.dense(2, 3, torch.device("cpu"))
    masked = RaggedBatch.from_mask(torch.ones(2, 3))
    assert dense.window == masked.window == (0, 3)
    assert torch.equal(dense.index, masked.index)


@given(masks())
def test_columns_of_padding_only_are_cut_and_restored(mask: torch.Tensor) -> None:
    columns = TokenColumns.of(mask)
    used = [t for t in range(mask.shape[1]) if mask[:, t].any()]
    if len(mask) and used:
        assert (columns.start, columns.stop) == (used[0], used[-1] + 1)
    elif len(mask):
        assert columns.start == columns.stop or not mask.shape[1]
    values = torch.randn(*mask.shape, 2).where(mask.unsqueeze(-1), 0)
    assert torch.equal(columns.restore(columns.cut(values)), values)
    assert torch.equal(columns.restore(columns.cut(mask)), mask)


def test_what_is_no_batch_of_columns_is_not_cut() -> None:
    columns = TokenColumns.of(torch.tensor([[False, True, True, False]]))
    assert columns.cut(None) is None
    for values in (torch.ones(1, 3, 2), torch.ones(4)):  # their own checks complain
        assert columns.cut(values) is values
