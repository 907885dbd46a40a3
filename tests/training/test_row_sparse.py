"""Row-sparse updates are the dense ones on the rows that a step has read, and leave the others."""

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from transformers import Trainer, TrainingArguments

from hf_recurrent import RecurrentConfig, RecurrentForCausalLM
from hf_recurrent.training import RowAdagrad, RowAdam, RowSGD, SparseGradients
from hf_recurrent.training.row_sparse import RowOptimizer
from tests.common.bad_input import assert_one_sentence

IDS = torch.tensor([[3, 4, 5, 3], [7, 4, 9, 2]])
OPTIMIZERS: dict[str, tuple[type[RowOptimizer], dict[str, Any]]] = {
    "adagrad": (RowAdagrad, {"lr": 0.1}),
    "adagrad with momentum": (RowAdagrad, {"lr": 0.1, "momentum": 0.5, "weight_decay": 0.1}),
    "adam": (RowAdam, {"lr": 0.1, "weight_decay": 0.1}),
    "sgd": (RowSGD, {"lr": 0.5, "weight_decay": 0.1}),
}


def make(tied: bool = False) -> RecurrentForCausalLM:
    torch.manual_seed(0)
    config = RecurrentConfig(
        vocab_size=30,
        embedding_size=4,
        hidden_size=4,
        tie_word_embeddings=tied,
        output_loss="sampled_softmax",
        output_loss_config={"sampler": "uniform", "negatives": 3},
    )
    return RecurrentForCausalLM(config).double()


def switch(model: RecurrentForCausalLM, sparse: bool) -> None:
    model.get_input_embeddings().sparse = sparse
    assert model.sampled_loss is not None
    model.sampled_loss.sparse_gradients = sparse


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_sparse_steps_are_dense_steps_of_the_rows_that_were_read(name: str, tied: bool) -> None:
    """Two steps on the same rows, in two parts each; the gradient is clipped."""
    kind, numbers = OPTIMIZERS[name]
    models = [make(tied), make(tied)]
    before = copy.deepcopy(models[0].state_dict())
    read = None
    for model, sparse in zip(models, (False, True), strict=True):
        optimizer = kind(model.parameters(), max_norm=0.5, **numbers)
        switch(model, sparse)
        for _ in range(2):
            for part in IDS.split(1):
                torch.manual_seed(4)
                model(part, labels=part, num_items_in_batch=6).loss.backward()
            if read is None:
                grad = model.lm_head.weight.grad
                assert grad is not None
                read = grad.any(1)
                assert 3 < int(read.sum()) < 15
            assert (model.lm_head.weight.grad is None) == sparse
            optimizer.step()
            optimizer.zero_grad()
            model.zero_grad()
    dense, found = (model.state_dict() for model in models)
    assert read is not None
    for key in ("lm_head.weight", "lm_head.bias"):
        torch.testing.assert_close(found[key][read], dense[key][read])
        assert not torch.equal(found[key][read], before[key][read])
        assert torch.equal(found[key][~read], before[key][~read])
    embeddings = "model.embed_tokens.weight"
    looked_up = IDS[:, :-1].unique()  # the last token of a row predicts nothing
    torch.testing.assert_close(found[embeddings][looked_up], dense[embeddings][looked_up])
    for key, value in found.items():
        if key.startswith("model.layers"):
            torch.testing.assert_close(value, dense[key])


