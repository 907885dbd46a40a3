"""The README's plot, from the rows that are kept."""

import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = str(ROOT / "scripts" / "draw_results.py")
ROWS = ROOT / "docs" / "results" / "movie-snippets.jsonl"


def draw(monkeypatch: pytest.MonkeyPatch, *arguments: Path) -> None:
    monkeypatch.setattr(sys, "argv", [SCRIPT, *map(str, arguments)])
    runpy.run_path(SCRIPT, run_name="__main__")


def test_every_model_is_a_point_over_its_seeds() -> None:
    script = runpy.run_path(SCRIPT)
    found = {point.name: point for point in script["points"](ROWS)}
    assert set(found) == set(script["NAMES"].values()) - {"MiniLM, fine-tuned"}
    assert round(found["LSTM"].y, 1) == 80.0
    assert round(found["LSTM"].spread, 1) == 0.9
    assert found["tf-idf"].spread is None


def test_the_plot_of_the_readme_is_made_of_the_rows(tmp_path: Path, monkeypatch) -> None:
    draw(monkeypatch, ROWS, tmp_path / "latency.svg")
    drawn, kept = (tmp_path / "latency.svg").read_text(), (ROOT / "docs/latency.svg").read_text()
    for name in ("tf-idf", "BiLSTM + attention", "MiniLM, frozen", "test accuracy, %"):
        assert name in drawn
        assert name in kept


def test_a_row_that_is_none(tmp_path: Path, monkeypatch) -> None:
    bad = tmp_path / "rows.jsonl"
    bad.write_text('{"job": 3}\n')
    with pytest.raises(SystemExit, match=r"rows\.jsonl, line 1: this is no row of a comparison"):
        draw(monkeypatch, bad, tmp_path / "latency.svg")
    assert not (tmp_path / "latency.svg").exists()
