"""The output losses of language models: what is computed when, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from transformers import AutoModelForCausalLM

from hf_recurrent import RecurrentConfig, RecurrentForCausalLM
from hf_recurrent.models.sampled_losses import Scores, bpr_max, corrected, nce, top1_max
from hf_recurrent.models.sampled_losses import sampled_softmax as softmax
from tests.common.bad_input import assert_one_sentence
from tests.common.one_step import train_one_step

IDS = torch.tensor([[3, 4, 5, 6], [7, 8, 4, 2]])
COUNTS = torch.arange(13)
DRAWN: dict[str, Any] = {"negatives": 5}
LOSSES: dict[str, tuple[str, dict[str, Any]]] = {
    "adaptive": ("adaptive", {"cutoffs": [3, 8]}),
    "sampled_softmax": ("sampled_softmax", DRAWN),
    "sampled_softmax_in_batch": ("sampled_softmax", {"sampler": "in_batch"}),
    "nce": ("nce", {**DRAWN, "in_batch": True}),
    "bpr_max": ("bpr_max", {"sampler": "in_batch", "bpreg": 0.3, "elu": 0.5}),
    "top1_max": ("top1_max", {**DRAWN, "sampler": {"uniform": 1, "unigram": 2}}),
}


def make(kind: str, counts: bool = True, **fields: Any) -> RecurrentForCausalLM:
    torch.manual_seed(0)
    loss, given = LOSSES[kind]
    tiny = {"vocab_size": 13, "embedding_size": 5, "hidden_size": 4}
    config = RecurrentConfig(**{**tiny, "output_loss": loss, "output_loss_config": given, **fields})
    model = RecurrentForCausalLM(config)
    if counts:
        model.set_token_counts(COUNTS)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.5 * torch.randn_like(parameter))
    return model


def naive(model: RecurrentForCausalLM, logits: Tensor, targets: Tensor) -> Tensor:
    """Return the summed loss of labels from all their logits (tokens, vocab_size), row by row."""
    loss = model.sampled_loss
    assert loss is not None
    drawn = loss.draw()
    chances = loss.log_expected(torch.arange(13), len(targets) - 1 if loss.in_batch else 0)
    total = torch.zeros((), dtype=logits.dtype)
    for place, (row, label) in enumerate(zip(logits, targets.tolist(), strict=True)):
        ids = drawn
        if loss.in_batch:
            ids = torch.cat([targets[:place], targets[place + 1 :], drawn])
        scores = Scores(row[label].unsqueeze(0), row[ids].unsqueeze(0))
        if loss.elu is not None:
            scores = Scores(*(nn.functional.elu(each, loss.elu) for each in scores[:2]))
        if loss.kind in ("sampled_softmax", "nce"):
            scores = corrected(scores, chances[label], chances[ids])
        losses: dict[str, Any] = {
            "sampled_softmax": softmax,
            "nce": nce,
            "bpr_max": lambda s: bpr_max(s, loss.bpreg),
            "top1_max": top1_max,
        }
        total = total + losses[loss.kind](scores).sum()
    return total


SAMPLED = [kind for kind in LOSSES if kind != "adaptive"]


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("kind", SAMPLED)
def test_training_equals_a_naive_form(kind: str, tied: bool) -> None:
    """Value and gradients in float64, from rows, from called layers, and as sparse gradients."""
    model = make(kind, tie_word_embeddings=tied).double()
    labels = IDS.clone()
    labels[1, 2] = -100
    targets = labels[:, 1:][labels[:, 1:] != -100]
    logits = model.eval()(IDS).logits[:, :-1][labels[:, 1:] != -100]
    torch.manual_seed(5)
    expected = naive(model, logits, targets) / len(targets)
    wanted = torch.autograd.grad(expected, list(model.parameters()))
    model.train()
    assert model.sampled_loss is not None
    for sparse, skip in ((False, True), (True, True), (False, False)):
        model.sampled_loss.sparse_gradients = sparse
        torch.manual_seed(5)
        output = model(IDS, labels=labels, skip_logits=skip)
        assert (output.logits is None) == skip
        torch.testing.assert_close(output.loss, expected)
        found = torch.autograd.grad(output.loss, list(model.parameters()))
        assert any(grad.is_sparse for grad in found) == sparse
        for ours, theirs in zip(found, wanted, strict=True):
            torch.testing.assert_close(ours.to_dense(), theirs)


@pytest.mark.parametrize("kind", LOSSES)
def test_evaluation_is_over_all_tokens(kind: str) -> None:
    model = make(kind).double().eval()
    logits = model(IDS).logits
    assert logits.shape == (2, 4, 13)
    scores, targets = logits[:, :-1].flatten(0, 1), IDS[:, 1:].flatten()
    expected = nn.functional.cross_entropy(scores, targets)
    if kind == "adaptive":
        torch.testing.assert_close(logits.exp().sum(-1), torch.ones(2, 4).double())
    if kind in ("bpr_max", "top1_max"):
        ids = torch.tensor([[i for i in range(13) if i != label] for label in targets.tolist()])
        given = Scores(scores.gather(1, targets[:, None])[:, 0], scores.gather(1, ids))
        if kind == "bpr_max":
            given = Scores(*(nn.functional.elu(each, 0.5) for each in given[:2]))
        expected = (bpr_max(given, 0.3) if kind == "bpr_max" else top1_max(given)).mean()
    for skip in (False, True):
        output = model(IDS, labels=IDS, skip_logits=skip)
        torch.testing.assert_close(output.loss, expected)


def test_ranking_goes_through_many_tokens_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    model = make("bpr_max").eval()
    whole = model(IDS, labels=IDS).loss
    monkeypatch.setattr("hf_recurrent.models.output_loss._SCORES", 2 * 13)
    for skip in (False, True):
        torch.testing.assert_close(model(IDS, labels=IDS, skip_logits=skip).loss, whole)


@pytest.mark.parametrize("kind", LOSSES)
def test_a_checkpoint_is_whole_and_every_use_works(kind: str, tmp_path: Path) -> None:
    model = make(kind).eval()
    model.save_pretrained(tmp_path)
    loaded = AutoModelForCausalLM.from_pretrained(tmp_path)
    for name, value in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value), name
    losses = []
    for each in (model.train(), loaded.train()):
        torch.manual_seed(3)
        losses.append(each(IDS, labels=IDS).loss)
    assert torch.equal(*losses)
    loaded.eval()
    assert loaded.generate(IDS, max_new_tokens=3).shape == (2, 7)
    scores = loaded(IDS).logits.double().log_softmax(-1)[:, :-1]
    expected = scores.gather(2, IDS[:, 1:, None]).squeeze(2)
    found = torch.stack(loaded.log_probabilities(IDS))
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


def test_drawn_negatives_are_shared_and_the_parts_of_a_batch_add_up() -> None:
    model = make("sampled_softmax")

    def loss(ids: Tensor) -> Tensor:
        torch.manual_seed(2)
        found: Tensor = model(ids, labels=ids, num_items_in_batch=6).loss
        return found

    torch.testing.assert_close(loss(IDS), loss(IDS[:1]) + loss(IDS[1:]))


def test_negatives_of_the_batch_are_those_of_the_part_that_is_computed() -> None:
    model = make("sampled_softmax_in_batch").eval()
    logits, total = model(IDS).logits[:, :-1], torch.zeros(())
    for row in range(2):
        total = total + naive(model, logits[row], IDS[row, 1:])
    model.train()
    parts = [model(one, labels=one, num_items_in_batch=6).loss for one in IDS.split(1)]
    torch.testing.assert_close(sum(parts), total / 6)
    assert not torch.isclose(total / 6, model(IDS, labels=IDS).loss, rtol=1e-3)


@pytest.mark.parametrize("kind", LOSSES)
def test_nothing_to_compare(kind: str) -> None:
    model = make(kind)
    for labels in (torch.full_like(IDS, -100), IDS.where(IDS == 8, -100)):
        loss = model(IDS, labels=labels).loss
        loss.backward()
        assert loss.isfinite()
        if labels.max() < 0 or model.config.output_loss_config.get("sampler") == "in_batch":
            assert float(loss.detach()) == 0
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)


def test_a_trainer_that_takes_the_labels_is_refused() -> None:
    """With ``label_smoothing_factor`` it calls the model so."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is checked below
        make("nce")(IDS, num_items_in_batch=torch.tensor(6))
    assert_one_sentence(caught.value, "label_smoothing_factor", "'nce'")


