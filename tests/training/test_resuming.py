"""A run goes on with what it was begun with, and with nothing else."""

from pathlib import Path

import pytest

from hf_recurrent.training import checkpoint_to_resume
from hf_recurrent.training.resuming import SETTINGS_FILE

SETTINGS = {"learning_rate": 1e-3, "layers": (0, 1), "output_dir": "one"}


def begun(folder: Path) -> Path:
    assert checkpoint_to_resume(folder, SETTINGS) is None
    (folder / "checkpoint-5").mkdir()
    (folder / "checkpoint-10").mkdir()
    return folder


def test_the_last_checkpoint_of_the_same_settings_is_taken(tmp_path: Path) -> None:
    folder = begun(tmp_path / "new" / "out")
    last = str(folder / "checkpoint-10")
    assert checkpoint_to_resume(folder, SETTINGS) == last
    assert checkpoint_to_resume(folder, {**SETTINGS, "output_dir": "another way to it"}) == last


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"learning_rate": 2e-3}, "learning_rate 0.001, which cannot go on with 0.002"),
        ({"dropout": 0.5}, "dropout None, which cannot go on with 0.5"),
    ],
)
def test_other_settings_are_one_sentence(changes: dict, sentence: str, tmp_path: Path) -> None:
    folder = begun(tmp_path)
    with pytest.raises(ValueError, match=sentence) as caught:
        checkpoint_to_resume(folder, {**SETTINGS, **changes})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [None, "{", "[1]"])
def test_unknown_settings_are_one_sentence(content: str | None, tmp_path: Path) -> None:
    folder = begun(tmp_path)
    (folder / SETTINGS_FILE).unlink()
    if content is not None:
        (folder / SETTINGS_FILE).write_text(content)
    with pytest.raises(ValueError, match=r"no run_settings\.json says of which run"):
        checkpoint_to_resume(folder, SETTINGS)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"output folder .*out cannot be written \(Not a directory"):
        checkpoint_to_resume(tmp_path / "file" / "out", SETTINGS)
