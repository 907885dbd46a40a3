from pathlib import Path

import datasets
import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from sklearn.utils.class_weight import compute_class_weight
from transformers import DataCollatorWithPadding, TrainerCallback, TrainingArguments

from hf_recurrent import StaticEmbeddingConfig, StaticEmbeddingForSequenceClassification
from hf_recurrent.metrics import classification_metrics
from hf_recurrent.tasks.labels import label_fields
from hf_recurrent.tasks.text_classification.encoding import encode_texts, label_names
from hf_recurrent.training import (
    RECIPE,
    balanced_class_weights,
    check_evaluations,
    make_trainer,
)
from hf_recurrent.vectors import tokenizer_from_texts

TEXTS = ["a fine film", "a dull , dull film", "fine", "", "dull film"] * 8
LABELS = [1, 0, 1, 1, 0] * 8


CHOOSING = {"metric_for_best_model": "accuracy", "greater_is_better": True}


def trainer_of(model, tokenizer, arguments, encoded, **options):
    return make_trainer(
        model,
        tokenizer,
        arguments,
        encoded,
        encoded,
        data_collator=DataCollatorWithPadding(tokenizer),
        compute_metrics=classification_metrics,
        **options,
    )


@pytest.fixture
def rows() -> datasets.Dataset:
    features = datasets.Features(
        text=datasets.Value("string"), label=datasets.ClassLabel(names=["bad", "good"])
    )
    return datasets.Dataset.from_dict({"text": TEXTS, "label": LABELS}, features=features)


def test_texts_are_encoded_and_cut(rows: datasets.Dataset) -> None:
    tokenizer = tokenizer_from_texts(TEXTS)
    encoded = encode_texts(rows, tokenizer, max_length=4)
    assert set(encoded.column_names) == {"input_ids", "attention_mask", "labels"}
    assert [len(ids) for ids in encoded["input_ids"][:5]] == [3, 4, 1, 0, 2]
    assert encoded["labels"][:] == LABELS
    assert tokenizer.decode(encoded[0]["input_ids"]) == "a fine film"


def test_labels_have_names_both_ways(rows: datasets.Dataset) -> None:
    assert label_fields(label_names(rows)) == {
        "id2label": {0: "bad", 1: "good"},
        "label2id": {"bad": 0, "good": 1},
    }


def test_balanced_weights_are_those_of_scikit_learn_and_average_one() -> None:
    labels = [0] * 7 + [1] * 2 + [2]
    weights = balanced_class_weights(labels, 3)
    wanted = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    np.testing.assert_allclose(weights, wanted)
    assert np.mean([weights[label] for label in labels]) == pytest.approx(1)
    assert balanced_class_weights([0, 0, 2], 4) == [0.75, 1.0, 1.5, 1.0]


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ({"prediction_loss_only": True}, "prediction_loss_only is True, and evaluations are by"),
        ({"dataloader_drop_last": True}, "dataloader_drop_last is True, and Trainer then leaves"),
        ({"eval_strategy": "no"}, "eval_strategy is 'no', and evaluations tell when"),
    ],
)
def test_evaluations_without_rows_or_predictions_are_refused(option, sentence, tmp_path) -> None:
    arguments = TrainingArguments(str(tmp_path), **{"eval_strategy": "epoch", **option})
    with pytest.raises(ValueError, match=sentence):
        trainer_of(None, None, arguments, None, patience=1)
    check_evaluations(TrainingArguments(str(tmp_path)), stops_early=False)


def test_the_trainer_stops_early_and_keeps_the_best_epoch(rows, tmp_path) -> None:
    tokenizer = tokenizer_from_texts(TEXTS)
    encoded = encode_texts(rows, tokenizer, max_length=16)
    torch.manual_seed(0)
    config = StaticEmbeddingConfig(
        vocab_size=len(tokenizer), embedding_size=4, pad_token_id=tokenizer.pad_token_id
    )
    model = StaticEmbeddingForSequenceClassification(config)
    changes = {"output_dir": str(tmp_path), "use_cpu": True, "disable_tqdm": True}
    arguments = TrainingArguments(
        **RECIPE | CHOOSING | changes | {"num_train_epochs": 30, "learning_rate": 0.05}
    )
    trainer = trainer_of(model, tokenizer, arguments, encoded, patience=2)
    trainer.train()
    accuracies = [log["eval_accuracy"] for log in trainer.state.log_history if "eval_loss" in log]
    # Ended two epochs after the first best one, whose weights the model now has.
    assert len(accuracies) == int(np.argmax(accuracies)) + 1 + 2 < 30
    best = load_file(Path(trainer.state.best_model_checkpoint, "model.safetensors"))
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in best.items())


class Interrupt(TrainerCallback):
    """Ends a run as Ctrl-C would, when the checkpoint of an epoch is written."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_save(self, args, state, control, **kwargs) -> None:
        if round(state.epoch) == self.epoch:
            raise KeyboardInterrupt


def test_a_resumed_run_stops_as_early_as_one_that_was_not_interrupted(rows, tmp_path) -> None:
    tokenizer = tokenizer_from_texts(TEXTS)
    encoded = encode_texts(rows, tokenizer, max_length=16)

    def trainer(folder, callbacks=()):
        torch.manual_seed(0)
        config = StaticEmbeddingConfig(
            vocab_size=len(tokenizer), embedding_size=4, pad_token_id=tokenizer.pad_token_id
        )
        changes = {"output_dir": str(tmp_path / folder), "use_cpu": True, "disable_tqdm": True}
        # Steps of no size: the first epoch stays the best.
        arguments = TrainingArguments(**RECIPE | CHOOSING | changes | {"learning_rate": 0.0})
        model = StaticEmbeddingForSequenceClassification(config)
        return trainer_of(model, tokenizer, arguments, encoded, patience=3, callbacks=callbacks)

    straight = trainer("straight")
    straight.train()
    assert straight.state.epoch == 4
    with pytest.raises(KeyboardInterrupt):
        trainer("parts", [Interrupt(3)]).train()
    resumed = trainer("parts")
    resumed.train(resume_from_checkpoint=True)
    assert resumed.state.epoch == 4


def test_batches_are_alike_on_all_that_a_step_holds(rows, tmp_path) -> None:
    tokenizer = tokenizer_from_texts(TEXTS)
    encoded = encode_texts(rows, tokenizer, max_length=16)
    config = StaticEmbeddingConfig(
        vocab_size=len(tokenizer), embedding_size=4, pad_token_id=tokenizer.pad_token_id
    )
    changes = {"output_dir": str(tmp_path), "use_cpu": True, "gradient_accumulation_steps": 2}
    arguments = TrainingArguments(
        **RECIPE | CHOOSING | changes | {"per_device_train_batch_size": 4}
    )
    model = StaticEmbeddingForSequenceClassification(config)
    trainer = trainer_of(model, tokenizer, arguments, encoded)
    assert trainer.train_dataset.batch_size == 8
    lengths = [len(ids) for ids in trainer.eval_dataset["input_ids"]]
    assert lengths == sorted(lengths)
