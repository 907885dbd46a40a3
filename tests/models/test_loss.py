from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from hf_recurrent.models.hard_training import HardTraining
from hf_recurrent.models.loss import (
    infer_problem_type,
    refuse_taken_labels,
    sequence_classification_loss,
)

SINGLE, SEVERAL = "single_label_classification", "multi_label_classification"


def config(num_labels: int = 3, problem_type: str | None = None, **fields: Any) -> Any:
    plain = {"class_weights": None, "label_smoothing": 0.0}
    fields = {**plain, "focal_gamma": 0.0, "hard_example_share": 1.0, **fields}
    return SimpleNamespace(num_labels=num_labels, problem_type=problem_type, **fields)


@pytest.fixture
def logits() -> Tensor:
    return torch.randn(6, 3, generator=torch.Generator().manual_seed(0), dtype=torch.double)


CLASSES = torch.tensor([0, 1, 2, 2, 1, 0])
SETS = torch.tensor([[0, 1, 1], [1, 0, 0], [1, 1, 1], [0, 0, 0], [0, 1, 0], [1, 0, 1]])


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7])
def test_single_label_equals_torch(logits: Tensor, smoothing: float) -> None:
    labels = CLASSES.clone()
    labels[1] = -100
    expected = nn.CrossEntropyLoss(label_smoothing=smoothing)(logits, labels)
    found = sequence_classification_loss(logits, labels, config(label_smoothing=smoothing))
    torch.testing.assert_close(found, expected)


def test_single_label_with_everything_by_hand(logits: Tensor) -> None:
    weights, smoothing = [0.5, 1.0, 4.0], 0.2
    expected = 0.0
    for row, label in zip(logits, CLASSES.tolist(), strict=True):
        log_p = row - row.exp().sum().log()
        target = [smoothing / 3 + (1 - smoothing) * (label == k) for k in range(3)]
        expected -= weights[label] * sum(t * lp for t, lp in zip(target, log_p, strict=True))
    settings = config(class_weights=weights, label_smoothing=smoothing)
    found = sequence_classification_loss(logits, CLASSES, settings)
    torch.testing.assert_close(found, expected / 6)


@pytest.mark.parametrize("labels", [SETS.double(), SETS], ids=["floats", "integers"])
def test_several_labels_equal_torch(logits: Tensor, labels: Tensor) -> None:
    weights = torch.tensor([0.5, 1.0, 4.0], dtype=torch.double)
    expected = nn.BCEWithLogitsLoss(weight=weights)(logits, SETS.double() * 0.8 + 0.1)
    settings = config(problem_type=SEVERAL, class_weights=weights.tolist(), label_smoothing=0.2)
    torch.testing.assert_close(sequence_classification_loss(logits, labels, settings), expected)


def test_regression_equals_torch(logits: Tensor) -> None:
    targets = torch.randn(6, 3).double()
    found = sequence_classification_loss(logits, targets, config(problem_type="regression"))
    torch.testing.assert_close(found, nn.MSELoss()(logits, targets))
    for shape in ((6,), (6, 1)):
        found = sequence_classification_loss(logits[:, :1], targets[:, 0].view(shape), config(1))
        torch.testing.assert_close(found, nn.MSELoss()(logits[:, 0], targets[:, 0]))


@pytest.mark.parametrize(
    ("settings", "labels", "per_row"),
    [
        (config(class_weights=[1.0, 2.0, 3.0], label_smoothing=0.1), CLASSES, 1),
        (config(problem_type=SEVERAL, class_weights=[1.0, 2.0, 3.0]), SETS.double(), 3),
        (config(problem_type="regression"), SETS.double(), 3),
    ],
    ids=["single", "several", "regression"],
)
def test_parts_add_up_to_the_whole(
    logits: Tensor, settings: Any, labels: Tensor, per_row: int
) -> None:
    whole = sequence_classification_loss(logits, labels, settings)
    for items in (6 * per_row, torch.tensor(6 * per_row)):
        parts = [
            sequence_classification_loss(logits[rows], labels[rows], settings, items)
            for rows in (slice(0, 1), slice(1, 4), slice(4, 6))
        ]
        torch.testing.assert_close(sum(parts), whole)


@pytest.mark.parametrize("items", [None, 0, torch.tensor(0)], ids=["none", "zero", "tensor"])
def test_nothing_to_learn_is_zero_not_nan(logits: Tensor, items: Any) -> None:
    logits.requires_grad_()
    labels = torch.full((6,), -100)
    loss = sequence_classification_loss(logits, labels, config(), items)
    loss.backward()
    assert loss == 0
    assert not logits.grad.any()  # type: ignore[union-attr]
    assert sequence_classification_loss(logits[:0], labels[:0], config()) == 0


