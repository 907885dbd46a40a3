"""The script that compares searches of a translator."""

import runpy
import sys
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from hf_recurrent import RecurrentForConditionalGeneration, RecurrentSeq2SeqConfig
from hf_recurrent.vectors import translation_tokenizer

pytest.importorskip("sacrebleu")
SCRIPT = Path(__file__).parents[2] / "scripts" / "compare_decodings.py"
WORDS = ["a", "dog", "runs", "over", "the", "green", "grass", "today"]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Returns the arguments: a model that has learnt nothing, and sentences that repeat words."""
    lines = [" ".join(WORDS[n % 5 : n % 5 + 4]) + f" {n}" for n in range(60)]
    for ending in ("en", "de"):
        (tmp_path / f"text.{ending}").write_text("\n".join(lines) + "\n")
    tokenizer = translation_tokenizer(lines, lines, "bpe", vocab_size=300)
    torch.manual_seed(0)
    model = RecurrentForConditionalGeneration(
        RecurrentSeq2SeqConfig(
            encoder={"vocab_size": len(tokenizer), "embedding_size": 8, "hidden_size": 8},
            vocab_size=len(tokenizer),
            embedding_size=8,
            hidden_size=8,
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )
    model.generation_config.max_length = 12
    model.save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    text = str(tmp_path / "text.en")
    return [str(tmp_path / "model"), "--dataset", text, "--target_file", str(tmp_path / "text.de")]


def test_each_search_has_a_row(files, monkeypatch: pytest.MonkeyPatch, capsys, tmp_path) -> None:
    flags = ["--beams", "2", "1", "--length_penalties", "0.5", "2", "--batch", "7"]
    monkeypatch.setattr(
        sys, "argv", [str(SCRIPT), *files, *flags, "--output", str(tmp_path / "table")]
    )
    runpy.run_path(str(SCRIPT), run_name="__main__")
    told = capsys.readouterr().out
    assert (tmp_path / "table").read_text() == told
    rows = [[cell.strip() for cell in line.split("|")] for line in told.split("\n")]
    assert [row[1:3] for row in rows[2:5]] == [["1", ""], ["2", "0.5"], ["2", "2"]]
    assert len({len(row) for row in rows[:5]}) == 1
    assert "case:lc" in told
    # A longer translation is what a larger penalty asks for.
    ratios = [float(row[5]) for row in rows[3:5]]
    assert ratios[0] <= ratios[1]


def test_translations_are_in_the_order_of_the_texts(files) -> None:
    script = runpy.run_path(str(SCRIPT))
    tokenizer = AutoTokenizer.from_pretrained(files[0])
    model = AutoModelForSeq2SeqLM.from_pretrained(files[0]).eval()
    texts = ["the dog", "a", "grass today over the green grass", "runs over", "dog"]
    options = {"num_beams": 2, "do_sample": False}
    alone = [script["translate"](model, tokenizer, [text], **options)[0] for text in texts]
    assert len(set(alone)) > 1
    assert script["_all"](model, tokenizer, texts, 2, options) == alone


def test_figures_are_those_of_sacrebleu_on_texts_in_their_order(files) -> None:
    script = runpy.run_path(str(SCRIPT))
    right = ["A dog runs over the grass .", "the green grass today is here"]
    same = script["judged"](right, right, lambda text: text)
    assert same == ["100.0", "100.0", "100.0", "1.000"]
    lower = script["judged"]([text.lower() for text in right], right)
    assert lower[0] == "100.0"
    assert float(lower[1]) < 100


def test_what_cannot_be_is_one_sentence(files, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    for flags, message in (
        (["--beams", "0"], "--beams has 0, expected at least 1"),
        (["--batch", "0"], "--batch is 0, expected at least 1"),
    ):
        monkeypatch.setattr(sys, "argv", [str(SCRIPT), *files, *flags])
        with pytest.raises(SystemExit):
            runpy.run_path(str(SCRIPT), run_name="__main__")
        assert message in capsys.readouterr().err
