"""A made-up task: how many vowels a word has, judged by the mean squared error."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import datasets
import torch

from hf_recurrent import RecurrentConfig, RecurrentForSequenceClassification, tasks

SEARCH = tasks.Search({"factor": 0.9}, ({}, {"factor": 0.5}))
WORDS = ["sea", "tree", "sky", "house", "idea", "moon", "by", "queue", "cat", "onion"]


def vowels(word: str) -> int:
    return sum(letter in "aeiou" for letter in word)


def fit(work: tasks.Work) -> tasks.Fitted:
    """Guess ``factor`` vowels a letter; a tiny network is saved so that there is a checkpoint."""
    torch.manual_seed(work.seed)
    factor = work.values.get("factor", 0.0) + 0.01 * work.seed
    config = RecurrentConfig(vocab_size=30, embedding_size=2, hidden_size=2, num_labels=1)
    model = RecurrentForSequenceClassification(config)

    def predict(words: Sequence[str]) -> list[float]:
        return [factor * len(word) for word in words]

    mse = work.score(predict)
    return tasks.Fitted(predict, model.save_pretrained, mse, 9, 1, 0.1, 10.0, "never", curve=[mse])


class Counting(tasks.Task):
    id = "counting"
    title = "counting vowels"
    pipeline_tag = "tabular-regression"
    head = "ForSequenceClassification"
    units = tasks.Units("word", "words", "from word to count", "letters")
    metrics = (tasks.Metric("mse", "error", "Error", False, unit="vowels²", digits=2),)
    chosen_by = "mse"
    default_dataset = "words"
    options = (tasks.Option("shortest", "letters of the shortest word", "N"),)
    columns = ("word", "count")
    models = {  # noqa: RUF012
        "none": tasks.ModelRow("no vowels", fit, choices={"factor": 0.0}),
        "guess": tasks.ModelRow("guess", fit, search=SEARCH, keep="best", family="guesses"),
    }

    def load(self, dataset: str, data_dir: str | None = None, **options: Any) -> Any:
        words = [word for word in WORDS if len(word) >= int(options.get("shortest", 0))]
        part = datasets.Dataset.from_dict({"word": words, "count": list(map(vowels, words))})
        return datasets.DatasetDict(dict.fromkeys(("train", "validation", "test"), part))

    def judge(self, predictions: Sequence[Any], rows: Any, train: Any) -> dict[str, float]:
        errors = [(a - b) ** 2 for a, b in zip(predictions, rows["count"], strict=True)]
        return {"mse": sum(errors) / len(errors)}

    def usage(self, source: str, example: str | None, has_tokenizer: bool) -> str:
        return f"count({source})"

    def predict(self, source: str, texts: Sequence[str], **options: Any) -> Iterator[str]:
        seed = json.loads(Path(source, "benchmark_row.json").read_text())["job"]["seed"]
        return (f"{text}: {vowels(text)} (seed {seed})" for text in texts)


tasks.register_task(Counting())
