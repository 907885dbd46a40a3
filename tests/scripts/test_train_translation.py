import json
import runpy
import sys
from pathlib import Path

import pytest
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from hf_recurrent.__main__ import main
from hf_recurrent.hub import Record
from hf_recurrent.hub.usage import usage
from tests.tasks.translation.pairs import sentences, write_pairs

SCRIPT = Path(__file__).parents[2] / "scripts" / "train_translation.py"


@pytest.fixture
def train(monkeypatch: pytest.MonkeyPatch, capsys, tmp_path: Path):
    """Runs the script on made-up pairs; returns what it printed."""
    source, target = write_pairs(tmp_path)
    base = [str(SCRIPT), "--dataset", str(source), "--target_file", str(target)]
    base += ["--output_dir", str(tmp_path / "out"), "--use_cpu", "True", "--disable_tqdm", "True"]
    base += ["--threads", "1", "--embedding_size", "24", "--hidden_size", "32", "--pieces", "340"]
    base += ["--per_device_train_batch_size", "16", "--dropout", "0", "--learning_rate", "0.01"]

    def run(*flags: str) -> str:
        monkeypatch.setattr(sys, "argv", [*base, *flags])
        runpy.run_path(str(SCRIPT), run_name="__main__")
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize("joint", [pytest.param("True", marks=pytest.mark.slow), "False"])
def test_a_translator_is_trained_judged_and_told_again(
    joint, train, tmp_path: Path, capsys
) -> None:
    flags = ["--num_train_epochs", "2", "--num_beams", "2", "--joint", joint]
    printed = train(*flags)
    metrics = json.loads(printed[printed.rindex("{") : printed.rindex("}") + 1])
    assert 0 <= metrics["test_bleu"] <= 100
    assert metrics["test_bleu_lowercase"] >= metrics["test_bleu"]
    assert "tok:13a" in metrics["test_signature"]
    assert json.loads(train(*flags)) == metrics
    with pytest.raises(SystemExit, match="with num_beams 2, which cannot go on with 1"):
        train(*flags, "--num_beams", "1")
    out = tmp_path / "out"
    model, tokenizer = (
        AutoModelForSeq2SeqLM.from_pretrained(out),
        AutoTokenizer.from_pretrained(out),
    )
    assert model.generation_config.num_beams == 2
    assert model.config.tie_encoder_embeddings == (joint == "True")
    text, _ = sentences()[0]
    ids = model.generate(**tokenizer(text, return_tensors="pt"))
    record = Record.load(out)
    assert (record.task, len(record.plots)) == ("translation", 1)
    # Sentences of a user's own data are in no card.
    assert not record.example
    assert not record.answers
    assert main(["predict", str(out), text]) == 0
    told = capsys.readouterr().out.strip()
    assert told == tokenizer.decode(ids[0], skip_special_tokens=True)
    lines = usage("RecurrentForConditionalGeneration", record, str(out))
    found: dict = {}
    exec(lines.replace('pipeline("rec', 'found = pipeline("rec'), found)
    assert isinstance(found["found"][0]["translation_text"], str)


def test_bad_input_is_one_sentence(train, tmp_path: Path) -> None:
    with pytest.raises(
        SystemExit, match="error: Each of 128 pairs has more than 3 tokens on a side"
    ):
        train("--max_length", "3")
    with pytest.raises(SystemExit, match="error: predict_with_generate is False, and"):
        train("--predict_with_generate", "False")
    with pytest.raises(SystemExit, match="error: attention_type is 'luong', expected"):
        train("--attention_type", "luong")
    with pytest.raises(SystemExit, match="error: kind must be one of bpe, unigram, not 'words'"):
        train("--tokenizer", "words")
    with pytest.raises(SystemExit, match="error: --num_beams is 0, expected at least 1"):
        train("--num_beams", "0")
    with pytest.raises(SystemExit, match="error: --length_penalty is nan, expected a finite"):
        train("--length_penalty", "nan")
    (tmp_path / "pairs.xx").write_text("le chien\n")
    with pytest.raises(SystemExit, match=r"pairs\.en has 160 lines and .*pairs\.xx has 1 line"):
        train()
