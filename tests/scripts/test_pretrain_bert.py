import json
import runpy
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoModel, AutoModelForPreTraining, AutoTokenizer

SCRIPT = Path(__file__).parents[2] / "scripts" / "pretrain_bert.py"


@pytest.fixture
def train(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Runs the script on a text of 1,600 sentences, which it cuts into passages."""
    text, out = tmp_path / "text.txt", tmp_path / "out"
    lines = ["The <unk> sees a dog . A dog sees the cat .", "Dogs bark . Cats do not !"]
    text.write_text("\n".join(lines * 400) + "\n")

    def run(*flags: str) -> dict[str, Any]:
        base = [str(SCRIPT), "--dataset", str(text), "--output_dir", str(out), "--use_cpu", "True"]
        base += ["--vocab_size", "60", "--longest", "16", "--hidden_size", "4"]
        base += ["--num_hidden_layers", "1", "--num_attention_heads", "2", "--max_steps", "4"]
        base += ["--per_device_train_batch_size", "8", "--logging_steps", "1"]
        base += ["--save_strategy", "no", "--disable_tqdm", "True"]
        monkeypatch.setattr(sys, "argv", [*base, *flags])
        runpy.run_path(str(SCRIPT), run_name="__main__")
        return json.loads((out / "test_results.json").read_text())

    return run


@pytest.mark.slow
def test_a_few_steps_are_reported_and_the_folder_is_loaded(train, tmp_path: Path) -> None:
    report = train("--seconds", "1000", "--evaluations", "1", "--whole_words", "True")
    model = AutoModelForPreTraining.from_pretrained(tmp_path / "out")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    assert report["steps"] == 4
    told = json.loads((tmp_path / "out" / "pretraining.json").read_text())
    assert report["seconds"] == told["seconds"] < 1000  # those that it took, not those that it had
    assert report["parameters"] == model.num_parameters()
    assert report["test"]["perplexity"] > 1
    assert tokenizer.unk_token_id in tokenizer("The <unk> sees".replace("<unk>", "[UNK]")).input_ids
    assert AutoModel.from_pretrained(tmp_path / "out").config.vocab_size == len(tokenizer)
    curve = [json.loads(line) for line in (tmp_path / "out" / "curve.jsonl").open()]
    names = {"mlm_loss", "mlm_accuracy", "nsp_loss", "nsp_accuracy"}
    assert len([log for log in curve if names <= log.keys()]) == 4


@pytest.mark.slow
def test_a_run_that_was_stopped_goes_on_to_the_same_weights(train, tmp_path: Path) -> None:
    flags = ("--save_strategy", "steps", "--save_steps", "2", "--save_total_limit", "3")
    report, out = train(*flags), tmp_path / "out"
    weights = (out / "model.safetensors").read_bytes()
    shutil.rmtree(out / "checkpoint-4")  # as if it had been stopped after two steps
    (out / "model.safetensors").unlink()
    (out / "test_results.json").unlink()
    again = train(*flags)
    assert (out / "model.safetensors").read_bytes() == weights
    assert {**again, "seconds": 0} == {**report, "seconds": 0}
    assert train(*flags) == again  # it has ended, and is told again
    with pytest.raises(
        SystemExit, match=r"error: .* holds the checkpoint of a run with longest 16"
    ):
        train(*flags, "--longest", "20")


def test_heads_that_do_not_divide_the_width(train) -> None:
    with pytest.raises(SystemExit, match="error: --hidden_size is 4, expected a multiple of"):
        train("--num_attention_heads", "3")
