"""A curriculum: what an epoch reads, with the plain Trainer, resumed too."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from datasets import Dataset
from transformers import DataCollatorWithPadding

from hf_recurrent import RecurrentConfig, RecurrentForTokenClassification
from hf_recurrent.training import CurriculumDataset, LengthGroupedDataset, row_losses
from tests.common.bad_input import assert_one_sentence

from .test_trainer import TOKENIZER, StopAt, make_model, make_rows, make_trainer

ROWS = make_rows(24)
SIZES = [len(row["input_ids"]) for row in ROWS]


def read(data: LengthGroupedDataset, epoch: int) -> Counter:
    data.set_epoch(epoch)
    return Counter(data.order.tolist())


def test_the_share_grows_and_every_epoch_is_as_long() -> None:
    loss = np.random.default_rng(0).permutation(24)
    data = CurriculumDataset(ROWS, 4, seed=1, difficulty=loss, first_share=0.25, epochs=3)
    for epoch, number in enumerate((6, 12, 18, 24, 24)):
        found = read(data, epoch)
        assert found.total() == len(data) == 24
        assert sorted(loss[list(found)]) == list(range(number))
        assert max(found.values()) - min(found.values()) <= 1
        assert data[5] == ROWS[data.order[5]]


def test_short_rows_come_first_by_default() -> None:
    data = CurriculumDataset(ROWS, 4, first_share=0.5, epochs=2)
    longest = max(SIZES[row] for row in read(data, 0))
    assert longest <= min(SIZES[row] for row in range(24) if row not in read(data, 0))


@pytest.mark.parametrize(("share", "epoch"), [(1.0, 0), (1.0, 3), (0.3, 2), (0.3, 7)])
def test_the_full_pace_is_the_plain_order(share: float, epoch: int) -> None:
    curriculum = CurriculumDataset(ROWS, 4, seed=5, first_share=share, epochs=2)
    plain = LengthGroupedDataset(ROWS, 4, seed=5)
    curriculum.set_epoch(epoch)
    plain.set_epoch(epoch)
    assert curriculum.order.tolist() == plain.order.tolist()


@pytest.mark.parametrize("stop", [3, 5], ids=["after-an-epoch", "within-an-epoch"])
def test_resumed_equals_uninterrupted(stop: int, tmp_path: Path) -> None:
    def trainer(model: Any, folder: str, callbacks: Any = None) -> Any:
        rows = CurriculumDataset(ROWS, 8, seed=5, first_share=0.3, epochs=2)
        arguments = {
            "num_train_epochs": 3, "gradient_accumulation_steps": 2, "save_steps": stop,
            "save_strategy": "steps", "train_sampling_strategy": "sequential",
        }  # fmt: skip
        return make_trainer(model, tmp_path / folder, rows, callbacks, **arguments)

    whole, resumed = make_model(), make_model()
    trainer(whole, "whole").train()
    trainer(make_model(), "parts", [StopAt(stop)]).train()
    trainer(resumed, "parts").train(resume_from_checkpoint=True)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_losses_of_rows_are_those_of_each_alone() -> None:
    model = make_model().train()
    found = row_losses(model, ROWS, DataCollatorWithPadding(TOKENIZER))
    assert model.training
    model.eval()
    for row, loss in zip(ROWS, found, strict=True):
        ids = torch.tensor([row["input_ids"]], dtype=torch.long)
        with torch.no_grad():
            alone = model(input_ids=ids, labels=torch.tensor([row["labels"]])).loss
        assert loss == pytest.approx(float(alone), rel=1e-5)
    with pytest.raises(ValueError, match="row 0 has no labels, so it has no loss"):
        row_losses(model, [{"input_ids": [2, 3]}], DataCollatorWithPadding(TOKENIZER))


def test_the_loss_of_a_sentence_is_that_of_a_tag() -> None:
    torch.manual_seed(0)
    sizes = {"vocab_size": 11, "embedding_size": 4, "hidden_size": 3, "num_labels": 3}
    model = RecurrentForTokenClassification(RecurrentConfig(crf=True, **sizes)).eval()
    row = {"input_ids": [[2, 3, 4]], "labels": [[0, 2, 1]]}
    (loss,) = row_losses(
        model, [row], lambda rows: {k: torch.tensor(v) for k, v in rows[0].items()}
    )
    one = {k: torch.tensor(v) for k, v in row.items()}
    states = model.model(input_ids=one["input_ids"]).last_hidden_state
    likelihood = model.crf(model.classifier(states), one["labels"])
    assert loss == pytest.approx(-float(likelihood) / 3)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (
            {"difficulty": "loss"},
            "difficulty is 'loss', expected 'length' or a number for each row",
        ),
        ({"difficulty": [1.0]}, "difficulty has 1 number for 24 rows"),
        ({"difficulty": [*[1.0] * 23, float("nan")]}, "difficulty of row 23 is nan"),
        ({"first_share": 0.0}, "first_share is 0.0, expected a share above 0 and at most 1"),
        ({"first_share": 1.1}, "first_share is 1.1"),
        ({"epochs": 0}, "epochs is 0, expected at least 1"),
        ({"lengths": [1]}, "found 1 length for 24 rows"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named) as error:
        CurriculumDataset(ROWS, 4, **arguments)
    assert_one_sentence(error.value)


@pytest.mark.parametrize("make", [list, Dataset.from_list])
def test_rows_without_lengths(make: Any) -> None:
    rows = make([{"words": ["a"], "labels": 1}] * 3)
    with pytest.raises(ValueError, match=r"no input_ids or input_features.*words.*: pass lengths"):
        CurriculumDataset(rows, 2)
    assert len(CurriculumDataset(rows, 2, lengths=[3, 1, 2])) == 3
    assert len(CurriculumDataset([], 2)) == 0
