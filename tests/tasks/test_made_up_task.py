"""A task that stands in a test alone runs through everything: nothing else knows what it is."""

import json
from pathlib import Path

import pytest

from hf_recurrent import _tasks
from hf_recurrent.__main__ import main
from hf_recurrent.benchmark import BenchmarkSettings, benchmark
from hf_recurrent.hub import Record
from hf_recurrent.hub.cards import card_files


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_tasks, "_REGISTERED", dict(_tasks._REGISTERED))
    from . import counting

    _tasks.register_task(counting.Counting())


@pytest.mark.slow
def test_a_whole_comparison_of_a_made_up_task(counting, tmp_path: Path, capsys) -> None:
    settings = BenchmarkSettings(task="counting", trials=2, seeds=2, options={"shortest": "3"})
    assert benchmark(settings, tmp_path) == 0
    printed = capsys.readouterr()
    # The error on nine words: the smaller factor wins, and so does the first seed.
    rows = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert [row["job"]["kind"] for row in rows] == ["run", "trial", "trial", "run", "run"]
    assert [row["job"]["values"]["factor"] for row in rows] == [0.0, 0.9, 0.5, 0.5, 0.5]
    assert {row["job"]["task"] for row in rows} == {"counting"}
    assert "error on validation" in printed.err
    assert "vowels²" in printed.err
    best = min(rows[3:], key=lambda row: row["result"]["validation"])
    held = json.loads((tmp_path / "best" / "benchmark_row.json").read_text())
    assert held["key"] == best["key"]
    assert "Test figures (error in vowels²), mean ± standard deviation." in printed.out
    assert "Best of the guesses by validation" in printed.out
    assert "Latency is from word to count, one word at a time" in printed.out

    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    titles = ("Counting vowels on words", "Error and latency")
    for told in (*titles, "9 test words", "count(", "vowels²"):
        assert told in page, told
    assert "accuracy" not in page
    for line in (printed.out, printed.err):
        assert "accuracy" not in line

    record = Record.load(tmp_path / "best")
    assert record.task == "counting"
    assert record.plots[0].vertical == "test error, vowels²"
    assert "Longer words are cut after 256 letters" in " ".join(record.limits)
    assert record.comparison_command is not None
    assert "--task counting --dataset words" in record.comparison_command
    assert "--shortest 3" in record.comparison_command
    card = card_files(tmp_path / "best", record, "ada/counting")["README.md"].decode()
    assert "pipeline_tag: tabular-regression" in card
    assert "| Error" in card
    assert "count(" in card

    assert main(["predict", str(tmp_path / "best"), "ocean"]) == 0
    assert capsys.readouterr().out.startswith("ocean: 3 (seed ")


def test_the_command_has_its_options(counting, tmp_path: Path, capsys) -> None:
    with pytest.raises(SystemExit):
        main(["benchmark", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "--shortest N" in told
    assert "for counting: none, guess" in told
    command = ["benchmark", "--shortest", "9", "--task", "text-classification"]
    assert main([*command, "--output", str(tmp_path)]) != 0
    assert "--shortest is none of the task text-classification" in capsys.readouterr().err
