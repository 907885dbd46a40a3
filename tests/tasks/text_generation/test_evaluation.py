"""The curve of a training, and models that go on learning when they are judged."""

import math
import time
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from hf_recurrent import RecurrentConfig, RecurrentForCausalLM
from hf_recurrent.tasks.text_generation import MODELS
from hf_recurrent.tasks.text_generation.adapting import adaptive_scorer
from hf_recurrent.tasks.text_generation.curve import PerplexityCurve, sample_of
from hf_recurrent.tasks.text_generation.fitting import training_clock
from hf_recurrent.tasks.text_generation.models import DEFAULT_MODELS
from hf_recurrent.tasks.text_generation.scoring import state_scorer
from hf_recurrent.training import cache_evaluation, dynamic_evaluation, gradient_squares
from hf_recurrent.vectors import language_model_tokenizer

RANDOM = np.random.default_rng(3)
# Each text repeats a line of its own, from which a model can learn while it reads.
TEXTS = [np.tile(RANDOM.integers(0, 20, 9), 12) for _ in range(3)]


def make_model() -> RecurrentForCausalLM:
    torch.manual_seed(0)
    config = RecurrentConfig(vocab_size=20, embedding_size=8, hidden_size=10)
    return RecurrentForCausalLM(config)


@pytest.mark.parametrize("evaluation", ["dynamic", "cache"])
def test_each_text_begins_with_the_trained_model(evaluation: str) -> None:
    model = make_model()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    train = RANDOM.integers(0, 20, 800)
    scorer, settings = adaptive_scorer(model, evaluation, train, TEXTS[:1])
    found = scorer([*TEXTS, TEXTS[0], TEXTS[0][:1]])
    assert [len(each) for each in found] == [107, 107, 107, 107, 0]
    assert found[0].sum() == found[3].sum()
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])
    told = dict(part.split(" ") for part in settings.split(", "))
    options = {name: float(value) for name, value in told.items()}
    if evaluation == "dynamic":
        squares = gradient_squares(model, train)
        loss = dynamic_evaluation(model, TEXTS[1], window=32, squares=squares, **options)
    else:
        assert options["share"] == 0.2  # the most, as the texts repeat themselves
        loss = cache_evaluation(model, TEXTS[1], **options)
    assert found[1].sum() == pytest.approx(-107 * loss)
    plain = state_scorer(model)(TEXTS)
    assert sum(map(np.sum, found[:3])) > sum(map(np.sum, plain))


def test_rows_that_adapt_are_no_defaults_and_stand_apart() -> None:
    apart = {name for name, row in MODELS.items() if row.apart}
    assert apart == {"lstm-dynamic", "lstm-cache"}
    assert not apart & set(DEFAULT_MODELS)
    for name in apart:
        assert not MODELS[name].keep
        assert "held against no other" in " ".join(MODELS[name].limits)


def test_the_curve_has_a_point_for_each_tenth() -> None:
    texts = ["the cat sleeps and the dog runs. " * 400, "a dog"]
    tokenizer = language_model_tokenizer(texts)
    assert [len(text) for text in sample_of(texts)] == [8000, 5]
    assert sample_of([str(number) for number in range(24)]) == ["0", *map(str, range(3, 24, 3))]
    model = make_model().train()
    done = iter([0.05, 0.1, 0.17, 0.35, 0.36, 0.999, 1.0])
    curve = PerplexityCurve(state_scorer(model), tokenizer, texts, lambda state: next(done))
    for step in range(7):
        curve.on_step_end(None, SimpleNamespace(global_step=step), None, model=model)
    # The second tenth was passed within a step, and is not made up for.
    assert curve.steps == [1, 3, 5, 6]
    assert model.training
    assert curve.seconds > 0
    found = state_scorer(model)(curve.sample)
    loss = -sum(each.sum() for each in found) / sum(map(len, found))
    assert curve.values == pytest.approx([math.exp(loss)] * 4)


def test_one_fixed_thread_is_timed_by_the_processor() -> None:
    assert training_clock(1) is time.process_time
    assert training_clock(2) is training_clock(None) is time.perf_counter
