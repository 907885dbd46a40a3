"""States carried by the plain Trainer: equal to one long loop, also on two ranks and resumed."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import Trainer, TrainerCallback, TrainingArguments

from hf_recurrent import RecurrentConfig, RecurrentForCausalLM
from hf_recurrent.training import StateCarrier, TextStreams, collate_windows
from tests.common.checkpoints import outside
from tests.training.test_trainer import CHECKPOINTING, StopAt

WORDS = 11
TEXT = np.random.default_rng(0).integers(0, WORDS, 150)
HELD_OUT = np.random.default_rng(1).integers(0, WORDS, 62)
STREAMS, WINDOW, ACCUMULATED = 4, 5, 2
RATE = 0.5
SCRIPT = Path(__file__).with_name("carry_states_on_ranks.py")


def make_model(cell_type: str = "lstm", **fields: Any) -> RecurrentForCausalLM:
    torch.manual_seed(0)
    settings = {"embedding_size": 6, "hidden_size": 5, "num_hidden_layers": 2}
    config = RecurrentConfig(
        vocab_size=WORDS, pad_token_id=None, cell_type=cell_type, **settings | fields
    )
    return RecurrentForCausalLM(config)


def make_trainer(
    model: Any,
    folder: Path,
    callbacks: Any = None,
    ranks: int = 1,
    train: Any = None,
    **arguments: Any,
) -> Trainer:
    """Two epochs of 8 windows, two of them in a step, with an evaluation after every step."""
    settings: dict[str, Any] = {
        "per_device_train_batch_size": STREAMS // ranks,
        "per_device_eval_batch_size": 2 // ranks,
        "gradient_accumulation_steps": ACCUMULATED,
        "train_sampling_strategy": "sequential",
        "num_train_epochs": 2,
        "optim": "sgd",
        "learning_rate": RATE,
        "lr_scheduler_type": "constant",
        "max_grad_norm": 0,
        "eval_strategy": "steps",
        "eval_steps": 1,
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "use_cpu": True,
    }
    return Trainer(
        model,
        TrainingArguments(str(folder), **{**settings, **arguments}),
        train_dataset=train if train is not None else TextStreams(TEXT, STREAMS, WINDOW),
        eval_dataset=TextStreams(HELD_OUT, 2, 9),
        data_collator=collate_windows,
        callbacks=[StateCarrier(), *(callbacks or [])],
    )


def streams_of(ids: np.ndarray, number: int) -> list[Tensor]:
    """Return each stream with the token after its end, cut by hand."""
    ends = [i * (len(ids) - 1) // number for i in range(number + 1)]
    return [torch.tensor(ids[a : b + 1]) for a, b in pairwise(ends)]


def run(model: Any, ids: Tensor, state: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the summed loss of one row (time + 1), and the states after it."""
    outputs = model(ids[None, :-1], output_final_state=True, **state)
    loss = nn.functional.cross_entropy(outputs.logits[0], ids[1:], reduction="sum")
    new = {
        "initial_hidden_state": outputs.final_hidden_state,
        "initial_cell_state": outputs.final_cell_state,
    }
    return loss, {name: value.detach() for name, value in new.items() if value is not None}


def mean_loss(model: Any, ids: np.ndarray, streams: int) -> float:
    model.eval()
    with torch.no_grad():
        total = sum(run(model, stream, {})[0] for stream in streams_of(ids, streams))
    model.train()
    return float(total) / (len(ids) - 1)


