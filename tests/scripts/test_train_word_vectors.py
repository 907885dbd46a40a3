"""The recipe prints a row a kind and trainer, and keeps the vectors where it is asked to."""

import runpy
import sys
from itertools import islice
from pathlib import Path

import pytest
from gensim.test.utils import datapath

from hf_recurrent.vectors import load_vectors

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Return a function that runs a script on a little real text and returns what it prints."""
    with Path(datapath("lee_background.cor")).open() as file:
        (tmp_path / "text.txt").write_text("".join(islice(file, 60)))

    def run_script(name: str, *flags: str) -> list[str]:
        arguments = ["--corpus", str(tmp_path / "text.txt"), "--vector-size", "4", "--epochs", "1"]
        monkeypatch.setattr(sys, "argv", [name, *arguments, *flags])
        runpy.run_path(str(SCRIPTS / name), run_name="__main__")
        return [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]

    return run_script


def test_each_kind_is_judged_beside_gensims(run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv("HF_RECURRENT_DATA", raising=False)
    flags = ["--kinds", "ppmi", "cbow", "fasttext", "--bucket", "50"]
    head, *rows = run("train_word_vectors.py", *flags, "--output", str(tmp_path / "out"))
    assert head == "| kind | trained by | ws353 | simlex999 | google-analogies |"
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert [row[:2] for row in cells] == [
        ["ppmi", "hf-recurrent"],
        ["cbow", "hf-recurrent"],
        ["cbow", "gensim"],
        ["fasttext", "hf-recurrent"],
        ["fasttext", "gensim"],
    ]
    assert all(-1 <= float(cell) <= 1 for row in cells for cell in row[2:] if cell != "-")
    assert load_vectors(tmp_path / "out" / "cbow").vector_size == 4


def test_the_benchmark_times_both_sides(run) -> None:
    _, *rows = run("benchmark_vector_training.py", "--repeats", "1", "--kinds", "cbow")
    ((kind, *numbers),) = ([c.strip() for c in row.strip("|").split("|")] for row in rows)
    assert kind == "cbow"
    assert all(float(number.replace(",", "")) > 0 for number in numbers)


def test_bad_input_ends_in_one_sentence(run) -> None:
    with pytest.raises(SystemExit, match=r"^error: .*No word comes 999 times"):
        run("train_word_vectors.py", "--min-count", "999")
