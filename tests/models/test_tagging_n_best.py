"""The best paths of a tagger with a CRF, against the enumeration of all of them."""

import itertools
from typing import Any

import pytest
import torch

from hf_recurrent import RecurrentForTokenClassification

from .test_tagging import BIO, IDS, MASK, STARTS, make

LEFT = torch.tensor([[1, 1, 1, 1, 1, 1], [0, 0, 1, 1, 1, 1]])
HOLES = torch.tensor([[1, 0, 1, 1, 0, 1], [1, 1, 0, 0, 0, 0]])
EMPTY = torch.tensor([[1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0]])


def enumerated(
    model: RecurrentForTokenClassification, row: int, **given: Any
) -> list[tuple[float, list[int]]]:
    """Return the log-probability of each path of a row, by its definition, the best first."""
    crf, steps = model.crf, given["attention_mask"][row].bool()
    if "word_starts" in given:
        steps = steps & given["word_starts"][row].bool()
    inputs = {"input_ids": given["input_ids"], "attention_mask": given["attention_mask"]}
    emissions = model.classifier(model.model(**inputs).last_hidden_state)[row][steps].double()
    scored = []
    for path in itertools.product(range(3), repeat=int(steps.sum())):
        # Of BIO: I-X (2) stands behind B-X (1) and I-X.
        is_allowed = all(b != 2 or a in (1, 2) for a, b in itertools.pairwise([0, *path]))
        if model.config.tag_scheme and not is_allowed:
            continue
        score = sum(emissions[t, tag] for t, tag in enumerate(path))
        score += sum(crf.transitions[a, b] for a, b in itertools.pairwise(path))
        if path:
            score += crf.start_transitions[path[0]] + crf.end_transitions[path[-1]]
        scored.append((float(score), list(path)))
    total = torch.tensor([score for score, _ in scored], dtype=torch.float64).logsumexp(0).item()
    return sorted(((score - total, path) for score, path in scored), reverse=True)


def spread(path: list[int], mask: torch.Tensor, starts: torch.Tensor | None) -> list[int]:
    """Return a path with the tag of each word on all of its pieces, -100 on padding."""
    tags, found, own = iter(path), [], -100
    for is_real, begins in zip(mask.bool(), mask if starts is None else starts, strict=True):
        own = next(tags) if is_real and begins else own
        found.append(own if is_real else -100)
    return found


@pytest.mark.parametrize("scheme", [None, "BIO"])
@pytest.mark.parametrize("starts", [None, STARTS])
@pytest.mark.parametrize("mask", [MASK, LEFT, HOLES, EMPTY])
@torch.no_grad()
def test_the_best_paths_by_enumeration(mask: torch.Tensor, starts: Any, scheme: Any) -> None:
    model = make(3, crf=True, tag_scheme=scheme)
    given = {"input_ids": IDS, "attention_mask": mask}
    given |= {} if starts is None else {"word_starts": starts}
    found = model.n_best(5, **given)
    assert (found.paths.shape, found.log_probabilities.shape) == ((2, 5, 6), (2, 5))
    for row in range(2):
        expected = enumerated(model, row, **given)[:5]
        own = None if starts is None else starts[row]
        for rank, (log_probability, path) in enumerate(expected):
            assert found.paths[row, rank].tolist() == spread(path, mask[row], own)
            assert float(found.log_probabilities[row, rank]) == pytest.approx(
                log_probability, abs=1e-5
            )
        missing = 5 - len(expected)
        assert (found.log_probabilities[row] == -torch.inf).sum() == missing
        assert (found.paths[row, len(expected) :] == -100).all()
    assert torch.equal(found.paths[:, 0], model(**given).predictions)


def test_all_paths_together_have_the_probability_1() -> None:
    model = make(**BIO)
    ranked = model.n_best(50, input_ids=IDS[:, :3])
    torch.testing.assert_close(ranked.log_probabilities.exp().sum(1), torch.ones(2))
    assert not ranked.log_probabilities.requires_grad


def test_a_row_that_constraints_leave_no_path_is_given_without_them() -> None:
    names = {0: "B-X", 1: "I-X", 2: "E-X"}
    model = make(crf=True, tag_scheme="BIOES", id2label=names)
    mask = torch.tensor([[1, 1, 1, 0, 0, 0], [1, 0, 0, 0, 0, 0]])
    given = {"input_ids": IDS, "attention_mask": mask}
    ranked = model.n_best(3, **given)
    assert ranked.paths[0, 0].tolist()[:3] == [0, 1, 2]
    assert ranked.log_probabilities[0].tolist() == [0.0, -torch.inf, -torch.inf]
    assert ranked.log_probabilities[1].exp().sum() == pytest.approx(1.0)
    assert torch.equal(ranked.paths[:, 0], model(**given).predictions)


def test_what_cannot_be_is_one_sentence() -> None:
    with pytest.raises(ValueError, match=r"no CRF, so no paths are scored: .* crf=True") as caught:
        make().n_best(2, input_ids=IDS)
    assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match="n is 0, expected 1 or more paths"):
        make(crf=True).n_best(0, input_ids=IDS)
    with pytest.raises(ValueError, match=r"word_starts has shape \(2, 3\), expected"):
        make(crf=True).n_best(1, input_ids=IDS, word_starts=STARTS[:, :3])
