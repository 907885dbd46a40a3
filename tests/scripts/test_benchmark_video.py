import json
import runpy
import sys
from pathlib import Path

import pytest

from tests.tasks.video_classification.conftest import write_skeletons

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark_video.py"


def run(monkeypatch: pytest.MonkeyPatch, *flags: str) -> None:
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *flags])
    runpy.run_path(str(SCRIPT), run_name="__main__")


def test_runs_are_kept_and_the_table_chooses_on_validation(
    monkeypatch: pytest.MonkeyPatch, capsys, tmp_path: Path
) -> None:
    write_skeletons(tmp_path / "utkinect_skeleton.npz")
    rows = tmp_path / "rows.jsonl"
    flags = ["run", "--files-dir", str(tmp_path), "--output", str(rows), "--datasets", "utkinect"]
    for _ in range(2):
        run(monkeypatch, *flags, "--models", "majority", "nearest-mean")
    majority, nearest = map(json.loads, rows.read_text().splitlines())  # once, not twice
    assert (majority["right"], majority["test_clips"]) == (4, 12)
    assert nearest["right"] == 12

    def row(person: str, trial: int, validation: float, right: int) -> str:
        told = {"dataset": f"utkinect-{person}", "model": "bigru", "trial": trial, "seed": 0}
        told |= {"validation": validation, "right": right, "test_clips": 20, "parameters": 9}
        return json.dumps(told | {"frames_per_second": 100})

    more = [row("s01", 0, 0.8, 20), row("s02", 0, 0.8, 20)]
    more += [row("s01", 1, 0.9, 18), row("s02", 1, 0.8, 19), row("s03", 2, 1.0, 1)]
    rows.write_text(rows.read_text() + "\n".join(more) + "\n")
    capsys.readouterr()
    run(monkeypatch, "table", str(rows))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    # The trial that is best on validation, and not on test; one without all persons is left out.
    assert (
        "one person left out | BiGRU | 92.5 % of 40 (79.6 to 98.4) | 85.0 % | 9 | 100" in lines[-1]
    )
