"""Sampled losses: what minimises them, over every possible draw, and their formulas by hand."""

import itertools
import math

import pytest
import torch
from torch import Tensor

from hf_recurrent.models.sampled_losses import (
    Scores,
    bpr_max,
    corrected,
    nce,
    sampled_softmax,
    top1_max,
)

V, K = 7, 3
torch.manual_seed(0)
P = torch.rand(V, dtype=torch.double).softmax(0) ** 3
P /= P.sum()
POWER = P**0.75 / (P**0.75).sum()
UNIFORM = torch.full_like(P, 1 / V)
DRAWS = torch.tensor(list(itertools.product(range(V), repeat=K)))
LOSSES = {"sampled_softmax": sampled_softmax, "nce": nce}


def expected_loss(
    kind: str, scores: Tensor, chances: list[Tensor], masks: bool = False, corrects: bool = True
) -> Tensor:
    """Return the exact expectation of a loss over labels from ``P`` and all draws.

    Args:
        kind: Name of the loss.
        scores: (V,) the score of each word.
        chances: The distribution of each of the K negatives.
        masks: Whether a label among the negatives is left out.
        corrects: Whether log(K q) is subtracted from the scores.
    """
    of_draw = torch.stack([q[DRAWS[:, i]] for i, q in enumerate(chances)]).prod(0)
    log_expected = sum(chances, torch.zeros_like(P)).log()
    total = torch.zeros((), dtype=torch.double)
    for label in range(V):
        own = label == DRAWS if masks else None
        found = Scores(scores[label].expand(len(DRAWS)), scores[DRAWS], own)
        if corrects:
            found = corrected(found, log_expected[label], log_expected[DRAWS])
        total = total + P[label] * (of_draw * LOSSES[kind](found)).sum()
    return total


def fixed_point(kind: str, chances: list[Tensor], **options: bool) -> Tensor:
    """Return the scores that minimise the expected loss."""
    scores = torch.zeros(V, dtype=torch.double, requires_grad=True)
    search = torch.optim.LBFGS(
        [scores],
        max_iter=200,
        tolerance_grad=1e-12,
        tolerance_change=0,
        line_search_fn="strong_wolfe",
    )

    def step() -> Tensor:
        search.zero_grad()
        loss = expected_loss(kind, scores, chances, **options)
        loss.backward()
        return loss

    search.step(step)
    return scores.detach()


ONE_KNOWN = {
    "uniform": [UNIFORM] * K,
    "unigram to the power of 0.75": [POWER] * K,
    "a mixture by coin": [(UNIFORM + POWER) / 2] * K,
}


@pytest.mark.parametrize("chances", ONE_KNOWN)
def test_the_softmax_of_the_best_scores_is_the_truth(chances: str) -> None:
    found = fixed_point("sampled_softmax", ONE_KNOWN[chances])
    torch.testing.assert_close(found.softmax(0), P, rtol=0, atol=1e-8)


@pytest.mark.parametrize("chances", [*ONE_KNOWN, "fixed shares"])
def test_the_best_scores_of_nce_are_the_logarithms_of_the_truth(chances: str) -> None:
    given = ONE_KNOWN.get(chances, [UNIFORM, POWER, POWER])
    torch.testing.assert_close(fixed_point("nce", given).exp(), P, rtol=0, atol=1e-8)


BIASED: dict[str, tuple[str, list[Tensor], dict[str, bool], float]] = {
    "fixed shares": ("sampled_softmax", [UNIFORM, POWER, POWER], {}, 0.0008),
    "a label masked, uniform": ("sampled_softmax", [UNIFORM] * K, {"masks": True}, 0.009),
    "a label masked": ("sampled_softmax", [POWER] * K, {"masks": True}, 0.017),
    "a label masked, nce": ("nce", [POWER] * K, {"masks": True}, 0.11),
    "nothing subtracted": ("sampled_softmax", [POWER] * K, {"corrects": False}, 0.10),
}


@pytest.mark.parametrize("case", BIASED)
def test_the_bias_of_what_is_not_exact(case: str) -> None:
    """The numbers are those of docs/output-losses.md."""
    kind, chances, options, expected = BIASED[case]
    scores = fixed_point(kind, chances, **options)
    found = scores.exp() if kind == "nce" else scores.softmax(0)
    assert float((found - P).abs().max()) == pytest.approx(expected, rel=0.05)


# A label and two negatives with the scores 0.5, 1 and -1, and the weights e / (e + 1/e) and the
# rest, worked out by hand.
CASE = Scores(torch.tensor([0.5]).double(), torch.tensor([[1.0, -1.0]]).double())
S = (0.8807970779778823, 0.11920292202211755)
SIGMOID_HALF, SIGMOID_3_2 = 0.6224593312018546, 0.8175744761936437
SIGMOID_ONE = 0.7310585786300049


def test_bpr_max_by_hand() -> None:
    # sigmoid(0.5 - 1) = 1 - sigmoid(0.5), and sigmoid(0.5 + 1)
    inner = S[0] * (1 - SIGMOID_HALF) + S[1] * SIGMOID_3_2
    torch.testing.assert_close(bpr_max(CASE, 0.0).item(), -math.log(inner))
    # Both squares are 1.
    torch.testing.assert_close(bpr_max(CASE, 0.3).item(), -math.log(inner) + 0.3)


def test_top1_max_by_hand() -> None:
    expected = S[0] * (SIGMOID_HALF + SIGMOID_ONE) + S[1] * (1 - SIGMOID_3_2 + SIGMOID_ONE)
    torch.testing.assert_close(top1_max(CASE).item(), expected)


def test_nce_by_hand() -> None:
    corrected_case = corrected(CASE, torch.tensor([0.5]), torch.tensor([0.0, -1.0]))
    # Scores of 0 for the label and 1 and 0 for the negatives.
    expected = 2 * math.log(2) + math.log(1 + math.e)
    torch.testing.assert_close(nce(corrected_case).item(), expected)


@pytest.mark.parametrize("kind", ["sampled_softmax", "nce", "bpr_max", "top1_max"])
def test_what_is_no_negative_has_no_part_in_it(kind: str) -> None:
    losses = {**LOSSES, "bpr_max": lambda s: bpr_max(s, 0.3), "top1_max": top1_max}
    torch.manual_seed(0)
    target = torch.randn(2, dtype=torch.double, requires_grad=True)
    negatives = torch.randn(2, 4, dtype=torch.double, requires_grad=True)
    own = torch.eye(2, 4, dtype=torch.bool)
    found = losses[kind](Scores(target, negatives, own))
    found.sum().backward()
    for row in range(2):
        kept = negatives[row, ~own[row]].unsqueeze(0)
        torch.testing.assert_close(losses[kind](Scores(target[row : row + 1], kept))[0], found[row])
    assert negatives.grad is not None
    assert not negatives.grad[own].any()
    assert bool(negatives.grad[~own].all())


def test_scores_of_any_size_have_finite_losses() -> None:
    negatives = torch.tensor([[1e4, -1e4]], requires_grad=True)
    scores = Scores(torch.tensor([-1e4], requires_grad=True), negatives)
    for loss in (sampled_softmax(scores), nce(scores), bpr_max(scores, 0.0), top1_max(scores)):
        loss.backward(inputs=[negatives])
        assert loss.isfinite().all()
        assert negatives.grad is not None
        assert negatives.grad.isfinite().all()
