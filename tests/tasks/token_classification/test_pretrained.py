"""Tagging over encoders of the user: rows of one comparison, and what the table says of them."""

import json
import re
from pathlib import Path

import pytest

from hf_recurrent.benchmark import benchmark
from hf_recurrent.benchmark.settings import BenchmarkSettings
from tests.tasks.pretrained import save_bert, save_elmo
from tests.tasks.token_classification.conftest import PEOPLE, PLACES

MODELS = ("elmo-bilstm", "bert-scratch-frozen", "bert-scratch-finetuned")


@pytest.mark.usefixtures("one_thread")
def test_rows_say_what_they_were_pretrained_on(
    names: Path, tmp_path: Path, no_children: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*PEOPLE, *PLACES, "lives in . we met nothing happened saw"]
    settings = BenchmarkSettings(
        task="token-classification",
        dataset=str(names),
        models=MODELS,
        seeds=1,
        epochs=2,
        threads=1,
        elmo=save_elmo(tmp_path / "my-elmo", words),
        bert_scratch=save_bert(tmp_path / "my-bert", words),
    )
    assert benchmark(settings, tmp_path / "results") == 0
    rows = [json.loads(line) for line in (tmp_path / "results" / "results.jsonl").open()]
    assert [row["job"]["model"] for row in rows] == [*MODELS]
    told = "pretrained on my-text.txt for 61 s of processor time with 1 thread, 1.2 epochs"
    for row, name in zip(rows, ("my-elmo", "my-bert", "my-bert"), strict=True):
        assert re.fullmatch(rf"{name}, \d\.\dM, {told}", row["result"]["encoder"])
        assert row["job"]["baseline"].startswith(f"{name}#")
    frozen, tuned = (row["result"] for row in rows[1:])
    assert frozen["trainable_parameters"] < frozen["parameters"]
    assert tuned["trainable_parameters"] == tuned["parameters"]
    assert str(tmp_path) not in (tmp_path / "results" / "results.jsonl").read_text()
    assert told in " ".join(capsys.readouterr().out.split())
