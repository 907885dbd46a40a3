import json
import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

SCRIPT = Path(__file__).parents[2] / "scripts" / "train_text_generation.py"


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """A text in which each word decides the next one."""
    path = tmp_path / "text.txt"
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    path.write_text("\n".join(" ".join(words) for _ in range(400)))
    return path


@pytest.fixture
def train(monkeypatch: pytest.MonkeyPatch, capsys, tmp_path: Path):
    """Runs the script; returns what it printed."""

    def run(*flags: str) -> str:
        base = [str(SCRIPT), "--output_dir", str(tmp_path / "out"), "--use_cpu", "True"]
        base += ["--disable_tqdm", "True", "--hidden_size", "12", "--embedding_size", "8"]
        base += ["--tokenizer", "whitespace", "--num_train_epochs", "3"]
        base += ["--per_device_train_batch_size", "8", "--per_device_eval_batch_size", "2"]
        base += ["--logging_steps", "5", "--window", "10"]
        monkeypatch.setattr(sys, "argv", [*base, *flags])
        runpy.run_path(str(SCRIPT), run_name="__main__")
        return capsys.readouterr().out

    return run


def curve(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "curve.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("recipe", ["plain", "awd"])
def test_a_language_model_is_trained_judged_and_told_again(
    recipe: str, train, text: Path, tmp_path: Path
) -> None:
    flags = ["--dataset", str(text), "--recipe", recipe]
    if recipe == "awd":
        flags += [
            "--num_hidden_layers",
            "1",
            "--embedding_dropout",
            "0",
            "--patience",
            "1",
            "--learning_rate",
            "3",
        ]
    printed = train(*flags)
    metrics = json.loads(printed[printed.rindex("{") :])
    out = tmp_path / "out"
    assert metrics["test_perplexity"] < 11
    assert metrics["test_tokens"] == len(np.load(out / "test_ids.npy")) - 1
    logs = curve(out)
    assert [log["epoch"] for log in logs if "eval_loss" in log][:3] == [1, 2, 3]
    assert all(log["tokens_per_second"] > 0 for log in logs if "loss" in log)
    seconds = [log["seconds"] for log in logs if "seconds" in log]
    assert seconds == sorted(seconds)
    again = train(*flags)
    assert json.loads(again) == metrics
    if recipe == "plain":
        # Asked for later, the other figures are added without any training.
        printed = train(*flags, "--adaptive_evaluations", "dynamic", "cache")
        added = json.loads(printed[printed.rindex("{") :])
        assert added["test_perplexity"] == pytest.approx(metrics["test_perplexity"], rel=1e-6)
        assert 1 < added["test_perplexity_cache"] < 12
        assert 1 < added["test_perplexity_dynamic"] < 12
        steps = [[log for log in each if "loss" in log] for each in (curve(out), logs)]
        assert steps[0] == steps[1]
    model = AutoModelForCausalLM.from_pretrained(out)
    tokenizer = AutoTokenizer.from_pretrained(out)
    ids = tokenizer("one two", return_tensors="pt", add_special_tokens=False).input_ids
    assert model.generate(ids, max_new_tokens=2).shape == (1, 4)
    assert model.config.weight_dropout == (0.5 if recipe == "awd" else 0)


@pytest.mark.parametrize(
    "flags",
    [
        ["--output_loss", "adaptive", "--cutoffs", "3", "8"],
        ["--output_loss", "nce", "--negatives", "5", "--alpha", "0.5", "--unigram_bias", "True"],
        ["--output_loss", "bpr_max", "--negatives", "5"],
    ],
    ids=["adaptive", "nce", "bpr_max"],
)
def test_another_loss_in_a_given_time(flags: list[str], train, text: Path, tmp_path: Path) -> None:
    flags = [*flags, "--dataset", str(text), "--seconds", "0.3", "--processor_time", "True"]
    flags += ["--row_updates", "adam", "--learning_rate", "0.03", "--max_grad_norm", "1"]
    printed = train(*flags)
    metrics = json.loads(printed[printed.rindex("{") :])
    if flags[1] == "bpr_max":
        assert not [name for name in metrics if "perplexity" in name]  # it only ranks
    else:
        assert metrics["test_perplexity"] < 20
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    assert model.config.output_loss == flags[1]
    # No checkpoint is kept, and yet the same command trains nothing anew.
    assert json.loads(train(*flags)) == metrics
    if flags[1] == "nce":
        with pytest.raises(SystemExit, match="would be trained anew for other adaptive"):
            train(*flags, "--adaptive_evaluations", "cache")
        assert int(model.sampled_loss.token_counts.sum()) > 1000


def test_another_scheduler_takes_none_of_the_options_of_the_recipe(
    train, text: Path, tmp_path: Path
) -> None:
    train("--dataset", str(text), "--lr_scheduler_type", "linear", "--num_train_epochs", "1")
    rates = [log["learning_rate"] for log in curve(tmp_path / "out") if "learning_rate" in log]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < rates[0] / 2


def test_the_end_of_a_text_follows_each_text(train, tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number:02}.txt").write_text("one two three " * 9)
    train("--dataset", str(folder), "--end_of_text", "True", "--num_train_epochs", "1")
    ids = np.load(tmp_path / "out" / "train_ids.npy")
    end = AutoTokenizer.from_pretrained(tmp_path / "out").eos_token_id
    assert (ids == end).sum() == 16
    assert ids[-1] == end


def test_what_cannot_be_is_one_sentence(train, text: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="error: recipe is 'awe', expected plain or awd"):
        train("--recipe", "awe")
    with pytest.raises(SystemExit, match="error: row_updates is 'adamw', expected adagrad or adam"):
        train("--dataset", str(text), "--row_updates", "adamw")
    with pytest.raises(SystemExit, match="error: output_loss_config: negatives is 0"):
        train("--dataset", str(text), "--output_loss", "nce", "--negatives", "0")
    with pytest.raises(SystemExit, match="has 'cash', expected dynamic or cache"):
        train("--adaptive_evaluations", "cash")
    with pytest.raises(SystemExit, match="are perplexities, and bpr_max has none"):
        train("--adaptive_evaluations", "cache", "--output_loss", "bpr_max")
    with pytest.raises(SystemExit, match="which is too short for 900 streams"):
        train("--dataset", str(text), "--per_device_eval_batch_size", "900")
