import os
from pathlib import Path

import pytest

from hf_recurrent.benchmark import places
from hf_recurrent.benchmark.lock import WORK_PREFIX, sole_use
from hf_recurrent.benchmark.places import put_in_place


def model(folder: Path, content: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "model").write_text(content)
    return folder


def test_one_model_after_the_other_takes_the_place(tmp_path: Path) -> None:
    place, work = tmp_path / "best", tmp_path / "work"
    for number in range(3):
        put_in_place(model(work / str(number), str(number)), place, work)
        assert (place / "model").read_text() == str(number)
        assert list(work.iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError("no space")])
@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("done", [False, True])
def test_a_fault_in_between_leaves_the_old_one(
    tmp_path: Path, monkeypatch, error, step: int, done: bool
) -> None:
    """At each move, before or after it."""
    place, work = model(tmp_path / "best", "old"), tmp_path / "work"
    new = model(work / "new", "new")
    replace, calls = os.replace, 0

    def failing(source: Path, target: Path) -> None:
        nonlocal calls
        calls += 1
        if calls != step or done:
            replace(source, target)
        if calls == step:
            raise error

    monkeypatch.setattr(places.os, "replace", failing)
    with pytest.raises(type(error) if isinstance(error, OSError) else error):
        put_in_place(new, place, work)
    assert (place / "model").read_text() == ("new" if (step, done) == (2, True) else "old")


def test_what_a_killed_run_had_taken_away_is_put_back(tmp_path: Path) -> None:
    model(tmp_path / f"{WORK_PREFIX}a" / "replaced-best", "old")
    model(tmp_path / f"{WORK_PREFIX}b" / "replaced-bag-of-vectors", "older")
    model(tmp_path / "bag-of-vectors", "newer")
    with sole_use(tmp_path):
        assert {path.name for path in tmp_path.iterdir()} == {"best", "bag-of-vectors", ".lock"}
        assert (tmp_path / "best" / "model").read_text() == "old"
        assert (tmp_path / "bag-of-vectors" / "model").read_text() == "newer"
