"""What is drawn as negatives, and how often it is expected."""

from typing import Any

import pytest
import torch

from hf_recurrent.models import samplers as module
from hf_recurrent.models.samplers import NegativeSampler
from hf_recurrent.models.token_counts import checked_counts
from tests.common.bad_input import assert_one_sentence

COUNTS = torch.tensor([8, 0, 4, 1])


def make(sampler: Any, **fields: Any) -> NegativeSampler:
    given = {"negatives": 6, "alpha": 0.5, "in_batch": False, "fixed_shares": False}
    found = NegativeSampler(4, {**given, "sampler": sampler, **fields})
    found.set_token_counts(COUNTS)
    return found


LOG = torch.tensor([2.0, 3 / 2, 4 / 3, 5 / 4]).double().log()
ROOTS = torch.tensor([8.0, 1, 4, 1]).double().sqrt()
# An id that never occurs counts once.
EXPECTED = {
    "uniform": torch.full((4,), 0.25).double(),
    "log_uniform": LOG / LOG.sum(),
    "unigram": ROOTS / ROOTS.sum(),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_expected_number_is_the_number_of_draws_times_their_chance(name: str) -> None:
    found = make(name).log_expected(torch.arange(4)).exp()
    torch.testing.assert_close(found, 6 * EXPECTED[name])


def test_mixtures_and_labels_of_the_batch_add_up() -> None:
    mixture = {"uniform": 1, "unigram": 2}
    mean = (EXPECTED["uniform"] + 2 * EXPECTED["unigram"]) / 3
    plain = COUNTS.clamp(min=1).double() / 14
    for fixed in (False, True):
        sampler = make(mixture, fixed_shares=fixed, in_batch=True)
        torch.testing.assert_close(sampler.log_expected(torch.arange(4)).exp(), 6 * mean)
        found = sampler.log_expected(torch.arange(4), others=5).exp()
        torch.testing.assert_close(found, 6 * mean + 5 * plain)


@pytest.mark.parametrize(
    "sampler", ["uniform", "log_uniform", "unigram", {"uniform": 1, "log_uniform": 3}]
)
def test_draws_have_their_chances(sampler: Any) -> None:
    torch.manual_seed(0)
    found = make(sampler, negatives=40_000)
    shares = found.draw().bincount(minlength=4) / 40_000
    expected = found.log_expected(torch.arange(4)).exp() / 40_000
    # Five standard deviations of a share.
    torch.testing.assert_close(shares.double(), expected, rtol=0, atol=0.0125)


def test_fixed_shares_are_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(module.torch, "rand", lambda n, **k: asked.append(n) or torch.zeros(n, **k))
    make({"uniform": 1, "unigram": 1, "log_uniform": 1}, negatives=7, fixed_shares=True).draw()
    assert asked == [3, 2, 2]


def test_the_ends_of_the_numbers_that_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    for place, word in ((0.0, 0), (0.25, 1), (1 - 2**-53, 3)):
        monkeypatch.setattr(
            module.torch, "rand", lambda n, place=place, **k: torch.full((n,), place, **k)
        )
        assert make("uniform").draw().tolist() == [word] * 6


def test_draws_follow_the_seed() -> None:
    sampler = make("unigram", negatives=50)
    draws = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        draws.append(sampler.draw())
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


def test_new_counts_count_also_when_they_are_loaded() -> None:
    sampler, ids = make("unigram", alpha=1.0), torch.arange(4)
    before = sampler.log_expected(ids)
    other = make("unigram", alpha=1.0)
    other.set_token_counts(torch.tensor([1, 1, 1, 1]))
    sampler.load_state_dict(other.state_dict())
    assert torch.equal(sampler.log_expected(ids), other.log_expected(ids))
    assert not torch.equal(sampler.log_expected(ids), before)


def test_counts_keep_their_type_in_other_precisions() -> None:
    sampler = make("unigram").half()
    assert torch.equal(sampler.token_counts, COUNTS)
    assert sampler.token_counts.dtype == torch.long


def test_no_counts() -> None:
    for sampler in ("unigram", {"uniform": 1, "unigram": 1}):
        found = make(sampler)
        found.set_token_counts(torch.zeros(4, dtype=torch.long))
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is checked below
            found.draw()
        assert_one_sentence(caught.value, "unigram", "set_token_counts")
    found = make("in_batch")
    found.set_token_counts(torch.zeros(4, dtype=torch.long))
    assert found.draw().tolist() == []
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        found.log_expected(torch.arange(4), others=3)
    assert_one_sentence(caught.value, "in_batch", "set_token_counts")


BAD_COUNTS: dict[str, tuple[Any, str]] = {
    "too few": ([1, 2, 3], "(3,)"),
    "a part": ([1, 2, 3, 0.5], "no count"),
    "below 0": ([1, 2, 3, -1], "no count"),
    "no number": ([1, 2, 3, float("nan")], "no count"),
    "infinite": ([1, 2, 3, float("inf")], "no count"),
    "booleans": ([True, False, True, True], "bool"),
    "nothing": ([0, 0, 0, 0], "all 0"),
    "None": (None, "whole numbers"),
    "words": ("abcd", "whole numbers"),
    "too large": ([1, 2, 3, 2**70], "2**63"),
}


@pytest.mark.parametrize("case", BAD_COUNTS)
def test_bad_counts(case: str) -> None:
    counts, named = BAD_COUNTS[case]
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        checked_counts(counts, 4)
    assert_one_sentence(caught.value, "token counts", named)
    assert checked_counts([1.0, 2.0, 3.0, 0.0], 4).tolist() == [1, 2, 3, 0]
