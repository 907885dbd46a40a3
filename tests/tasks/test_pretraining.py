from pathlib import Path

import pytest

from hf_recurrent.tasks.encoders import encoder_title
from hf_recurrent.tasks.pretraining import PRETRAINING_FILE, pretraining_text, write_pretraining
from tests.tasks.pretrained import TOLD


def test_a_row_says_on_what_and_how_long(tmp_path: Path) -> None:
    folder = tmp_path / "my-bert"
    folder.mkdir()
    assert pretraining_text(folder) is None
    assert encoder_title(str(folder), 1_250_000) == "my-bert, 1.2M"
    write_pretraining(folder, **TOLD, steps=7, threads=2)
    told = "pretrained on my-text.txt for 61 s of processor time with 2 threads, 1.2 epochs"
    assert pretraining_text(folder) == told
    assert encoder_title(str(folder), 1_250_000) == f"my-bert, 1.2M, {told}"
    write_pretraining(folder, **TOLD | {"clock": "wall"}, steps=7, threads=1)
    assert "for 61 s by the clock with 1 thread," in (pretraining_text(folder) or "")


@pytest.mark.parametrize("content", ["{", "[]", '{"clock": "sun"}', "{}"])
def test_a_damaged_file_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / PRETRAINING_FILE).write_text(content)
    with pytest.raises(ValueError, match=f"{PRETRAINING_FILE} does not say what pretraining"):
        pretraining_text(tmp_path)