def test_clipping_is_that_of_torch_over_all_gradients() -> None:
    models, steps = [make(), make()], []
    switch(models[1], True)
    for model in models:
        torch.manual_seed(4)
        model(IDS, labels=IDS).loss.backward()
    norm = nn.utils.clip_grad_norm_(models[0].parameters(), 0.1)
    assert norm > 0.2
    for model, limit in zip(models, (None, 0.1), strict=True):
        RowSGD(model.parameters(), lr=1.0, max_norm=limit).step()
        steps.append([p.detach() for p in model.parameters()])
    for ours, theirs in zip(*steps, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_adam_equals_torch_where_gradients_are_dense() -> None:
    models = [make(), make()]
    optimizers = [
        RowAdam(models[0].parameters(), lr=0.1, weight_decay=0.2),
        torch.optim.AdamW(models[1].parameters(), lr=0.1, weight_decay=0.2),
    ]
    for _ in range(3):
        for model, optimizer in zip(models, optimizers, strict=True):
            torch.manual_seed(4)
            model(IDS, labels=IDS).loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    for ours, theirs in zip(models[0].parameters(), models[1].parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_adagrad_by_hand() -> None:
    weight = nn.Parameter(torch.tensor([1.0]))
    optimizer = RowAdagrad([weight], lr=0.1, momentum=0.5, eps=1.0)
    for grad, expected in ((2.0, 1 - 0.2 / 5**0.5), (1.0, None)):
        weight.grad = torch.tensor([grad])
        optimizer.step()
        if expected is not None:
            assert weight.item() == pytest.approx(expected)
    # a = 5 and the velocity half of the first change, less 0.1 / sqrt(6).
    first = -0.2 / 5**0.5
    assert weight.item() == pytest.approx(1 + first + 0.5 * first - 0.1 / 6**0.5)


def test_a_table_with_both_kinds_of_gradient_gets_their_sum() -> None:
    table = nn.Embedding(4, 1, sparse=True)
    before = table.weight.detach().clone()
    optimizer = RowSGD(table.parameters(), lr=1.0)
    table(torch.tensor([1, 1, 3])).sum().backward()
    (2 * table.weight).sum().backward()
    optimizer.step()
    change = (before - table.weight.detach()).flatten()
    torch.testing.assert_close(change, torch.tensor([2.0, 4.0, 2.0, 3.0]))


def test_states_of_a_run_without_momentum_are_taken_on() -> None:
    weights = [nn.Parameter(torch.ones(2)) for _ in range(2)]
    before, after = (RowAdagrad([weights[i]], momentum=i / 2) for i in range(2))
    for each in (before, after):
        weights[0].grad = weights[1].grad = torch.ones(2)
        if each is after:
            after.load_state_dict(before.state_dict())
        each.step()
    squares = after.state[weights[1]]["squares"]
    assert squares.tolist() == [2, 2]


def rows() -> list[dict[str, Any]]:
    return [{"input_ids": ids, "labels": ids} for ids in IDS.tolist()]


def trainer(folder: Path, optimizer: Any = None, **options: Any) -> Trainer:
    given = {"max_grad_norm": 0, "max_steps": 2, "logging_steps": 1, "save_steps": 1, **options}
    arguments = TrainingArguments(
        str(folder),
        per_device_train_batch_size=1,
        gradient_accumulation_steps=2,
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        **given,
    )
    return Trainer(
        make(tied=True).float(),
        arguments,
        train_dataset=rows(),
        callbacks=[SparseGradients()],
        optimizer_cls_and_kwargs=optimizer or (RowAdagrad, {"lr": 0.1, "max_norm": 1.0}),
    )


def test_trainer_trains(tmp_path: Path) -> None:
    optimizer = RowAdagrad, {"lr": 0.1, "max_norm": 1.0, "eps": 1e-30}
    found = trainer(tmp_path, optimizer, max_steps=1, save_strategy="no")
    model, plain = found.model, make(tied=True).float().train()
    before = [p.detach().clone() for p in plain.parameters()]
    assert isinstance(model, RecurrentForCausalLM)
    found.train()
    assert not model.get_input_embeddings().sparse
    changes = [p.detach() - old for p, old in zip(model.parameters(), before, strict=True)]
    # The first step of Adagrad is the learning rate, with the sign of the gradient.
    for change in changes:
        moved = change[change != 0]
        assert len(moved)
        torch.testing.assert_close(moved.abs(), torch.full_like(moved, 0.1))
    table = changes[0].any(1)
    assert 5 < int(table.sum()) < 25


@pytest.mark.slow
def test_a_resumed_run_goes_on_as_the_whole_one(tmp_path: Path) -> None:
    whole = trainer(tmp_path)
    whole.train()
    resumed = trainer(tmp_path)
    resumed.train(resume_from_checkpoint=str(tmp_path / "checkpoint-1"))
    assert isinstance(resumed.model, RecurrentForCausalLM)
    assert isinstance(whole.model, RecurrentForCausalLM)
    for ours, theirs in zip(resumed.model.parameters(), whole.model.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("case", ["max_grad_norm", "optimizer", "fp16"])
def test_what_cannot_be_sparse_is_refused(case: str, tmp_path: Path) -> None:
    model: Any = make()
    callback, arguments = SparseGradients(), TrainingArguments(str(tmp_path), max_grad_norm=0)
    optimizer: Any = RowSGD(model.parameters())
    if case == "max_grad_norm":
        arguments.max_grad_norm = 1.0
    elif case == "fp16":
        arguments.fp16 = True
    else:
        optimizer = torch.optim.AdamW(model.parameters())
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is checked below
        callback.on_train_begin(arguments, None, None, model=model, optimizer=optimizer)  # type: ignore[arg-type]
    assert_one_sentence(caught.value, case)


def test_numbers_out_of_their_range() -> None:
    weights = [nn.Parameter(torch.ones(2))]
    for kind, numbers, named in (
        (RowAdagrad, {"lr": -1.0}, "lr"),
        (RowAdagrad, {"momentum": 1.0}, "momentum"),
        (RowAdam, {"betas": (0.9, 1.5)}, "beta2"),
        (RowSGD, {"max_norm": 0.0}, "max_norm"),
        (RowSGD, {"weight_decay": float("nan")}, "weight_decay"),
    ):
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            kind(weights, **numbers)  # type: ignore[arg-type]
        assert_one_sentence(caught.value, named)
