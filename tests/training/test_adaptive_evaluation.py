"""Dynamic evaluation and the continuous cache, against loops written by hand."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from hf_recurrent.training import cache_evaluation, dynamic_evaluation, gradient_squares
from tests.training.test_state_carrier import WORDS, make_model, mean_loss

TEXT = np.tile(np.random.default_rng(5).integers(0, WORDS, 12), 6)


def descend(model: Any, rate: float, decay: float, window: int) -> float:
    """Evaluate by hand: predict a window, and then learn from it."""
    start = {n: p.detach().clone() for n, p in model.named_parameters()}
    total, states = 0.0, {}
    ends = [i * (len(TEXT) - 1) // -(-(len(TEXT) - 1) // window) for i in range(99)]
    for first, last in pairwise(ends):
        if first >= len(TEXT) - 1:
            break
        piece = torch.tensor(TEXT[first : last + 1])
        outputs = model(piece[None, :-1], output_final_state=True, **states)
        loss = nn.functional.cross_entropy(outputs.logits[0], piece[1:])
        total += loss.item() * (len(piece) - 1)
        states = {
            "initial_hidden_state": outputs.final_hidden_state.detach(),
            "initial_cell_state": outputs.final_cell_state.detach(),
        }
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                back = start[name] - parameter
                parameter += -rate * parameter.grad + decay * back
    return total / (len(TEXT) - 1)


def test_dynamic_evaluation_is_the_loop_and_leaves_the_model() -> None:
    model, by_hand = make_model(), make_model().eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    found = dynamic_evaluation(model, TEXT, window=5, learning_rate=0.3, decay=0.01)
    assert found == pytest.approx(descend(by_hand, 0.3, 0.01, 5), rel=1e-5)
    assert model.training
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])
    plain = mean_loss(model, TEXT, 1)
    assert found < plain - 0.02
    assert dynamic_evaluation(model, TEXT, learning_rate=0.0) == pytest.approx(plain, rel=1e-5)


def test_steps_are_scaled_by_the_gradients_of_training() -> None:
    model = make_model()
    squares = gradient_squares(model, TEXT, streams=2, window=5)
    assert all(value.shape == squares[name].shape for name, value in model.named_parameters())
    assert all((value >= 0).all() for value in squares.values())
    plain = mean_loss(model, TEXT, 1)
    found = dynamic_evaluation(model, TEXT, learning_rate=3e-3, decay=1e-3, squares=squares)
    assert found < plain - 0.01
    same = {name: torch.full_like(value, 4.0) for name, value in squares.items()}
    found = dynamic_evaluation(model, TEXT, learning_rate=0.3, decay=0.01, squares=same)
    by_hand = descend(make_model().eval(), 0.3 / (2 + 0.02), 0.01, 5)
    assert found == pytest.approx(by_hand, rel=1e-5)
    with pytest.raises(ValueError, match=r"squares has no model\.embed_tokens\.weight"):
        dynamic_evaluation(model, TEXT, squares={})


def mixture(model: Any, size: int, share: float, flatness: float) -> float:
    """Evaluate by hand, token by token, with probabilities of all words."""
    model.eval()
    with torch.no_grad():
        outputs = model(torch.tensor(TEXT[None, :-1]), output_hidden_states=True)
    hidden, total = outputs.hidden_states[-1][0], 0.0
    for t in range(len(TEXT) - 1):
        chances = outputs.logits[0, t].softmax(-1)
        if t:
            cache = torch.zeros(WORDS)
            for i in range(max(0, t - size), t):
                cache[TEXT[i + 1]] += math.exp(flatness * float(hidden[t] @ hidden[i]))
            chances = (1 - share) * chances + share * cache / cache.sum()
        total -= math.log(float(chances[TEXT[t + 1]]))
    return total / (len(TEXT) - 1)


@pytest.mark.parametrize("window", [1, 7, 200])
@pytest.mark.parametrize("size", [1, 10, 500])
def test_the_cache_is_that_of_the_paper(size: int, window: int) -> None:
    model = make_model()
    found = cache_evaluation(model, TEXT, size=size, share=0.4, flatness=2.0, window=window)
    assert found == pytest.approx(mixture(model, size, 0.4, 2.0), rel=1e-5)
    plain = mean_loss(model, TEXT, 1)
    assert cache_evaluation(model, TEXT, share=0.0) == pytest.approx(plain, rel=1e-5)
    with pytest.raises(ValueError, match="share is 1, expected at least 0 and below 1"):
        cache_evaluation(model, TEXT, share=1)
