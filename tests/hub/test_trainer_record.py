"""Which figures the card of a trained model tells as those on validation: its own, or none."""

from pathlib import Path
from typing import Any

import datasets
import pytest
import torch
from transformers import (
    EvalPrediction,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from hf_recurrent import RecurrentConfig, RecurrentForSequenceClassification
from hf_recurrent.hub import HubTrainerMixin, Record
from hf_recurrent.hub.trainer import trainer_record
from hf_recurrent.training import ThreadSearch

from ..tasks.made_up import stories

__all__ = ["stories"]

ROWS = datasets.Dataset.from_dict({"input_ids": [[1, 2], [3, 4]], "labels": [0, 1]})
OTHER = datasets.Dataset.from_dict({"input_ids": [[5, 6]], "labels": [1]})
BEST = {"load_best_model_at_end": True, "metric_for_best_model": "score"}


class HubTrainer(HubTrainerMixin, Trainer):
    """Its evaluations give the scores 0.1, 0.3, 0.4, 0.2, 0.05, 0.06, ... in this order."""

    def __init__(self, folder: Path, **options: Any) -> None:
        own = options.pop("eval_dataset", ROWS)
        callbacks = options.pop("callbacks", [])
        scores = iter([0.1, 0.3, 0.4, 0.2, 0.05, 0.06])

        def score(_: EvalPrediction) -> dict[str, float]:
            return {"score": next(scores)}

        config = RecurrentConfig(vocab_size=9, embedding_size=4, hidden_size=3)
        arguments = {"max_steps": 4, "eval_strategy": "steps", "eval_steps": 1, "save_steps": 1}
        super().__init__(
            model=RecurrentForSequenceClassification(config),
            args=TrainingArguments(
                output_dir=str(folder),
                report_to="none",
                use_cpu=True,
                disable_tqdm=True,
                **arguments | options,
            ),
            train_dataset=ROWS,
            eval_dataset=own,
            compute_metrics=score,
            callbacks=callbacks,
        )


def test_the_task_is_that_of_the_class_unless_it_is_said(tmp_path: Path, stories) -> None:
    trainer = HubTrainer(tmp_path)
    assert trainer_record(trainer).task == "text-classification"
    trainer.record = Record(task="stories")
    assert trainer_record(trainer).task == "stories"


def test_a_class_of_two_tasks_tells_none(tmp_path: Path, stories, monkeypatch) -> None:
    monkeypatch.setattr(type(stories), "head", "ForSequenceClassification")
    monkeypatch.setattr(type(stories), "pipeline_tag", stories.id)
    assert trainer_record(HubTrainer(tmp_path)).task is None


def told(trainer: Trainer) -> list[tuple[str, float, str]]:
    """Return the results of the record."""
    return [(r.metric, r.value, r.split) for r in trainer_record(trainer).results]


def validation(score: float) -> list[tuple[str, float, str]]:
    return [("score", score, "validation")]


def test_the_last_weights_have_the_figures_of_the_last_step(tmp_path: Path) -> None:
    trainer = HubTrainer(tmp_path)
    trainer.train()
    assert told(trainer) == validation(0.2)
    trainer.evaluate(ROWS)  # no other data
    assert told(trainer) == validation(0.05)


def test_figures_on_other_data_are_not_those_on_validation(tmp_path: Path) -> None:
    trainer = HubTrainer(tmp_path)
    trainer.train()
    plots = trainer_record(trainer).plots
    assert trainer.evaluate(OTHER)["eval_score"] == 0.05
    assert trainer.evaluate(eval_dataset=OTHER)["eval_score"] == 0.06
    assert told(trainer) == validation(0.2)
    assert len(plots[0].values) == 4
    assert trainer_record(trainer).plots == plots


def test_without_an_evaluation_of_these_weights_there_are_no_figures(tmp_path: Path) -> None:
    class Stops(TrainerCallback):
        def on_step_end(
            self, _: Any, state: TrainerState, control: TrainerControl, **__: Any
        ) -> None:
            control.should_training_stop = state.global_step == 3

    trainer = HubTrainer(tmp_path, eval_steps=2, callbacks=[Stops()])
    trainer.train()
    assert [log["step"] for log in trainer.state.log_history if "eval_loss" in log] == [2]
    assert told(trainer) == []
    trainer.evaluate(OTHER)
    assert told(trainer) == []
    trainer.evaluate()
    assert told(trainer) == validation(0.4)


@pytest.mark.parametrize(
    ("save_steps", "expected"),
    [
        (1, 0.4),  # step 3 is the best
        (2, 0.3),  # step 3 is, but was not saved: step 2 is loaded
        (4, 0.2),  # no best step was saved: the last weights stay
    ],
)
def test_the_best_weights_have_the_figures_of_their_step(
    save_steps: int, expected: float, tmp_path: Path
) -> None:
    trainer = HubTrainer(tmp_path, save_steps=save_steps, **BEST)
    trainer.train()
    assert told(trainer) == validation(expected)
    trainer.evaluate(OTHER)
    assert told(trainer) == validation(expected)


def test_a_push_during_training_tells_the_weights_of_its_step(tmp_path: Path) -> None:
    seen = []

    class Pushes(TrainerCallback):
        def on_save(self, *_: Any, **__: Any) -> None:
            seen.append(told(trainer))

    trainer = HubTrainer(tmp_path, callbacks=[Pushes()], **BEST)
    trainer.train()
    assert seen == [validation(score) for score in (0.1, 0.3, 0.4, 0.2)]


def test_a_resumed_training_still_knows_the_other_data(tmp_path: Path) -> None:
    class Judges(TrainerCallback):
        def on_epoch_begin(self, *_: Any, **__: Any) -> None:
            first.evaluate(OTHER)

    first = HubTrainer(tmp_path, max_steps=2, callbacks=[Judges()])
    first.train()
    resumed = HubTrainer(tmp_path, max_steps=2)
    resumed.train(resume_from_checkpoint=True)
    assert told(resumed) == validation(0.2)
    assert len(trainer_record(resumed).plots[0].values) == 2


def test_one_of_several_data_sets_is_not_validation(tmp_path: Path) -> None:
    trainer = HubTrainer(tmp_path, max_steps=1, eval_dataset={"a": ROWS, "b": OTHER})
    trainer.train()
    assert "eval_a_score" in trainer.evaluate()
    trainer.evaluate("b")
    assert told(trainer) == []


def test_threads_that_changed_in_training_are_told(tmp_path: Path) -> None:
    trainer = HubTrainer(tmp_path, callbacks=[ThreadSearch(1)])
    trainer.train()
    assert trainer_record(trainer).machine["threads"] == torch.get_num_threads() == 1
    assert trainer_record(trainer).limits == ()
    trainer.state.log_history.append({"threads": 2, "step": 3})
    (limit,) = trainer_record(trainer).limits
    assert limit.startswith("The number of threads changed in training (1, then 2)")