def long_loop(model: Any, epochs: int = 2) -> tuple[list[float], list[float]]:
    """Train by hand, one row at a time; return the losses of training and of evaluation."""
    streams = streams_of(TEXT, STREAMS)
    longest = max(map(len, streams)) - 1
    windows = -(-longest // WINDOW)
    cuts = [i * longest // windows for i in range(windows + 1)]
    losses, evaluated = [], []
    for _ in range(epochs):
        states: list[dict[str, Tensor]] = [{} for _ in streams]
        for first in range(0, windows, ACCUMULATED):
            total, items = torch.zeros(()), 0
            for window in range(first, min(first + ACCUMULATED, windows)):
                for place, stream in enumerate(streams):
                    piece = stream[cuts[window] : cuts[window + 1] + 1]
                    loss, states[place] = run(model, piece, states[place])
                    total, items = total + loss, items + len(piece) - 1
            model.zero_grad()
            (total / items).backward()
            with torch.no_grad():
                for parameter in model.parameters():
                    parameter -= RATE * parameter.grad
            losses.append(float(total.detach()) / items)
            evaluated.append(mean_loss(model, HELD_OUT, 2))
    return losses, evaluated


def logged(trainer: Trainer, name: str) -> list[float]:
    return [log[name] for log in trainer.state.log_history if name in log]


@pytest.mark.parametrize("cell_type", ["lstm", "gru", "mingru"])
def test_equals_one_long_loop(cell_type: str, tmp_path: Path) -> None:
    by_hand, model = make_model(cell_type), make_model(cell_type)
    losses, evaluated = long_loop(by_hand)
    trainer = make_trainer(model, tmp_path)
    trainer.train()
    assert len(losses) == 8
    assert logged(trainer, "loss") == pytest.approx(losses, rel=1e-5)
    assert logged(trainer, "eval_loss") == pytest.approx(evaluated, rel=1e-5)
    for name, value in by_hand.state_dict().items():
        torch.testing.assert_close(model.state_dict()[name], value, rtol=0, atol=1e-5, msg=name)
    # What was read in training does not change an evaluation, nor the reverse.
    assert trainer.evaluate()["eval_loss"] == pytest.approx(evaluated[-1], rel=1e-5)


@pytest.mark.parametrize(
    "settings", [{CHECKPOINTING: True}, {"dataloader_num_workers": 1}], ids=str
)
def test_equals_one_long_loop_with(settings: dict[str, Any], tmp_path: Path) -> None:
    losses, evaluated = long_loop(make_model())
    trainer = make_trainer(make_model(), tmp_path, **settings)
    trainer.train()
    assert logged(trainer, "loss") == pytest.approx(losses, rel=1e-5)
    assert logged(trainer, "eval_loss") == pytest.approx(evaluated, rel=1e-5)


@pytest.mark.slow
def test_two_ranks_resumed_equal_one_long_loop(tmp_path: Path) -> None:
    """Two ranks, two accumulated windows, evaluations, and a stop in the first epoch."""
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    done = subprocess.run(
        [sys.executable, *launch, SCRIPT, tmp_path / "ranks"],
        env=outside(tmp_path) | {"PYTHONPATH": str(SCRIPT.parents[2])},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    by_hand = make_model()
    losses, evaluated = long_loop(by_hand)
    found = json.loads((tmp_path / "ranks" / "losses.json").read_text())
    assert found["loss"] == pytest.approx(losses, rel=1e-5)
    assert found["eval_loss"] == pytest.approx(evaluated, rel=1e-5)
    weights = load_file(tmp_path / "ranks" / "model.safetensors")
    for name, value in by_hand.state_dict().items():
        torch.testing.assert_close(weights[name], value, rtol=0, atol=1e-5, msg=name)


@pytest.mark.parametrize("stop", [2, *(pytest.param(n, marks=pytest.mark.slow) for n in (4, 5))])
@pytest.mark.parametrize("varied", [False, True], ids=["equal-windows", "random-windows"])
def test_resumed_is_equal_to_the_bit(stop: int, varied: bool, tmp_path: Path) -> None:
    dropouts = {"embedding_dropout": 0.2, "hidden_dropout": 0.2, "variational_dropout": True}

    def trainer(model: Any, name: str, callbacks: Any = None) -> Trainer:
        rows = TextStreams(TEXT, STREAMS, WINDOW, random_windows=varied)
        settings = {"save_strategy": "steps", "save_steps": stop, "optim": "adamw_torch"}
        return make_trainer(
            model, tmp_path / name, callbacks, train=rows, learning_rate=0.01, **settings
        )

    whole = make_model(**dropouts)
    trainer(whole, "whole").train()
    trainer(make_model(**dropouts), "parts", [StopAt(stop)]).train()
    resumed = make_model(**dropouts)
    last = trainer(resumed, "parts")
    last.train(resume_from_checkpoint=True)
    assert last.state.global_step == 8
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_forward_stays_a_function_of_its_arguments(tmp_path: Path) -> None:
    model = make_model()
    keys = set(model.state_dict())
    ids = torch.tensor(TEXT[None, :7])
    before = model(ids).logits
    trainer = make_trainer(model, tmp_path, learning_rate=0.0)
    trainer.train()
    model.train()
    assert torch.equal(model(ids).logits, before)
    assert set(model.state_dict()) == keys
    assert model(ids).final_hidden_state is None


class Probe(TrainerCallback):
    """Generate and evaluate another text in the middle of training."""

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        model = kwargs["model"]
        model.eval()
        model.generate(torch.tensor([[1, 2]]), max_new_tokens=2, do_sample=False)
        model.train()


def test_other_calls_between_steps_change_nothing(tmp_path: Path) -> None:
    losses, _ = long_loop(make_model())
    trainer = make_trainer(make_model(), tmp_path, [Probe()])
    trainer.train()
    assert logged(trainer, "loss") == pytest.approx(losses, rel=1e-5)


def test_a_loss_of_the_user_gets_the_logits(tmp_path: Path) -> None:
    shapes = []

    def loss(outputs: Any, labels: Tensor, num_items_in_batch: Tensor | None = None) -> Tensor:
        shapes.append((tuple(outputs["logits"].shape), tuple(labels.shape)))
        return outputs["logits"].mean()

    trainer = make_trainer(make_model(), tmp_path, max_steps=1, eval_strategy="no")
    trainer.compute_loss_func = loss
    trainer.train()
    assert {(words[:2], words[2], labels) for words, labels in shapes} == {
        ((STREAMS, length), WORDS, (STREAMS, length)) for _, (_, length) in shapes
    }


def test_wrong_settings_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the number of streams of the data set"):
        make_trainer(make_model(), tmp_path, train_sampling_strategy="random").train()
    with pytest.raises(ValueError, match="the number of streams of the data set"):
        make_trainer(make_model(), tmp_path, per_device_train_batch_size=2).train()
    with pytest.raises(ValueError, match="the number of streams of the data set"):
        make_trainer(make_model(), tmp_path, per_device_eval_batch_size=1).evaluate()
    with pytest.raises(ValueError, match="set label_smoothing of the model's configuration"):
        make_trainer(make_model(), tmp_path, label_smoothing_factor=0.1)
    trainer = make_trainer(make_model(), tmp_path)
    trainer.pop_callback(StateCarrier)
    trainer.add_callback(StateCarrier())
    with pytest.raises(ValueError, match=r"give StateCarrier to Trainer\(callbacks="):
        trainer.train()


def test_a_checkpoint_without_its_states_is_refused(tmp_path: Path) -> None:
    settings = {"save_strategy": "steps", "save_steps": 2}
    make_trainer(make_model(), tmp_path, [StopAt(2)], **settings).train()
    file = tmp_path / "checkpoint-2" / "carried_states_0.safetensors"
    trainer = make_trainer(make_model(), tmp_path, **settings)
    state = tmp_path / "checkpoint-2" / "trainer_state.json"
    logs = json.loads(state.read_text())
    logs["log_history"][0]["loss"] += 1
    state.write_text(json.dumps(logs))
    with pytest.raises(ValueError, match="holds the states of another run"):
        trainer.train(resume_from_checkpoint=True)
    file.unlink()
    with pytest.raises(ValueError, match=r"carried_states_0\.safetensors cannot be read"):
        trainer.train(resume_from_checkpoint=True)
