"""Data sets that change with the epoch, read by workers that stay from epoch to epoch."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from torch.utils.data import DataLoader

from hf_recurrent.data.epochs import EpochDataset
from hf_recurrent.forecasting.series import Series
from hf_recurrent.forecasting.windows import SeriesWindows
from hf_recurrent.training import (
    CurriculumDataset,
    LengthGroupedDataset,
    SentencePairs,
    SpeedPerturbation,
    TextStreams,
)
from hf_recurrent.vectors import word_piece_tokenizer

ROWS = [{"input_ids": [number] * (1 + number % 5)} for number in range(20)]
SOUND = [{"input_features": np.arange(20.0)[:, None] + number} for number in range(8)]


def pairs() -> SentencePairs:
    documents = [[f"{letter} {other} film" for other in "uvwxyz"] for letter in "abc"]
    texts = [sentence for document in documents for sentence in document]
    return SentencePairs(documents, word_piece_tokenizer(texts, vocab_size=60), longest=16)


KINDS: dict[str, Callable[[], EpochDataset]] = {
    "streams": lambda: TextStreams(range(900), 2, 20, random_windows=True),
    "grouped": lambda: LengthGroupedDataset(ROWS, 4),
    "curriculum": lambda: CurriculumDataset(ROWS, 4),
    "speeds": lambda: SpeedPerturbation(LengthGroupedDataset(SOUND, 2)),
    "pairs": pairs,
    "windows": lambda: SeriesWindows([Series("a", np.arange(50, dtype="f4"))], 4, 2, drawn=6),
}


def plain(rows: Any) -> list[str]:
    return [str({name: np.asarray(value).tolist() for name, value in row.items()}) for row in rows]


@pytest.mark.parametrize("kind", KINDS)
def test_workers_that_stay_read_the_rows_of_each_epoch(kind: str) -> None:
    rows, alone = KINDS[kind](), KINDS[kind]()
    loader = DataLoader(
        rows,
        batch_size=None,
        num_workers=1,
        persistent_workers=True,
    )
    seen = []
    for epoch in (0, 1, 3):
        rows.set_epoch(epoch)
        alone.set_epoch(epoch)
        found = plain(loader)
        assert found == plain(alone[place] for place in range(len(alone)))
        seen.append(found)
    assert seen[0] != seen[1] != seen[2]
