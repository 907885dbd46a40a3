import json
import runpy
import sys
from pathlib import Path

import pytest

from tests.benchmark.conftest import finished

SCRIPT = str(Path(__file__).parents[2] / "scripts" / "keep_results.py")


def keep(monkeypatch, *arguments: Path) -> None:
    monkeypatch.setattr(sys, "argv", [SCRIPT, *map(str, arguments)])
    runpy.run_path(SCRIPT, run_name="__main__")


def test_rows_are_kept_without_texts(tmp_path: Path, monkeypatch, capsys) -> None:
    explained = {"label": "good", "predicted": "bad", "words": [["secret", 1.0]]}
    job = {"model": "lstm", "kind": "run"}
    whole = {"key": "1", "job": job, "result": finished() | {"examples": [explained]}}
    trial = {"key": "2", "job": job, "result": {"validation_accuracy": 0.5}}
    source, target = tmp_path / "results.jsonl", tmp_path / "kept.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in (whole, trial)))
    keep(monkeypatch, tmp_path, target)
    assert "2 rows" in capsys.readouterr().out
    assert "secret" not in target.read_text()
    first, second = map(json.loads, target.read_text().splitlines())
    assert first == whole | {"result": finished()}
    assert second["result"]["validation_accuracy"] == 0.5

    before = target.read_bytes()
    source.write_text(source.read_text() + '{"key": "3"')
    with pytest.raises(SystemExit, match=r"results\.jsonl, line 3: this is no row of results"):
        keep(monkeypatch, tmp_path, target)
    assert target.read_bytes() == before
