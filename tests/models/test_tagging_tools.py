"""What users do with a tagger beside training it: copy, convert, give other labels, evaluate."""

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from datasets import Dataset
from torch import Tensor, nn
from transformers import (
    DataCollatorForTokenClassification,
    EvalPrediction,
    Trainer,
    TrainingArguments,
)

from hf_recurrent import RecurrentForTokenClassification, WordStartTokenizer
from hf_recurrent.metrics import tagging_metrics
from tests.common.tokenizer import piece_tokenizer

from .test_tagging import BIO, IDS, MASK, NAMES, STARTS, make, tagged_rows

LABELS = torch.tensor([[0, 1, 2, -100, 1, 2], [1, 0, -100, 2, 1, 1]])
FIELDS = pytest.mark.parametrize(
    "fields",
    [{}, {"crf": True}, {**BIO, "constrained_training": True}],
    ids=["argmax", "crf", "bound"],
)


def on_the_left(values: Tensor, padding: int) -> Tensor:
    """Move the padding of a batch to the left."""
    rows = [row[mask == 1] for row, mask in zip(values, MASK, strict=True)]
    time = values.shape[1]
    return torch.stack([nn.functional.pad(r, (time - len(r), 0), value=padding) for r in rows])


@FIELDS
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_padding_words_and_left_out_labels_in_every_precision(
    fields: dict[str, Any], dtype: torch.dtype
) -> None:
    """All at once: what stands on the padding, on either side, is anything."""
    model = make(**fields).to(dtype)
    arguments = {"attention_mask": MASK, "word_starts": STARTS, "labels": LABELS}
    right = model(IDS, **arguments)
    left = model(
        on_the_left(IDS, 9),
        attention_mask=on_the_left(MASK, 0),
        word_starts=on_the_left(STARTS, 1),
        labels=on_the_left(LABELS, 77),
    )
    close = {torch.float16: 1e-2, torch.bfloat16: 2e-2, torch.float32: 1e-5, torch.float64: 1e-10}
    near = {"rtol": close[dtype], "atol": close[dtype]}
    assert right.logits.dtype == dtype
    assert right.loss.dtype == torch.promote_types(dtype, torch.float32)
    torch.testing.assert_close(left.loss, right.loss, **near)
    moved = on_the_left(MASK, 0) == 1
    torch.testing.assert_close(left.logits[moved], right.logits[MASK == 1], **near)
    if fields:
        assert torch.equal(left.predictions, on_the_left(right.predictions, -100))
    exact = make(**fields).double()
    exact.load_state_dict(model.state_dict())
    torch.testing.assert_close(
        right.loss.double(), exact(IDS, **arguments).loss, rtol=0, atol=5 * close[dtype]
    )
    model.train()(IDS, **arguments).loss.backward()
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)


@FIELDS
def test_copies(fields: dict[str, Any]) -> None:
    model = make(**fields)
    expected = model(IDS, MASK)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert torch.equal(twin(IDS, MASK).logits, expected.logits)


def test_other_labels_than_the_checkpoint_has(tmp_path: Path) -> None:
    make(**BIO).save_pretrained(tmp_path)
    names = {0: "O", 1: "B-X", 2: "I-X", 3: "B-Y", 4: "I-Y"}
    load = RecurrentForTokenClassification.from_pretrained
    model = load(tmp_path, id2label=names, ignore_mismatched_sizes=True)
    assert not any(p.any() for p in model.crf.parameters())
    assert model.crf.allowed.start == (True, True, False, True, False)
    assert model(IDS, MASK).logits.shape == (2, 6, 5)
    shuffled = {2: "O", 0: "I-X", 1: "B-X"}
    assert load(tmp_path, id2label=shuffled).crf.allowed.start == (False, True, True)
    with pytest.raises(ValueError, match="the label 'LABEL_0' is none of BIO"):
        load(tmp_path, num_labels=5, ignore_mismatched_sizes=True)


@pytest.mark.parametrize("fields", [{}, BIO], ids=["argmax", "crf"])
@pytest.mark.parametrize(
    "options",
    [
        {"eval_accumulation_steps": 1},
        {"include_for_metrics": ["inputs", "loss"]},
        {"batch_eval_metrics": True},
        {"batch_eval_metrics": True, "bf16_full_eval": True},
        {"eval_do_concat_batches": False},
        {"bf16_full_eval": True},
    ],
    ids=lambda options: "-".join(options),
)
def test_metrics_in_trainer(
    fields: dict[str, Any], options: dict[str, Any], tmp_path: Path
) -> None:
    """Batches of different lengths, a row each; of a CRF the path is scored."""
    tokenizer = WordStartTokenizer.from_tokenizer(piece_tokenizer())
    rows = Dataset.from_list(tagged_rows(tokenizer))
    seen: list[EvalPrediction] = []
    score = tagging_metrics(list(NAMES.values()), True)

    def metrics(prediction: EvalPrediction, compute_result: bool = True) -> dict[str, float]:
        seen.append(prediction)
        return score(prediction, compute_result)

    arguments = TrainingArguments(
        str(tmp_path), per_device_eval_batch_size=1, report_to="none", disable_tqdm=True,
        use_cpu=True, **options,
    )  # fmt: skip
    model = make(10, **fields)  # whose path is not the argmax of its marginals
    trainer = Trainer(
        model,
        arguments,
        DataCollatorForTokenClassification(tokenizer),
        eval_dataset=rows,
        compute_metrics=metrics,
    )
    found = trainer.evaluate()
    assert len(seen) == (len(rows) if "batch_eval_metrics" in options else 1)
    right = total = 0
    for row in rows:
        single = {name: torch.tensor([value]) for name, value in row.items()}
        with torch.no_grad():
            output = model(**single)
        path = output.predictions if fields else output.logits.argmax(-1)
        kept = single["labels"] != -100
        right += int((path == single["labels"])[kept].sum())
        total += int(kept.sum())
    assert found["eval_accuracy"] == pytest.approx(right / total)
    assert trainer.evaluate()["eval_f1"] == found["eval_f1"]  # nothing is left of the one before
    assert ("include_for_metrics" in options) == (seen[0].inputs is not None)
