"""Focal loss, hard examples and self-paced learning: by hand, in parts, and by every head."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForSequenceClassification,
    RecurrentForTokenClassification,
)
from hf_recurrent.models.hard_training import HardTraining
from hf_recurrent.models.loss import Units, mean_loss

# Difficulties of seven units, the fourth without a label.
HARD = [0.1, 2.0, 0.7, 9.0, 0.7, 3.0, 0.01]
LABELLED = [1, 1, 1, 0, 1, 1, 1]
IDS = torch.tensor([[2, 4, 5, 3], [9, 10, 4, 0], [7, 0, 0, 0], [3, 3, 8, 0], [6, 2, 0, 0]])
MASK = (IDS > 0).long()
TAGS = torch.tensor([[0, 1, 2, 0], [1, 1, -100, -100], [2, -100, -100, -100], [0, 2, 1, -100],
                     [1, 0, -100, -100]])  # fmt: skip
HEADS: dict[str, tuple[type, dict[str, Any], Tensor]] = {
    "rows": (RecurrentForSequenceClassification, {}, torch.tensor([0, 2, 1, 1, -100])),
    "sets": (
        RecurrentForSequenceClassification,
        {"problem_type": "multi_label_classification"},
        torch.tensor([[0, 1, 1], [1, 0, 0], [1, 1, 1], [0, 0, 0], [0, 1, 0]]).float(),
    ),
    "tokens": (RecurrentForTokenClassification, {}, TAGS),
    "sentences": (RecurrentForTokenClassification, {"crf": True}, TAGS),
}


def units(rows: slice = slice(None)) -> Units:
    difficulty = torch.tensor(HARD, dtype=torch.double, requires_grad=True)[rows]
    items = torch.tensor(LABELLED)[rows]
    return Units((2 * difficulty).where(items > 0, 0), difficulty, items)


def make(kind: str, **fields: Any) -> Any:
    head, own, _ = HEADS[kind]
    torch.manual_seed(0)
    sizes = {"vocab_size": 11, "embedding_size": 5, "hidden_size": 4, "num_labels": 3}
    model = head(RecurrentConfig(**sizes, **own, **fields))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter))
    return model.double().train()


def loss_of(model: Any, kind: str, rows: Any = slice(None), **arguments: Any) -> Tensor:
    labels = HEADS[kind][2][rows]
    return model(input_ids=IDS[rows], attention_mask=MASK[rows], labels=labels, **arguments).loss


def difficulties(kind: str) -> tuple[Tensor, Tensor]:
    """Return the plain loss and the number of labels of each unit, from a model without options."""
    model = make(kind)
    if kind == "sentences":
        found = [loss_of(model, kind, slice(i, i + 1)) for i in range(5)]
        counts = (TAGS >= 0).sum(1)
        return torch.stack(found), counts
    logits = model(input_ids=IDS, attention_mask=MASK).logits
    labels = HEADS[kind][2]
    if kind == "sets":
        signs = 2 * labels - 1
        return -torch.nn.functional.logsigmoid(signs * logits).flatten(), torch.ones(15)
    logits, labels = logits.reshape(-1, 3), labels.flatten()
    kept = labels >= 0
    return -logits.log_softmax(-1)[kept, labels[kept]], torch.ones(int(kept.sum()))


def gradients(model: Any, loss: Tensor) -> list[Tensor]:
    return list(torch.autograd.grad(loss, list(model.parameters())))


@pytest.mark.parametrize("kind", HEADS)
def test_a_unit_is_a_row_a_label_a_token_or_a_sentence(kind: str) -> None:
    hard, counts = difficulties(kind)
    plain = hard * counts
    focal = loss_of(make(kind, focal_gamma=2.0), kind)
    torch.testing.assert_close(focal, ((1 - (-hard).exp()) ** 2 * plain).sum() / counts.sum())
    limited = make(kind)
    limited.loss_limit = hard.median().item() + 1e-9
    easy = hard <= hard.median()
    assert 0 < easy.sum() < len(hard)
    torch.testing.assert_close(loss_of(limited, kind), plain[easy].sum() / counts.sum())
    mined = loss_of(make(kind, hard_example_share=0.5), kind)
    top = hard.topk(math.ceil(len(hard) / 2)).indices
    torch.testing.assert_close(mined, plain[top].sum() / counts[top].sum())


@pytest.mark.parametrize("kind", HEADS)
def test_the_limits_of_the_options_are_the_plain_loss(kind: str) -> None:
    plain = make(kind)
    loss = loss_of(plain, kind)
    wanted = gradients(plain, loss)
    # Almost at the limit, so that the code runs that weighs the units.
    for fields, limit in (
        ({"focal_gamma": 0}, math.inf),
        ({"focal_gamma": 1e-12}, math.inf),
        ({"hard_example_share": 1}, math.inf),
        ({"hard_example_share": 1 - 1e-12}, math.inf),
        ({}, 1e9),
    ):
        model = make(kind, **fields)
        model.loss_limit = limit
        found = loss_of(model, kind)
        torch.testing.assert_close(found, loss, rtol=1e-10, atol=0)
        torch.testing.assert_close(gradients(model, found), wanted, rtol=1e-9, atol=1e-10)


def test_difficulty_knows_no_class_weights_and_no_smoothing() -> None:
    """The right label decides, and what it costs has its weight and smoothing."""
    options: dict[str, Any] = {"class_weights": [1.0, 4.0, 0.5], "label_smoothing": 0.3}
    for kind, labels in (("rows", HEADS["rows"][2][:4]), ("sets", HEADS["sets"][2])):
        hard, _ = difficulties(kind)
        logits = make(kind)(input_ids=IDS, attention_mask=MASK).logits[: len(labels)]
        weights = torch.tensor(options["class_weights"])
        if kind == "rows":
            smooth = 0.7 * hard - 0.3 * logits.log_softmax(-1).mean(-1)
            losses = weights[labels] * smooth
        else:
            losses = torch.nn.functional.binary_cross_entropy_with_logits(
                logits, labels.double() * 0.7 + 0.15, weight=weights, reduction="none"
            ).flatten()
        focal = loss_of(make(kind, focal_gamma=2.0, **options), kind)
        torch.testing.assert_close(focal, ((1 - (-hard).exp()) ** 2 * losses).mean())


@pytest.mark.parametrize("kind", HEADS)
def test_evaluation_has_the_plain_loss(kind: str) -> None:
    model = make(kind, focal_gamma=2.0, hard_example_share=0.5).eval()
    model.loss_limit = 0.1
    assert loss_of(model, kind) == loss_of(make(kind).eval(), kind)


@pytest.mark.parametrize("kind", HEADS)
def test_no_unit_below_the_limit_costs_nothing(kind: str) -> None:
    model = make(kind)
    model.loss_limit = 0.0
    loss = loss_of(model, kind)
    assert loss == 0
    assert not any(bool(g.any()) for g in gradients(model, loss))


def test_a_loss_that_is_no_number_is_not_left_out() -> None:
    losses, ones = torch.tensor([0.5, math.nan]), torch.ones(2, dtype=torch.long)
    units = Units(losses, losses, ones)
    assert mean_loss(units, None, HardTraining(loss_limit=1.0)).isnan()


def test_every_option_by_hand() -> None:
    kept = [h for h, known in zip(HARD, LABELLED, strict=True) if known]
    assert mean_loss(units(), None, None).item() == pytest.approx(sum(2 * h for h in kept) / 6)
    focal = sum((1 - math.exp(-h)) ** 3 * 2 * h for h in kept) / 6
    assert mean_loss(units(), None, HardTraining(focal_gamma=3)).item() == pytest.approx(focal)
    easy = sum(2 * h for h in kept if h < 0.7) / 6
    assert mean_loss(units(), None, HardTraining(loss_limit=0.7)).item() == pytest.approx(easy)
    for share, hardest in ((1 / 6, [3.0]), (0.2, [3.0, 2.0]), (0.5, [3.0, 2.0, 0.7])):
        found = mean_loss(units(), None, HardTraining(hard_example_share=share)).item()
        assert found == pytest.approx(2 * sum(hardest) / len(hardest))
    both = HardTraining(focal_gamma=1.0, hard_example_share=1 / 6)
    assert mean_loss(units(), None, both).item() == pytest.approx((1 - math.exp(-3)) * 6)


def test_a_share_that_is_a_whole_number_of_units_is_not_rounded_up() -> None:
    assert 0.07 * 100 > 7
    many = Units(*(torch.arange(1.0, 101) for _ in range(2)), torch.ones(100, dtype=torch.long))
    found = mean_loss(many, None, HardTraining(hard_example_share=0.07))
    assert found.item() == pytest.approx(sum(range(94, 101)) / 7)


PARTS = (slice(0, 2), slice(2, 4), slice(4, 7))


@pytest.mark.parametrize(
    "hard", [HardTraining(focal_gamma=2.0), HardTraining(loss_limit=1.0)], ids=["focal", "limit"]
)
def test_parts_add_up_to_the_whole(hard: HardTraining) -> None:
    whole = mean_loss(units(), None, hard)
    for items in (6, torch.tensor(6)):
        torch.testing.assert_close(sum(mean_loss(units(p), items, hard) for p in PARTS), whole)


def test_parts_mine_their_own_hardest() -> None:
    """The scale is that of the whole, and the units are the hardest of each part."""
    hard = HardTraining(hard_example_share=0.5)
    # The parts have 2, 1 and 3 labels; they keep 2.0; 0.7; 3.0 and 0.7.
    wanted = (2 * (2 * 2.0) + 1 * (2 * 0.7) + 3 * (3.0 + 0.7)) / 6
    found = sum(mean_loss(units(part), 6, hard) for part in PARTS)
    assert float(found) == pytest.approx(wanted)
    assert mean_loss(units(), None, hard).item() == pytest.approx(2 * (3.0 + 2.0 + 0.7) / 3)
    equal = Units(*(torch.full((7,), 1.5) for _ in range(2)), torch.ones(7, dtype=torch.long))
    parts = [Units(*(values[part] for values in equal)) for part in PARTS]
    assert float(sum(mean_loss(part, 7, hard) for part in parts)) == pytest.approx(1.5)


@pytest.mark.parametrize("gamma", [0.3, 1.0, 2.0])
def test_the_focal_loss_of_a_sure_unit_has_a_gradient(gamma: float) -> None:
    for dtype in (torch.float32, torch.float64):
        difficulty = torch.tensor([0.0, 1e-30, 1e-3, 200.0], dtype=dtype, requires_grad=True)
        items = torch.ones(4, dtype=torch.long)
        loss = mean_loss(Units(difficulty, difficulty, items), None, HardTraining(gamma))
        loss.backward()
        assert loss.isfinite()
        assert difficulty.grad.isfinite().all()  # type: ignore[union-attr]
