import itertools
import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from hf_recurrent.models import crf_passes
from hf_recurrent.models.crf import (
    AllowedTransitions,
    LinearChainCRF,
    allowed_transitions,
    forbidden_rows,
)
from hf_recurrent.models.crf_functions import (
    log_likelihood,
    log_marginals,
    log_partition,
    n_best,
    reference_log_partition,
    viterbi,
)
from hf_recurrent.models.crf_passes import log_alphas, log_betas, log_passes
from hf_recurrent.models.initialization import init_module

from .masks import masks

K = 3
INF = float("inf")
# Tag 2 is cut off from tag 0, a path begins with 0 or 1 and ends with 0 or 2.
ALLOWED = AllowedTransitions(
    (True, True, False),
    ((True, True, False), (True, True, True), (True, False, True)),
    (True, False, True),
)


def numbers(seed: int, *shape: int, scale: float = 1.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn(*shape, generator=generator, dtype=torch.double) * scale).requires_grad_()


def parameters(seed: int = 0, labels: int = K, forbidden: float | None = None) -> list[Tensor]:
    found = [numbers(seed, labels, labels), numbers(seed + 1, labels), numbers(seed + 2, labels)]
    if forbidden is not None:
        start, between, end = ALLOWED.tensors(torch.device("cpu"))
        pairs = zip(found, (between, start, end), strict=True)
        found = [v.detach().masked_fill(~may, forbidden).requires_grad_() for v, may in pairs]
    return found


def module(allowed: AllowedTransitions | None = None, labels: int = K, seed: int = 5):
    crf = LinearChainCRF(labels, allowed).double()
    with torch.no_grad():
        for own, value in zip(crf.parameters(), parameters(seed, labels), strict=True):
            own.copy_(value)
    return crf


def enumerate_paths(emissions: Tensor, scores: list[Tensor]) -> tuple[list[tuple], Tensor]:
    """Return all paths of one row (time, labels) and their scores, the definition itself."""
    transitions, start, end = scores
    paths = list(itertools.product(range(emissions.shape[1]), repeat=len(emissions)))
    found = []
    for path in paths:
        score = start[path[0]] + end[path[-1]]
        for t, tag in enumerate(path):
            score = score + emissions[t, tag]
        for a, b in itertools.pairwise(path):
            score = score + transitions[a, b]
        found.append(score)
    return paths, torch.stack(found)


def by_enumeration(emissions: Tensor, mask: Tensor, scores: list[Tensor]) -> Tensor:
    """Return the log-partition of each row, by enumeration of those paths that are possible."""
    totals = []
    for row, real in zip(emissions, mask.bool(), strict=True):
        total = row.sum() * 0
        if real.any():
            _, found = enumerate_paths(row[real], scores)
            found = found[found > -1e9]
            total = found.logsumexp(0) if len(found) else total - INF
        totals.append(total)
    return torch.stack(totals) if totals else emissions.sum((1, 2))


def gradients(function: Callable[..., Tensor], *inputs: Tensor) -> tuple[Tensor, Tensor]:
    value = function(*inputs)
    weights = torch.linspace(0.5, 2.0, len(value), dtype=value.dtype)
    whole = value.masked_fill(value == -INF, 0.0) @ weights
    return value.detach(), torch.autograd.grad(whole, inputs, materialize_grads=True)


FORBIDDEN = pytest.mark.parametrize("forbidden", [None, -1e4, -INF], ids=["free", "1e4", "inf"])


