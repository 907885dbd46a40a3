"""Promise 5: the plain Trainer and the plain pipeline work."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch
from safetensors.torch import load_file
from transformers import PreTrainedModel, pipeline

from .checkpoints import outside
from .family import Family
from .one_step import train_one_step

ROWS = 8
RANKS = Path(__file__).with_name("one_step.py")
TEXTS = ["a good film", "the plot is very very dull", "", "not bad", "fine and good and fine"]

# Problem types, with what else enters the loss: configuration fields, and a label for each row.
LOSSES: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "single label": ({"num_labels": 3}, [0, 1, 2, 0, 1, 2, 1, 1]),
    "single label, weights, smoothing, some ignored": (
        {"num_labels": 3, "class_weights": [0.5, 1.0, 3.0], "label_smoothing": 0.2},
        [0, -100, 2, 0, 1, -100, -100, 1],
    ),
    "single label, focal, weights, smoothing, some ignored": (
        {
            "num_labels": 3,
            "focal_gamma": 1.5,
            "class_weights": [0.5, 1.0, 3.0],
            "label_smoothing": 0.2,
        },
        [0, -100, 2, 0, 1, -100, -100, 1],
    ),
    "several labels": (
        {"num_labels": 2, "problem_type": "multi_label_classification"},
        [[float(i % 2), float(i % 3 == 0)] for i in range(ROWS)],
    ),
    "several labels, weights, smoothing": (
        {
            "num_labels": 2,
            "problem_type": "multi_label_classification",
            "class_weights": [0.5, 2.0],
            "label_smoothing": 0.1,
        },
        [[float(i % 2), float(i % 3 == 0)] for i in range(ROWS)],
    ),
    "several labels, focal": (
        {"num_labels": 2, "problem_type": "multi_label_classification", "focal_gamma": 2.0},
        [[float(i % 2), float(i % 3 == 0)] for i in range(ROWS)],
    ),
    "regression": ({"num_labels": 1}, [0.5 * i for i in range(ROWS)]),
    "regression, two targets": (
        {"num_labels": 2, "problem_type": "regression"},
        [[0.5 * i, -1.0 * i] for i in range(ROWS)],
    ),
}


# Tags of ROWS rows of six tokens, of which row i has i % 6 + 1; labels are counted and not rows.
_TAGS = [[(row * token + row) % 3 for token in range(6)] for row in range(8)]
TAGS = [
    [tag if token < row % 6 + 1 else -100 for token, tag in enumerate(tags)]
    for row, tags in enumerate(_TAGS)
]
_SOME = [
    [-100 if (row + token) % 3 == 1 else tag for token, tag in enumerate(tags)]
    for row, tags in enumerate(TAGS)
]
_BIO = {"num_labels": 3, "id2label": {0: "O", 1: "B-X", 2: "I-X"}, "tag_scheme": "BIO"}
TAG_LOSSES: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "tags": ({"num_labels": 3}, TAGS),
    "tags, weights, smoothing, some ignored": (
        {"num_labels": 3, "class_weights": [0.5, 1.0, 3.0], "label_smoothing": 0.2},
        _SOME,
    ),
    "tags, focal, some ignored": ({"num_labels": 3, "focal_gamma": 2.0}, _SOME),
    "paths": ({"num_labels": 3, "crf": True}, TAGS),
    "paths, some tags ignored": ({"num_labels": 3, "crf": True}, _SOME),
    "paths, focal, some tags ignored": (
        {"num_labels": 3, "crf": True, "focal_gamma": 2.0},
        _SOME,
    ),
    "paths, constrained, some forbidden": (
        {"crf": True, "constrained_training": True, **_BIO},
        TAGS,
    ),
}


# The losses of a language model: labels are token ids, and those of the first column are not
# predicted by any token.
NEXT_TOKEN_LOSSES: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "next tokens": ({}, TAGS),
    "next tokens, some ignored": ({}, _SOME),
}


def expected_step(model: PreTrainedModel, rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
    """Return the weights after one step of plain gradient descent on the loss of all rows."""
    batch = {key: torch.tensor([row[key] for row in rows]) for key in rows[0]}
    model.train().zero_grad()
    model(**batch).loss.backward()
    return {n: p.detach() - p.grad for n, p in model.named_parameters() if p.grad is not None}


class PlainTools(Family):
    """Trainer and pipelines take a head as it is."""

    # The pipelines that a head is for, by the name of its Auto class.
    pipelines: ClassVar[dict[str, str]] = {
        "AutoModel": "feature-extraction",
        "AutoModelForSequenceClassification": "text-classification",
        "AutoModelForTokenClassification": "token-classification",
    }
    # The losses of a head, by the name of its Auto class.
    losses: ClassVar[dict[str, dict]] = {
        "AutoModelForSequenceClassification": LOSSES,
        "AutoModelForTokenClassification": TAG_LOSSES,
        "AutoModelForCausalLM": NEXT_TOKEN_LOSSES,
    }
    # The names of labels in a pipeline.
    label_names: ClassVar[tuple[str, ...]] = ("rotten", "fresh")

    def make_rows(self, labels: list[Any], vocab_size: int) -> list[dict[str, Any]]:
        """Return rows of several lengths, padded to one."""
        generator = torch.Generator().manual_seed(0)
        ids = torch.randint(1, vocab_size, (len(labels), 6), generator=generator)
        mask = (torch.arange(6) < torch.arange(len(labels)).unsqueeze(1) % 6 + 1).long()
        batch = self.inputs({"input_ids": ids, "attention_mask": mask})
        rows = zip(*(value.tolist() for value in batch.values()), labels, strict=True)
        return [dict(zip((*batch, "labels"), row, strict=True)) for row in rows]

    @pytest.mark.parametrize("accumulated", [pytest.param(1, marks=pytest.mark.slow), 4])
    def test_accumulated_equals_whole(
        self, auto_class: str, accumulated: int, tmp_path: Path
    ) -> None:
        variant = next(iter(self.variants))
        for name, (fields, labels) in self.losses.get(auto_class, {}).items():
            model = self.make(auto_class, variant, **fields)
            rows = self.make_rows(labels, model.config.vocab_size)
            expected = expected_step(model, rows)
            train_one_step(model, rows, ROWS // accumulated, accumulated, tmp_path)
            _assert_weights(dict(model.named_parameters()), expected, name)

    def test_two_ranks_equal_one_process(self, tmp_path: Path) -> None:
        variant, jobs, expected = next(iter(self.variants)), [], []
        for auto_class, losses in self.losses.items():
            for fields, labels in losses.values() if auto_class in self.heads else ():
                model = self.make(auto_class, variant, **fields)
                rows = self.make_rows(labels, model.config.vocab_size)
                folder = tmp_path / f"model{len(jobs)}"
                model.save_pretrained(folder)
                expected.append(expected_step(model, rows))
                jobs.append({"auto_class": auto_class, "folder": str(folder), "rows": rows})
        if not jobs:
            pytest.skip("its losses ran elsewhere")
        (tmp_path / "jobs.json").write_text(json.dumps(jobs))
        launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
        done = subprocess.run(
            [sys.executable, *launch, RANKS, tmp_path / "jobs.json"],
            env=outside(tmp_path) | {"PYTHONPATH": str(RANKS.parents[2])},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        for job, weights in zip(jobs, expected, strict=True):
            found = load_file(Path(job["folder"]) / "stepped.safetensors")
            _assert_weights(found, weights, job["folder"])

    def test_pipeline(self, auto_class: str) -> None:
        if auto_class not in self.pipelines:
            pytest.skip("its pipeline generates text: see tests/common/generation.py")
        for variant in self.variants:
            tokenizer = self.tokenizer()
            names = dict(enumerate(self.label_names))
            labels = {"id2label": names, "label2id": {name: i for i, name in names.items()}}
            model = self.make(auto_class, variant, **labels)
            with torch.no_grad():
                alone = [model(**tokenizer(t, return_tensors="pt")) for t in TEXTS]
            run = pipeline(self.pipelines[auto_class], model=model, tokenizer=tokenizer)
            for size in (1, len(TEXTS)):
                # Transformers' own batches of token classification cannot hold an empty text.
                token_wise = auto_class == "AutoModelForTokenClassification" and size > 1
                given = [i for i, text in enumerate(TEXTS) if text or not token_wise]
                results = run([TEXTS[i] for i in given], batch_size=size)
                for result, output in zip(results, [alone[i] for i in given], strict=True):
                    if auto_class == "AutoModel":
                        expected = output[0].flatten()  # an empty text has no states
                        found = torch.tensor(result).flatten()[: len(expected)]
                        torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)
                    elif auto_class == "AutoModelForTokenClassification":
                        scores, tags = output.logits[0].softmax(-1).max(-1)
                        names = [model.config.id2label[int(tag)] for tag in tags]
                        shown = [i for i, name in enumerate(names) if name != "O"]
                        assert [found["index"] for found in result] == shown
                        assert [found["entity"] for found in result] == [names[i] for i in shown]
                        values = torch.tensor([float(found["score"]) for found in result])
                        torch.testing.assert_close(values, scores[shown], rtol=0, atol=1e-5)
                    else:
                        score, label = output.logits[0].softmax(-1).max(0)
                        assert result["label"] == model.config.id2label[int(label)]
                        assert result["score"] == pytest.approx(float(score), abs=1e-5)


def _assert_weights(
    found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor], case: str
) -> None:
    for name, value in expected.items():
        torch.testing.assert_close(
            found[name], value, rtol=1e-5, atol=1e-5, msg=lambda m, n=name: f"{case}, {n}: {m}"
        )
