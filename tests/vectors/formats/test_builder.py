"""The builder keeps the first row of each word, over blocks and up to the limit."""

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hf_recurrent.vectors.formats._rows import VectorBuilder


@settings(max_examples=200)
@given(
    blocks=st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), max_size=5),
    limit=st.none() | st.integers(1, 8),
)
def test_builder_keeps_first_rows_across_blocks(blocks, limit):
    builder = VectorBuilder(Path("x"), limit)
    builder.begin(30, 1)
    expected: dict[str, float] = {}
    repeated, value = 0, 0.0
    for block in blocks:
        values = np.arange(value, value + len(block), dtype=np.float32)[:, None]
        if not builder.full:
            builder.add(block, values)
        for word, row in zip(block, values, strict=True):
            if len(expected) == limit:
                break
            repeated += word in expected
            expected.setdefault(word, row[0])
        value += len(block)
    assert builder.words == list(expected)
    assert builder.index == {word: row for row, word in enumerate(expected)}
    assert builder.matrix[: len(expected), 0].tolist() == list(expected.values())
    assert builder.repeated == repeated
