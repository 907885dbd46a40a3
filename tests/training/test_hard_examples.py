"""Mining with the plain Trainer: parts of a batch, on one rank and on two, and its neighbours."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForSequenceClassification,
    RecurrentForTokenClassification,
)
from hf_recurrent.training import balanced_class_weights
from tests.common import one_step
from tests.common.checkpoints import outside
from tests.common.plain_tools import TAGS

KINDS: dict[str, tuple[Any, dict[str, Any], list[Any], str]] = {
    "rows": (
        RecurrentForSequenceClassification, {}, [0, 1, 2, -100, 1, 2, 1, 1],
        "AutoModelForSequenceClassification",
    ),
    "tokens": (RecurrentForTokenClassification, {}, TAGS, "AutoModelForTokenClassification"),
    "sentences": (
        RecurrentForTokenClassification, {"crf": True}, TAGS, "AutoModelForTokenClassification",
    ),
}  # fmt: skip


def make(kind: str) -> tuple[Any, list[dict[str, Any]]]:
    head, fields, labels, _ = KINDS[kind]
    torch.manual_seed(0)
    sizes = {"vocab_size": 13, "embedding_size": 5, "hidden_size": 4, "num_labels": 3}
    model = head(RecurrentConfig(**sizes, **fields, hard_example_share=0.5))
    ids = torch.randint(1, 13, (8, 6), generator=torch.Generator().manual_seed(1))
    mask = (torch.arange(6) < torch.arange(8).unsqueeze(1) % 6 + 1).long()
    rows = zip(ids.tolist(), mask.tolist(), labels, strict=True)
    return model, [{"input_ids": i, "attention_mask": m, "labels": y} for i, m, y in rows]


def by_parts(model: Any, rows: list[dict[str, Any]], parts: int) -> dict[str, torch.Tensor]:
    """Return the weights after one step on the means of the parts, by their shares of labels."""
    batch = {key: torch.tensor([row[key] for row in rows]) for key in rows[0]}
    whole, size = int((batch["labels"] != -100).sum()), len(rows) // parts
    model.train().zero_grad()
    for start in range(0, len(rows), size):
        part = {key: value[start : start + size] for key, value in batch.items()}
        own = int((part["labels"] != -100).sum())
        (model(**part).loss * own / whole).backward()
    return {name: p.detach() - p.grad for name, p in model.named_parameters()}


@pytest.mark.parametrize("kind", KINDS)
def test_accumulated_batches_mine_each_their_own(kind: str, tmp_path: Path) -> None:
    for parts in (1, 4):
        model, rows = make(kind)
        wanted, at_once = by_parts(model, rows, parts), by_parts(model, rows, 1)
        one_step.train_one_step(model, rows, 8 // parts, parts, tmp_path)
        found = dict(model.named_parameters())
        torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-6)
        equal = torch.allclose(found["classifier.bias"], at_once["classifier.bias"], atol=1e-4)
        assert equal == (parts == 1)


@pytest.mark.slow
def test_two_ranks_mine_each_their_own(tmp_path: Path) -> None:
    """Two batches on each of two ranks are four parts."""
    jobs, wanted = [], []
    for kind, (*_, auto_class) in KINDS.items():
        model, rows = make(kind)
        folder = tmp_path / kind
        model.save_pretrained(folder)
        wanted.append(by_parts(model, rows, 4))
        jobs.append({"auto_class": auto_class, "folder": str(folder), "rows": rows})
    (tmp_path / "jobs.json").write_text(json.dumps(jobs))
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    script = Path(one_step.__file__)
    done = subprocess.run(
        [sys.executable, *launch, script, tmp_path / "jobs.json"],
        env=outside(tmp_path) | {"PYTHONPATH": str(script.parents[2])},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    for job, weights in zip(jobs, wanted, strict=True):
        found = load_file(Path(job["folder"]) / "stepped.safetensors")
        torch.testing.assert_close(found, weights, rtol=1e-5, atol=1e-6)


def test_class_balanced_weights_by_hand() -> None:
    labels = [0] * 50 + [1] * 5 + [3] + [-100] * 7
    for beta in (0.0, 0.9, 0.999, 1 - 1e-9, 1.0):
        weights = balanced_class_weights(labels, 4, beta)
        assert sum(weights[y] for y in labels if y >= 0) / 56 == pytest.approx(1)
        ratio = weights[3] / weights[0]
        assert ratio == pytest.approx(50 if beta == 1 else (1 - beta**50) / (1 - beta), rel=1e-5)
        assert weights[2] == 1
    assert balanced_class_weights([], 2, 0.9) == [1.0, 1.0]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (([0, 1], 2, 1.5), "beta is 1.5, expected a number from 0 to 1"),
        (([0, 1], 2, -0.1), "beta is -0.1"),
        (([0, 2], 2), "labels has 2, and num_labels is 2"),
        (([0, -3], 2), "labels has -3"),
    ],
)
def test_bad_arguments_of_class_balanced_weights(arguments: Any, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        balanced_class_weights(*arguments)