@FORBIDDEN
@settings(max_examples=25, deadline=None)
@given(mask=masks(most_rows=3, most_steps=5), seed=st.integers(0, 1000))
def test_log_partition_equals_enumeration(forbidden, mask: Tensor, seed: int) -> None:
    emissions, scores = numbers(seed, *mask.shape, K), parameters(seed, forbidden=forbidden)
    expected = gradients(lambda e, *p: by_enumeration(e, mask, p), emissions, *scores)
    found = gradients(lambda e, *p: log_partition(e, mask, *p), emissions, *scores)
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-10)
    slow = gradients(lambda e, *p: reference_log_partition(e, mask, *p), emissions, *scores)
    torch.testing.assert_close(slow, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("allowed", [None, ALLOWED], ids=["free", "constrained"])
@settings(max_examples=25, deadline=None)
@given(mask=masks(most_rows=3, most_steps=5), seed=st.integers(0, 1000))
def test_inference_equals_enumeration(allowed, mask: Tensor, seed: int) -> None:
    crf, emissions, n = module(allowed, seed=seed), numbers(seed, *mask.shape, K), 5
    scores = [s.detach() for s in crf._scores(True)]
    with torch.no_grad():
        marginals, best = crf.log_marginals(emissions, mask), crf.decode(emissions, mask)
        several, found = crf.n_best(emissions, mask, n)
    assert several.shape == (len(mask), n, mask.shape[1])
    for r, real in enumerate(mask.bool()):
        assert bool((marginals[r][~real] == 0).all())
        assert bool((best[r][~real] == -100).all())
        assert bool((several[r][:, ~real] == -100).all())
        if not real.any():
            assert found[r].tolist() == [0.0] + [-INF] * (n - 1)
            continue
        paths, values = enumerate_paths(emissions[r][real].detach(), scores)
        probabilities = values.softmax(0)
        expected = torch.zeros(int(real.sum()), K, dtype=torch.double)
        for path, probability in zip(paths, probabilities, strict=True):
            expected[range(len(path)), list(path)] += probability
        torch.testing.assert_close(marginals[r][real].exp(), expected, rtol=1e-9, atol=1e-12)
        ranked, order = values.sort(descending=True)
        wanted = [paths[i] for i, value in zip(order, ranked, strict=True) if value > -INF][:n]
        assert tuple(best[r][real].tolist()) == wanted[0]
        assert [tuple(p) for p in several[r][: len(wanted)][:, real].tolist()] == wanted
        torch.testing.assert_close(found[r][: len(wanted)], ranked[: len(wanted)])
        assert bool((found[r][len(wanted) :] == -INF).all())
        assert bool((several[r][len(wanted) :] == -100).all())


def by_back_pointers(emissions: Tensor, scores: list[Tensor]) -> list[int]:
    """Return the best path of one row (time, labels) by the textbook; the first of equals."""
    transitions, start, end = (part.tolist() for part in scores)
    rows, tags = emissions.tolist(), range(emissions.shape[1])
    best, pointers = [start[j] + rows[0][j] for j in tags], []
    for row in rows[1:]:
        ways = [[best[i] + transitions[i][j] for i in tags] for j in tags]
        pointers.append([way.index(max(way)) for way in ways])
        best = [max(ways[j]) + row[j] for j in tags]
    last = [best[j] + end[j] for j in tags]
    path = [last.index(max(last))]
    for back in reversed(pointers):
        path.append(back[path[-1]])
    return path[::-1]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("constrained", [False, True])
@settings(max_examples=25, deadline=None)
@given(mask=masks(most_rows=3, most_steps=5), seed=st.integers(0, 1000), whole=st.booleans())
def test_the_best_path_is_the_textbooks_where_several_are_best(
    dtype: torch.dtype, constrained: bool, mask: Tensor, seed: int, whole: bool
) -> None:
    # Whole numbers from -1 to 1 make many paths equal.
    scores = parameters(seed, forbidden=-INF if constrained else None)
    found = [numbers(seed, *mask.shape, K), *scores]
    found = [(v.round().clamp(-1, 1) if whole else v).detach().to(dtype) for v in found]
    before = [v.clone() for v in found]
    paths, values = viterbi(found[0], mask, *found[1:])
    assert all(torch.equal(now, then) for now, then in zip(found, before, strict=True))
    emissions, *scores = (v.double() for v in found)
    for r, real in enumerate(mask.bool()):
        if real.any():
            assert paths[r][real].tolist() == by_back_pointers(emissions[r][real], scores)
            _, every = enumerate_paths(emissions[r][real], scores)
            torch.testing.assert_close(values[r].double(), every.max(), rtol=1e-6, atol=1e-6)
        assert bool((paths[r][~real] == -100).all())


def test_paths_may_stand_in_a_graph() -> None:
    crf, emissions = module(ALLOWED), numbers(0, 2, 4, K)
    path = crf.decode(emissions)
    emissions.gather(2, path.unsqueeze(2)).sum().backward()
    torch.testing.assert_close(emissions.grad, torch.nn.functional.one_hot(path, K).double())

    def scores(values: Tensor) -> Tensor:
        return values.gather(2, crf.decode(values).unsqueeze(2)).sum()

    torch.testing.assert_close(torch.func.grad(scores)(emissions.detach()), emissions.grad)


@pytest.mark.parametrize("constrained", [False, True])
@settings(max_examples=25, deadline=None)
@given(mask=masks(most_rows=3, most_steps=5), seed=st.integers(0, 1000))
def test_likelihoods_of_all_paths_sum_to_one(constrained: bool, mask: Tensor, seed: int) -> None:
    crf, emissions = module(ALLOWED, seed=seed), numbers(seed, *mask.shape, K).detach()
    for row, real in zip(emissions, mask.bool(), strict=True):
        length = int(real.sum())
        paths = list(itertools.product(range(K), repeat=length))
        tags = torch.full((len(paths), len(real)), 77)  # on padding tags may be anything
        tags[:, real] = torch.tensor(paths, dtype=torch.long).reshape(len(paths), length)
        every = row.expand(len(paths), -1, -1), tags, real.expand(len(paths), -1)
        likelihood = crf(*every, constrained=constrained)
        assert bool(likelihood.isfinite().all())
        if constrained:
            bad = forbidden_rows(tags, every[2], ALLOWED)
            assert bool((likelihood[bad] == 0).all())
            likelihood = likelihood[~bad]
        torch.testing.assert_close(likelihood.exp().sum().item(), 1.0)


def test_marginals_are_the_gradient_of_the_log_partition() -> None:
    emissions, scores = numbers(0, 4, 6, 5), parameters(labels=5)
    mask = torch.rand(4, 6, generator=torch.Generator().manual_seed(0)) < 0.7
    (gradient,) = torch.autograd.grad(log_partition(emissions, mask, *scores).sum(), emissions)
    marginals = log_marginals(emissions, mask, *scores)[0].exp() * mask.unsqueeze(2)
    torch.testing.assert_close(gradient, marginals)


@pytest.mark.parametrize("scale", [1.0, 100.0])
@FORBIDDEN
def test_fast_path_equals_reference(scale: float, forbidden: float | None) -> None:
    scores = parameters(forbidden=forbidden)
    emissions = numbers(3, 8, 60, K, scale=scale)
    lengths = torch.tensor([60, 0, 1, 2, 33, 60, 7, 59]).unsqueeze(1)
    mask = torch.arange(60) < lengths
    fast = gradients(lambda e, *p: log_partition(e, mask, *p), emissions, *scores)
    slow = gradients(lambda e, *p: reference_log_partition(e, mask, *p), emissions, *scores)
    torch.testing.assert_close(fast, slow, rtol=1e-9, atol=1e-9)
    assert all(bool(g.isfinite().all()) for g in fast[1])


def test_logarithms_equal_scaled_probabilities(monkeypatch: pytest.MonkeyPatch) -> None:
    emissions, scores = numbers(0, 5, 9, 4), parameters(labels=4)
    mask = torch.rand(5, 9, generator=torch.Generator().manual_seed(0)) < 0.7
    scaled = gradients(lambda e, *p: log_partition(e, mask, *p), emissions, *scores)
    monkeypatch.setattr(crf_passes, "_scaled", lambda *arguments: None)
    logs = gradients(lambda e, *p: log_partition(e, mask, *p), emissions, *scores)
    torch.testing.assert_close(logs, scaled)


def passes(monkeypatch, steps: tuple[Tensor, ...], *scores: Tensor) -> tuple[list[Tensor], int]:
    """Return what ``log_passes`` gives, checked against the textbook, and how often it began."""
    inputs = [*steps, *scores]
    between, start, end = scores
    slow = log_alphas(steps, between, start), log_betas(steps, between, end)
    begun = []
    textbook = crf_passes.log_alphas
    monkeypatch.setattr(
        crf_passes, "log_alphas", lambda *given: begun.append(1) or textbook(*given)
    )
    fast = log_passes(steps, *scores)
    torch.testing.assert_close(fast, slow, rtol=1e-11, atol=1e-11)
    # Forbidden tags stand as a huge number, which no loss should read.
    wholes = [sum(part[part > -1e200].sum() for part in side) for side in (fast, slow)]
    grads = [torch.autograd.grad(whole, inputs, materialize_grads=True) for whole in wholes]
    torch.testing.assert_close(*grads, rtol=1e-9, atol=1e-9)
    return list(fast), len(begun)


@pytest.mark.parametrize("scheme", [None, "BIO", "BIOES"])
@pytest.mark.parametrize("scale", [1.0, 30.0, 300.0])
def test_sums_by_products_of_matrices_equal_the_textbook(
    scheme: str | None, scale: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = [
        "O",
        *(f"{prefix}-{kind}" for kind in "XY" for prefix in (scheme or "BI").replace("O", "")),
    ]
    allowed = None if scheme is None else allowed_transitions(labels, scheme)
    crf = module(allowed, len(labels))
    scores = [s.detach().requires_grad_() for s in crf_passes.floored(*crf._scores(True))]
    emissions = numbers(1, 18, len(labels), scale=scale)
    _, begun = passes(monkeypatch, emissions.split([5, 5, 3, 3, 1, 1]), *scores)
    assert begun == 1 or scale == 300.0, "a scheme alone should not ask for the textbook's loop"


@pytest.mark.parametrize("forbidden", [-740.0, -1e4, -INF])
def test_sums_that_underflow_are_those_of_the_textbook(
    forbidden: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    # From the likely tag 0 hardly a way leads to tag 0, and from the unlikely tag 1 an easy one.
    transitions = torch.tensor([[forbidden, 0.0], [0.0, 0.0]]).double()
    scores = crf_passes.floored(transitions, torch.zeros(2).double(), torch.zeros(2).double())
    scores = [s.requires_grad_() for s in scores]
    steps = tuple(torch.tensor([[0.0, -740.0]] * 3).double().requires_grad_().split(1))
    (alphas, _), begun = passes(monkeypatch, steps, *scores)
    assert begun == 2
    assert bool((alphas > -1e4).all())


@pytest.mark.parametrize("flush", [False, True])
def test_what_underflows_without_a_trace_is_seen(flush: bool) -> None:
    # A thousandth of all begins with 1: exp(-712) is denormal, and 0 where those are flushed,
    # while all sums stay finite. Where it cannot flush, the values are right in any case.
    emissions = torch.tensor([[[0.0, -712.0], [0.0, 0.0]]], dtype=torch.double).requires_grad_()
    transitions = torch.tensor([[-705.0, -705.0], [0.0, 0.0]], dtype=torch.double)
    scores = transitions, torch.zeros(2).double(), torch.zeros(2).double()
    expected = gradients(lambda e: by_enumeration(e, torch.ones(1, 2), scores), emissions)
    try:
        torch.set_flush_denormal(flush)
        found = gradients(lambda e: log_partition(e, None, *scores), emissions)
    finally:
        torch.set_flush_denormal(False)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


def test_a_row_without_any_path_has_no_gradient() -> None:
    transitions, start, end = parameters()
    none = torch.full_like(transitions, -INF).requires_grad_()
    emissions, mask = numbers(0, 2, 3, K), torch.tensor([[1, 1, 1], [0, 1, 0]])
    for function in (log_partition, reference_log_partition):
        total = function(emissions, mask, none, start, end)
        assert total[0] == -INF
        assert bool(total[1].isfinite())
        found = torch.autograd.grad(total.sum(), (emissions, none, start, end))
        assert bool((found[0][0] == 0).all())
        torch.testing.assert_close(found[0][1, 1].sum().item(), 1.0)
        assert bool((found[1] == 0).all())
    marginals, _ = log_marginals(emissions, mask, none, start, end)
    assert bool((marginals[0] == -INF).all())


@pytest.mark.parametrize("is_log", [False, True])
def test_first_and_second_derivatives(is_log: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if is_log:
        monkeypatch.setattr(crf_passes, "_scaled", lambda *arguments: None)
    mask = torch.tensor([[1, 1, 0, 1], [0, 0, 1, 0], [0, 0, 0, 0]])
    inputs = numbers(0, 3, 4, K), *parameters()
    assert torch.autograd.gradcheck(lambda e, *p: log_partition(e, mask, *p), inputs)
    assert torch.autograd.gradgradcheck(lambda e, *p: log_partition(e, mask, *p), inputs)
    assert torch.autograd.gradcheck(lambda e, *p: log_marginals(e, mask, *p)[0], inputs)


def test_second_derivative_over_some_inputs_and_forbidden_transitions() -> None:
    transitions, start, end = (p.detach() for p in parameters(forbidden=-INF))
    start.requires_grad_()
    emissions = numbers(0, 2, 4, K)
    inputs = emissions, start
    assert torch.autograd.gradgradcheck(
        lambda e, s: log_partition(e, None, transitions, s, end).nan_to_num(neginf=0.0),
        (emissions, parameters()[1]),
    )
    penalty = torch.autograd.grad(
        log_partition(emissions, None, transitions, start, end).sum(), emissions, create_graph=True
    )[0].square()
    assert all(bool(g.isfinite().all()) for g in torch.autograd.grad(penalty.sum(), inputs))


def test_torch_func_differentiates() -> None:
    emissions, scores = numbers(0, 2, 4, K).detach(), [p.detach() for p in parameters()]
    found = torch.func.grad(lambda e: log_partition(e, None, *scores).sum())(emissions)
    torch.testing.assert_close(found, log_marginals(emissions, None, *scores)[0].exp())


# ---- what users of other libraries complained of


@pytest.mark.parametrize("side", ["left", "right", "holes"])
def test_padded_equals_single(side: str) -> None:
    crf, lengths, time = module(), [5, 1, 0, 3], 7
    places = {
        "left": lambda n: range(time - n, time),
        "right": lambda n: range(n),
        "holes": lambda n: [0, 2, 3, 5, 6][:n],
    }[side]
    rows = [numbers(r, n, K).detach() for r, n in enumerate(lengths)]
    gold = [torch.arange(n) % K for n in lengths]
    # Neither numbers nor tags on padding matter, however bad.
    emissions, tags = torch.full((4, time, K), math.nan).double(), torch.full((4, time), 99)
    mask = torch.zeros(4, time, dtype=torch.bool)
    for r, n in enumerate(lengths):
        at = list(places(n))
        emissions[r, at], tags[r, at], mask[r, at] = rows[r], gold[r], True
    whole = emissions.requires_grad_()
    likelihood = crf(whole, tags, mask)
    likelihood.sum().backward()
    together = [p.grad.clone() for p in crf.parameters()]
    crf.zero_grad()
    for r, row in enumerate(rows):
        alone = row.unsqueeze(0).requires_grad_()
        single = crf(alone, gold[r].unsqueeze(0))
        single.sum().backward()
        torch.testing.assert_close(likelihood[r], single[0], rtol=0, atol=1e-10)
        torch.testing.assert_close(whole.grad[r][mask[r]], alone.grad[0], rtol=0, atol=1e-10)
        assert crf.decode(whole, mask)[r][mask[r]].tolist() == crf.decode(alone)[0].tolist()
        marginals = crf.log_marginals(whole, mask)[r][mask[r]]
        torch.testing.assert_close(marginals, crf.log_marginals(alone)[0], rtol=0, atol=1e-10)
        paths, scores = crf.n_best(whole, mask, 4)
        alone_paths, alone_scores = crf.n_best(alone, None, 4)
        torch.testing.assert_close(scores[r], alone_scores[0], rtol=0, atol=1e-10)
        assert paths[r][:, mask[r]].tolist() == alone_paths[0].tolist()
    assert bool((whole.grad[~mask] == 0).all())
    assert bool((likelihood <= 0).all())
    torch.testing.assert_close([p.grad for p in crf.parameters()], together)


def test_labels_of_minus_100_are_dropped_from_the_chain() -> None:
    crf, emissions = module(), numbers(0, 1, 5, K)
    tags = torch.tensor([[-100, 1, -100, 2, 0]])
    dropped = crf(emissions[:, [1, 3, 4]], tags[:, [1, 3, 4]])
    torch.testing.assert_close(crf(emissions, tags), dropped)
    torch.testing.assert_close(crf(emissions, tags, torch.ones(1, 5)), dropped)
    assert crf(emissions, torch.full((1, 5), -100)).tolist() == [0.0]


@pytest.mark.parametrize("shape", [(2, 0), (0, 4), (0, 0)])
def test_nothing_at_all(shape: tuple[int, int]) -> None:
    crf, emissions = module(ALLOWED), numbers(0, *shape, K)
    tags, mask = torch.zeros(shape, dtype=torch.long), torch.ones(shape, dtype=torch.bool)
    likelihood = crf(emissions, tags, mask, constrained=True)
    assert likelihood.tolist() == [0.0] * shape[0]
    likelihood.sum().backward()
    assert emissions.grad is not None
    assert all(bool((p.grad == 0).all()) for p in crf.parameters())
    assert crf.decode(emissions, mask).shape == shape
    assert crf.log_marginals(emissions, mask).shape == (*shape, K)
    paths, scores = crf.n_best(emissions, mask, 2)
    assert paths.shape == (shape[0], 2, shape[1])
    assert scores.tolist() == [[0.0, -INF]] * shape[0]


def test_one_label() -> None:
    crf, emissions = module(labels=1), numbers(0, 2, 3, 1)
    torch.testing.assert_close(crf(emissions, torch.zeros(2, 3).long()), torch.zeros(2).double())
    assert crf.decode(emissions).tolist() == [[0, 0, 0]] * 2
    assert crf.n_best(emissions, None, 2)[1][:, 1].tolist() == [-INF, -INF]


def test_parts_of_a_batch_sum_to_the_whole() -> None:
    crf, emissions = module(), numbers(0, 6, 5, K)
    tags, mask = torch.arange(30).reshape(6, 5) % K, torch.arange(5) < torch.arange(6).unsqueeze(1)
    crf(emissions, tags, mask).sum().backward()
    whole = [p.grad.clone() for p in crf.parameters()]
    crf.zero_grad()
    for part in (slice(0, 1), slice(1, 4), slice(4, 6)):
        crf(emissions[part], tags[part], mask[part]).sum().backward()
    torch.testing.assert_close([p.grad for p in crf.parameters()], whole)


def test_no_path_enters_a_span_from_outside() -> None:
    labels = ["O", "B-X", "I-X", "B-Y", "I-Y"]
    crf = LinearChainCRF(5, allowed_transitions(labels, "BIO")).double()
    emissions = torch.zeros(1, 3, 5, dtype=torch.double)
    emissions[..., 2] = 50.0  # all wish for I-X
    assert crf.decode(emissions).tolist() == [[1, 2, 2]]
    marginals = crf.log_marginals(emissions).exp()
    assert marginals[0, 0, 2] == 0
    torch.testing.assert_close(marginals.sum(2), torch.ones(1, 3).double())


def test_forbidden_gold_paths_are_no_infinite_loss() -> None:
    crf, emissions = module(ALLOWED), numbers(0, 3, 2, K)
    tags = torch.tensor([[0, 0], [2, 0], [1, 2]])  # the second begins with 2
    likelihood = crf(emissions, tags, constrained=True)
    likelihood.sum().backward()
    assert likelihood[1] == 0
    assert bool((likelihood[[0, 2]] < 0).all())
    assert bool((emissions.grad[1] == 0).all())
    assert all(bool(p.grad.isfinite().all()) for p in crf.parameters())
    assert bool((crf(emissions, tags) < 0).all())  # without constraints it is a path like others


def test_a_row_that_constraints_leave_no_path_is_given_without_them() -> None:
    crf = module(allowed_transitions(["B-X", "I-X", "E-X"], "BIOES"))
    emissions, mask = numbers(0, 2, 3, K), torch.tensor([[1, 1, 1], [1, 0, 0]])
    assert crf.decode(emissions, mask)[0].tolist() == [0, 1, 2]
    free = module()
    assert crf.decode(emissions, mask)[1].tolist() == free.decode(emissions, mask)[1].tolist()
    torch.testing.assert_close(
        crf.log_marginals(emissions, mask)[1], free.log_marginals(emissions, mask)[1]
    )
    assert crf.n_best(emissions, mask, 1)[1][1].tolist() == [-INF]
    emissions.sum().backward()
    crf(emissions, torch.zeros(2, 3).long(), mask, constrained=True).sum().backward()
    assert bool(emissions.grad.isfinite().all())


def test_a_tag_that_is_cut_off_gives_finite_gradients() -> None:
    transitions, start, end = parameters()
    cut = transitions.detach().clone()
    cut[:, 1] = -INF
    cut[1, :] = -INF
    cut.requires_grad_()
    begin = start.detach().clone()
    begin[1] = -INF
    emissions = numbers(0, 2, 5, K)
    tags = torch.tensor([[0, 2, 0, 0, 2], [0, 1, 0, 0, 2]])
    likelihood = log_likelihood(emissions, tags, None, cut, begin.requires_grad_(), end)
    assert likelihood[1] == -INF
    likelihood[0].backward()
    assert bool(cut.grad.isfinite().all())
    assert bool((emissions.grad[..., 1] == 0).all())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_computed_in_full(dtype: torch.dtype) -> None:
    crf = LinearChainCRF(K)
    with torch.no_grad():
        for p, value in zip(crf.parameters(), parameters(), strict=True):
            p.copy_(value)
    half, halved = numbers(0, 4, 200, K, scale=3).detach().to(dtype), crf.to(dtype)
    tags = torch.zeros(4, 200, dtype=torch.long)
    exact = LinearChainCRF(K).double()
    exact.load_state_dict(halved.state_dict())
    expected = exact(half.double(), tags)
    for autocast in (False, True):
        with torch.autocast("cpu", dtype, enabled=autocast):
            emissions = half.clone().requires_grad_()
            found = halved(emissions, tags)
            found.sum().backward()
        assert found.dtype == torch.float32
        torch.testing.assert_close(found.double(), expected, rtol=1e-6, atol=1e-6)
        assert emissions.grad.dtype == dtype
        assert torch.equal(halved.decode(half), exact.decode(half.double()))
        assert halved.log_marginals(half).dtype == torch.float32


def test_scores_that_float32_cannot_hold_are_not_taken_for_forbidden_paths() -> None:
    crf = LinearChainCRF(3, allowed_transitions(["O", "B-X", "I-X"], "BIO"))
    # Whatever the path, it scores less than float32 reaches; alone, I-X would be the best.
    emissions = torch.tensor([-3e38, -2.9e38, -2e38]).expand(1, 4, 3)
    assert crf.decode(emissions).tolist() == [[1, 2, 2, 2]]
    marginals = crf.log_marginals(emissions).exp()
    assert marginals.argmax(2).tolist() == [[1, 2, 2, 2]]
    paths, scores = crf.n_best(emissions, None, 2)
    assert paths[0, 0].tolist() == [1, 2, 2, 2]
    assert bool(scores.isfinite().all())


def test_single_precision_is_computed_in_double() -> None:
    emissions = numbers(0, 2, 50, K, scale=100).detach().float()
    scores = parameters(forbidden=-1e4)
    found = log_partition(emissions, None, *(p.float() for p in scores))
    assert found.dtype == torch.float32
    expected = log_partition(emissions.double(), None, *(p.float().double() for p in scores))
    torch.testing.assert_close(found, expected.float(), rtol=0, atol=0)


# ---- bad input, and the module


@pytest.mark.parametrize("tag", [-1, K, -101])
def test_unknown_tags_are_refused(tag: int) -> None:
    tags = torch.tensor([[0, tag]])
    with pytest.raises(ValueError, match=f"a tag is {tag}, expected 0 to 2, or -100"):
        module()(numbers(0, 1, 2, K), tags)
    module()(numbers(0, 1, 2, K), tags, torch.tensor([[1, 0]]))


def test_shapes_that_do_not_fit_are_refused() -> None:
    crf, emissions = module(), numbers(0, 2, 4, K)
    tags = torch.zeros(2, 4, dtype=torch.long)
    with pytest.raises(ValueError, match=r"emissions have shape \(2, 4, 3\), expected .*, 4\)"):
        module(labels=4).decode(emissions)
    with pytest.raises(ValueError, match=r"mask has shape \(2, 3\)"):
        crf.decode(emissions, torch.ones(2, 3))
    with pytest.raises(ValueError, match=r"mask has shape \(2, 3\)"):
        crf(emissions, tags, torch.ones(2, 3))
    with pytest.raises(ValueError, match=r"tags have shape \(2, 3\)"):
        crf(emissions, tags[:, :3])
    with pytest.raises(ValueError, match="n is 0, expected 1 or more"):
        crf.n_best(emissions, None, 0)
    with pytest.raises(ValueError, match="num_labels is 0"):
        LinearChainCRF(0)
    with pytest.raises(ValueError, match="num_labels is 4, but the constraints are for 3"):
        LinearChainCRF(4, ALLOWED)


def test_module_holds_transitions_alone_and_starts_afresh_from_the_meta_device() -> None:
    with torch.device("meta"):
        crf = LinearChainCRF(3, allowed_transitions(["O", "B-X", "I-X"], "BIO"))
    shapes = {name: tuple(value.shape) for name, value in crf.state_dict().items()}
    assert shapes == {"transitions": (3, 3), "start_transitions": (3,), "end_transitions": (3,)}
    crf = crf.to_empty(device="cpu")
    with torch.no_grad():
        for parameter in crf.parameters():
            parameter.fill_(math.nan)
    init_module(crf, std=0.02)
    assert all(bool((p == 0).all()) for p in crf.parameters())
    assert crf.decode(torch.tensor([[[0.0, 0.0, 9.0], [0.0, 0.0, 9.0]]])).tolist() == [[1, 2]]


def test_n_best_begins_with_the_best_path() -> None:
    emissions, scores = numbers(0, 3, 20, 7), parameters(labels=7)
    best, score = viterbi(emissions, None, *scores)
    paths, ranked = n_best(emissions, None, *scores, n=6)
    assert torch.equal(paths[:, 0], best)
    torch.testing.assert_close(ranked[:, 0], score)
    likelihoods = [log_likelihood(emissions, paths[:, i], None, *scores) for i in range(6)]
    total = log_partition(emissions, None, *scores).unsqueeze(1)
    torch.testing.assert_close(torch.stack(likelihoods, 1), ranked - total)