def test_a_step_of_trainer_on_two_parts_is_that_on_the_whole(tmp_path: Path) -> None:
    rows = [{"input_ids": ids, "labels": ids} for ids in IDS.tolist()]
    model = make("adaptive")
    model(IDS, labels=IDS).loss.backward()
    expected = {n: p.detach() - p.grad for n, p in model.named_parameters()}
    model.zero_grad()
    train_one_step(model, rows, 1, 2, tmp_path)
    for name, value in model.named_parameters():
        torch.testing.assert_close(value, expected[name], rtol=1e-5, atol=1e-5)


def test_counts_can_set_the_bias_of_a_fresh_model() -> None:
    model = make("nce", counts=False)
    with torch.no_grad():
        model.lm_head.weight.zero_()
    model.set_token_counts(COUNTS + 1, set_bias=True)
    shares = (COUNTS + 1) / (COUNTS + 1).sum()
    torch.testing.assert_close(model(IDS).logits.softmax(-1)[0, 0], shares)


def test_resizing() -> None:
    model = make("sampled_softmax")
    for size in (15, 6):
        model.resize_token_embeddings(size)
        assert model.sampled_loss is not None
        counts = model.sampled_loss.token_counts
        assert counts.tolist() == [*range(13), 0, 0][:size]
        ids = IDS.clamp(max=5)
        assert model(ids, labels=ids).loss.isfinite()
    model = make("adaptive")
    model.resize_token_embeddings(13)
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        model.resize_token_embeddings(None, pad_to_multiple_of=8)
    assert_one_sentence(caught.value, "adaptive", "13", "16")