@pytest.mark.parametrize("dtype", [torch.int8, torch.uint8, torch.int16, torch.int32, torch.bool])
def test_labels_of_any_integer_type(logits: Tensor, dtype: torch.dtype) -> None:
    settings = config(problem_type=SINGLE, class_weights=[1.0, 2.0, 3.0])
    labels = CLASSES.clamp(max=1)
    expected = sequence_classification_loss(logits, labels, settings)
    assert sequence_classification_loss(logits, labels.to(dtype), settings) == expected


def test_half_precision_is_computed_in_single(logits: Tensor) -> None:
    half = logits.bfloat16()
    found = sequence_classification_loss(half, CLASSES, config())
    assert found.dtype == torch.float32
    assert found == sequence_classification_loss(half.float(), CLASSES, config())


@pytest.mark.parametrize(
    ("settings", "labels", "sentence"),
    [
        (config(), torch.tensor([0, 1, 3, 0, 0, 0]), "label 3 is unknown: the model has labels 0"),
        (config(), torch.tensor([0, -1, 1, 0, 0, 0]), "label -1 is unknown"),
        (config(), CLASSES[:4], "labels have length 4, expected one for each row, 6"),
        (config(), SETS, "labels have length 18, expected one for each row, 6"),
        (config(problem_type=SINGLE), CLASSES.double(), "labels are torch.float64, expected int"),
        (config(problem_type=SEVERAL), CLASSES.double(), r"shape \(6,\), expected \(6, 3\)"),
        (config(problem_type="regression"), CLASSES.double(), r"shape \(6,\), expected \(6, 3\)"),
        (config(class_weights=[1.0, 2.0]), CLASSES, "class_weights has length 2, expected one"),
        (
            config(problem_type="regression", label_smoothing=0.1),
            SETS.double(),
            "label_smoothing has no meaning for problem_type 'regression'",
        ),
    ],
)
def test_bad_labels_end_in_one_sentence(
    logits: Tensor, settings: Any, labels: Tensor, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        sequence_classification_loss(logits, labels, settings)


def test_a_label_that_cannot_be_costs_nothing_where_another_is_right() -> None:
    logits = torch.tensor([[0.0, 1.0, -torch.inf]], requires_grad=True)
    loss = sequence_classification_loss(logits, torch.tensor([1]), config())
    torch.testing.assert_close(loss, nn.functional.cross_entropy(logits, torch.tensor([1])))
    loss.backward()
    assert bool(logits.grad.isfinite().all())


def test_problem_type_is_inferred_as_in_transformers() -> None:
    assert infer_problem_type(config(1), CLASSES) == "regression"
    assert infer_problem_type(config(3), CLASSES) == SINGLE
    assert infer_problem_type(config(3), SETS.float()) == SEVERAL
    assert infer_problem_type(config(3, "regression"), CLASSES) == "regression"


@pytest.mark.parametrize(
    ("settings", "hard", "named"),
    [
        (config(class_weights=[1.0, 2.0, 3.0]), None, "class_weights"),
        (config(label_smoothing=0.1), None, "label_smoothing"),
        (config(focal_gamma=2.0), None, "focal_gamma"),
        (config(hard_example_share=0.5), None, "hard_example_share"),
        (config(), HardTraining(loss_limit=1.0), "loss_limit"),
    ],
)
def test_labels_that_trainer_took_away(settings: Any, hard: Any, named: str) -> None:
    arguments = {"num_items_in_batch": torch.tensor(6)}
    with pytest.raises(ValueError, match=f"model's {named} would be ignored.*or unset {named}$"):
        refuse_taken_labels(settings, None, arguments, hard)
    refuse_taken_labels(settings, CLASSES, arguments, hard)
    refuse_taken_labels(settings, None, {}, hard)


def test_labels_taken_away_where_nothing_is_lost() -> None:
    refuse_taken_labels(config(), None, {"num_items_in_batch": 6})
    refuse_taken_labels(config(), None, {"num_items_in_batch": 6}, **{"crf=True": False})
    with pytest.raises(ValueError, match=r"model's crf=True would be ignored.*or unset crf$"):
        refuse_taken_labels(config(), None, {"num_items_in_batch": 6}, **{"crf=True": True})
