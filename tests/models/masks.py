"""Masks for hypothesis: padding on either side, empty rows, holes, nothing at all."""

import torch
from hypothesis import strategies as st
from torch import Tensor


@st.composite
def masks(draw: st.DrawFn, most_rows: int = 5, most_steps: int = 7) -> Tensor:
    """Draw a mask (batch, time, bool)."""
    rows, steps = draw(st.integers(0, most_rows)), draw(st.integers(0, most_steps))
    kind = draw(st.sampled_from(["right", "left", "window", "any"]))
    if kind == "any":
        row = st.lists(st.booleans(), min_size=steps, max_size=steps)
        mask = draw(st.lists(row, min_size=rows, max_size=rows))
        return torch.tensor(mask, dtype=torch.bool).reshape(rows, steps)
    lengths = torch.tensor(
        draw(st.lists(st.integers(0, steps), min_size=rows, max_size=rows)), dtype=torch.long
    ).unsqueeze(1)
    columns = torch.arange(steps)
    if kind == "right":
        return columns < lengths
    if kind == "left":
        return columns >= steps - lengths
    start, stop = sorted(draw(st.tuples(st.integers(0, steps), st.integers(0, steps))))
    return ((columns >= start) & (columns < stop)).expand(rows, steps).contiguous()