def test_bf16_is_near() -> None:
    for kind in SAMPLED:
        model = make(kind)
        losses = []
        for dtype in (torch.float32, torch.bfloat16):
            torch.manual_seed(2)
            with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
                losses.append(model(IDS, labels=IDS).loss)
            assert losses[-1].dtype == torch.float32
        torch.testing.assert_close(losses[1], losses[0], rtol=0.05, atol=0.05)
        assert model.bfloat16()(IDS, labels=IDS).loss.isfinite()


def bad(loss: str, **fields: Any) -> dict[str, Any]:
    return {"output_loss": loss, "output_loss_config": fields}


BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no loss": (bad("hinge"), ["output_loss", "'hinge'", "nce"]),
    "no field": (bad("nce", cutoffs=[2]), ["'cutoffs'", "'nce'", "negatives"]),
    "a field of nothing": (bad("cross_entropy", negatives=3), ["'cross_entropy'", "none"]),
    "no negatives": (bad("nce", negatives=0), ["negatives", "0", "at least 1"]),
    "negatives by half": (bad("nce", negatives=1.5), ["negatives", "1.5"]),
    "true negatives": (bad("nce", negatives=True), ["negatives", "True"]),
    "no alpha": (bad("nce", alpha="x"), ["alpha", "'x'", "number"]),
    "alpha nan": (bad("nce", alpha=float("nan")), ["alpha", "nan"]),
    "low alpha": (bad("nce", alpha=-1), ["alpha", "-1"]),
    "no sampler": (bad("nce", sampler="zipf"), ["sampler", "'zipf'", "log_uniform"]),
    "a list": (bad("nce", sampler=["uniform"]), ["sampler", "uniform"]),
    "no mixture": (bad("nce", sampler={}), ["sampler"]),
    "an unknown part": (bad("nce", sampler={"in_batch": 1}), ["'in_batch'", "in_batch=True"]),
    "a weight of 0": (bad("nce", sampler={"uniform": 0, "unigram": 1}), ["uniform", "above 0"]),
    "shares of one": (bad("nce", fixed_shares=True), ["fixed_shares"]),
    "no boolean": (bad("nce", in_batch=1), ["in_batch", "boolean"]),
    "negatives of none": (bad("nce", sampler="in_batch", negatives=3), ["negatives"]),
    "alpha of none": (bad("nce", sampler="uniform", alpha=0.5), ["alpha", "unigram"]),
    "bpreg": (bad("bpr_max", bpreg=-1.0), ["bpreg", "-1.0"]),
    "bpreg of another": (bad("top1_max", bpreg=1.0), ["bpreg", "top1_max"]),
    "elu": (bad("top1_max", elu=0), ["elu", "above 0"]),
    "smoothing": ({**bad("nce"), "label_smoothing": 0.1}, ["label_smoothing", "'nce'"]),
    "tied": ({**bad("adaptive"), "tie_word_embeddings": True}, ["tie_word_embeddings"]),
    "falling cutoffs": (bad("adaptive", cutoffs=[5, 2]), ["cutoffs", "[5, 2]"]),
    "no cutoffs": (bad("adaptive", cutoffs=[]), ["cutoffs", "[]"]),
    "high cutoffs": (bad("adaptive", cutoffs=[2, 13]), ["cutoffs", "13"]),
    "cutoffs of words": (bad("adaptive", cutoffs="abc"), ["cutoffs", "'abc'"]),
    "halves": (bad("adaptive", cutoffs=[2.5]), ["cutoffs", "2.5"]),
    "div_value": (bad("adaptive", div_value=0.5), ["div_value", "0.5"]),
    "few tokens": ({**bad("adaptive"), "vocab_size": 1}, ["vocab_size", "1"]),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_fields_are_refused_in_one_sentence(case: str) -> None:
    fields, named = BAD[case]
    config = RecurrentConfig(**{"vocab_size": 13, "hidden_size": 4, **fields})
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        RecurrentForCausalLM(config)
    assert_one_sentence(caught.value, *named)


def test_counts_that_are_not_there_are_asked_for_in_training_only() -> None:
    model = make("sampled_softmax", counts=False)
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        model(IDS, labels=IDS)
    assert_one_sentence(caught.value, "unigram", "set_token_counts")
    assert model.eval()(IDS, labels=IDS).loss.isfinite()
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        model.set_token_counts([1, 2])
    assert_one_sentence(caught.value, "(2,)", "(13,)")
