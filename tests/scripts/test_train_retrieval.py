"""The recipe of encoders: trained, judged, recorded, and opened again."""

import json
import runpy
import sys
from pathlib import Path

import pytest
from sentence_transformers import SentenceTransformer

from hf_recurrent.hub import Record
from tests.tasks.text_retrieval.collection import write_collection

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys):
    """Runs a script; returns what it printed."""

    def with_flags(script: str, *flags: str) -> str:
        monkeypatch.setattr(sys, "argv", [script, *flags])
        runpy.run_path(str(SCRIPTS / script), run_name="__main__")
        return capsys.readouterr().out

    return with_flags


def test_an_encoder_is_trained_with_hard_negatives(run, tmp_path: Path) -> None:
    folder = write_collection(tmp_path / "data")
    output = tmp_path / "out"
    flags = ["--dataset", str(folder), "--vectors", "random", "--hidden-size", "8"]
    flags += ["--negatives", "bm25", "--epochs", "2", "--batch-size", "8"]
    flags += ["--output-dir", str(output)]
    printed = run("train_retrieval.py", *flags)
    found = json.loads(printed)
    assert [each["epoch"] for each in found["negatives"]] == [0, 1]
    assert 0 < found["test_ndcg_at_10"] <= 1
    assert run("train_retrieval.py", *flags) == printed  # it is not trained again
    record = Record.load(output)
    assert (record.task, record.parameters is not None) == ("text-retrieval", True)
    assert len(record.plots[0].values) == 2
    assert SentenceTransformer(str(output), device="cpu").encode("lift").shape == (16,)


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--dataset", "nowhere"], "neither a file or folder nor"),
        (["--pooling", "last"], "take 'mean'"),
        (["--train-on", "all"], "train_on is 'all'"),
    ],
)
def test_wrong_options_are_one_sentence(run, tmp_path: Path, flags: list[str], told: str) -> None:
    folder = str(write_collection(tmp_path / "data"))
    base = ["--vectors", "random", "--output-dir", str(tmp_path / "out")]
    with pytest.raises(SystemExit, match=told):
        run("train_retrieval.py", "--dataset", folder, *base, *flags)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_an_error_before_training(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hf_recurrent.retrieval.train_encoder", None)  # a call would be an error
    (tmp_path / "out").write_text("a file")
    flags = ["--dataset", str(write_collection(tmp_path / "data")), "--vectors", "random"]
    with pytest.raises(SystemExit, match=r"error: .*out'"):
        run("train_retrieval.py", *flags, "--output-dir", str(tmp_path / "out"))
    assert (tmp_path / "out").read_text() == "a file"
