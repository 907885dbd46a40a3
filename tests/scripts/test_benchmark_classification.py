import io
import json
import runpy
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from hf_recurrent.tasks.audio_classification.named import SPEAKERS
from tests.tasks.video_classification.conftest import write_skeletons

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark_classification.py"


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
    assert (majority["right"], majority["test_rows"]) == (4, 12)
    assert nearest["right"] == 12

    def row(person: str, trial: int, validation: float, right: int) -> str:
        told = {
            "task": "video-classification",
            "dataset": f"utkinect-{person}",
            "model": "bigru",
            "trial": trial,
            "seed": 0,
        }
        told |= {"validation": validation, "right": right, "test_rows": 20, "parameters": 9}
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
    run(monkeypatch, "table", str(rows), "--by-set")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 7
    assert lines[-2].startswith("| utkinect-s01 | BiGRU | 90.0 % of 20 ")
    assert lines[-1].startswith("| utkinect-s02 | BiGRU | 95.0 % of 20 ")


def test_all_speakers_of_sound_are_left_out_in_turn_and_other_names_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "spoken_digits.zip", "w") as archive:
        for speaker in SPEAKERS:
            for digit in (0, 1):
                file = io.BytesIO()
                sound = np.sin(np.arange(800) * (0.4 + digit))
                soundfile.write(file, sound, 8000, format="WAV")
                archive.writestr(f"{digit}_{speaker}_0.wav", file.getvalue())
    rows = tmp_path / "rows.jsonl"
    flags = ["run", "--task", "audio-classification", "--files-dir", str(tmp_path)]
    flags += ["--output", str(rows), "--models", "template", "--datasets"]
    run(monkeypatch, *flags, "spoken-digits-all")
    found = [json.loads(line) for line in rows.read_text().splitlines()]
    assert [row["dataset"] for row in found] == [f"spoken-digits-{each}" for each in SPEAKERS]
    assert {(row["right"], row["test_rows"]) for row in found} == {(2, 2)}
    with pytest.raises(SystemExit, match="--datasets has 'utkinect-all', expected names of spoken"):
        run(monkeypatch, *flags, "utkinect-all")
    assert len(rows.read_text().splitlines()) == 6
