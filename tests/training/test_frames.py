"""Frames in batches, and the plain Trainer with models that read them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from datasets import Dataset
from transformers import (
    AutoModelForSequenceClassification,
    PreTrainedModel,
    Trainer,
    TrainingArguments,
)

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForSequenceClassification,
    RecurrentForTokenClassification,
)
from hf_recurrent.training import DataCollatorForFrames, LengthGroupedDataset

ROWS = [
    {"input_features": [[1.0, 2.0]], "labels": 1},
    {"input_features": np.ones((3, 2)), "labels": 0},
    {"input_features": [], "labels": 1},
]


@pytest.mark.parametrize("side", ["right", "left"])
def test_rows_are_filled_up_on_a_side(side: str) -> None:
    batch = DataCollatorForFrames(padding_side=side)(ROWS)
    assert batch["input_features"].shape == (3, 3, 2)
    assert batch["input_features"].dtype == torch.float32
    end = slice(None) if side == "right" else slice(None, None, -1)
    assert [row[end] for row in batch["attention_mask"].tolist()] == [[1, 0, 0], [1, 1, 1], [0] * 3]
    assert [row[end] for row in batch["input_features"][..., 1].tolist()] == [
        [2.0, 0.0, 0.0],
        [1.0, 1.0, 1.0],
        [0.0, 0.0, 0.0],
    ]
    assert batch["labels"].tolist() == [1, 0, 1]


def test_labels_of_frames_are_filled_up_and_targets_are_not() -> None:
    rows = [{**row, "labels": [1] * len(row["input_features"])} for row in ROWS]
    left = DataCollatorForFrames(padding_side="left")(rows)["labels"]
    assert left.tolist() == [[-100, -100, 1], [1, 1, 1], [-100] * 3]
    targets = DataCollatorForFrames()([{**row, "labels": [0.5, 2.0]} for row in ROWS])["labels"]
    assert targets.tolist() == [[0.5, 2.0]] * 3
    assert "labels" not in DataCollatorForFrames()([{"input_features": [[1.0]]}])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"input_ids": [3]}, r"row 1 of the batch has no input_features: \['input_ids'\]"),
        ({"input_features": [0.5, 1.0]}, r"row 1 .* shape \(2,\), expected \(time, channels\)"),
        ({"input_features": [[0.5], [1.0, 2.0]]}, "row 1 of the batch: input_features"),
        ({"input_features": [[0.5]], "labels": 0}, "row 1 of the batch has 1 channels, .* have 2"),
    ],
)
def test_rows_that_are_no_frames_are_named(row: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        DataCollatorForFrames()([ROWS[0], row])
    assert "\n" not in str(caught.value)


def test_a_label_is_wanted_for_each_frame() -> None:
    rows = [{"input_features": [[0.5]] * 2, "labels": labels} for labels in ([0, 1], [0])]
    with pytest.raises(ValueError, match="row 1 of the batch has 2 frames and labels for 1,"):
        DataCollatorForFrames()(rows)
    with pytest.raises(ValueError, match="padding_side is 'both', expected right or left"):
        DataCollatorForFrames(padding_side="both")


def test_rows_of_frames_are_grouped_by_length() -> None:
    rows = [{"input_features": np.zeros((n, 2))} for n in (1, 9, 2, 8)]
    assert LengthGroupedDataset(rows, batch_size=2).lengths == [1, 9, 2, 8]
    table = Dataset.from_dict({"input_features": [row["input_features"].tolist() for row in rows]})
    assert LengthGroupedDataset(table, batch_size=2).lengths == [1, 9, 2, 8]


def make_rows(count: int, by_frame: bool) -> list[dict[str, Any]]:
    """Return rows whose label says whether the sum of the first channel so far is above 0."""
    chance, rows = np.random.default_rng(0), []
    for length in chance.integers(1, 12, count):
        frames = chance.normal(size=(length, 3)).astype(np.float32)
        labels = (frames[:, 0].cumsum() > 0).astype(int)
        rows.append(
            {
                "input_features": frames,
                "labels": labels if by_frame else int(labels[-1]),
                "length": int(length),
            }
        )
    return rows


def train(model: PreTrainedModel, rows: Any, folder: Path, **arguments: Any) -> Trainer:
    """Train with the plain Trainer."""
    given = TrainingArguments(
        str(folder),
        num_train_epochs=6,
        learning_rate=2e-2,
        per_device_train_batch_size=16,
        include_num_input_tokens_seen="non_padding",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        **arguments,
    )
    trainer = Trainer(model, given, train_dataset=rows, data_collator=DataCollatorForFrames())
    trainer.train()
    return trainer


@pytest.mark.parametrize("head", ["classifier", "tagger", "tagger with a CRF"])
def test_the_plain_trainer_learns_from_frames(head: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    by_frame = head != "classifier"
    rows = make_rows(320, by_frame)
    layer = {"kind": "frames", "num_channels": 3}
    config = RecurrentConfig(
        embedding_config=layer, hidden_size=16, cell_type="gru", crf=head == "tagger with a CRF"
    )
    kind = RecurrentForTokenClassification if by_frame else RecurrentForSequenceClassification
    trainer = train(kind(config), rows[:256], tmp_path)
    found = trainer.predict(rows[256:])
    scores = found.predictions[0] if isinstance(found.predictions, tuple) else found.predictions
    real = found.label_ids != -100
    assert (scores.argmax(-1) == found.label_ids)[real].mean() > 0.9
    state = trainer.state
    assert state.num_input_tokens_seen == 6 * sum(row["length"] for row in rows[:256])
    assert state.total_flos > 0


def test_groups_of_length_and_a_checkpoint(tmp_path: Path) -> None:
    rows = make_rows(32, by_frame=False)
    table = Dataset.from_list(
        [{**row, "input_features": row["input_features"].tolist()} for row in rows]
    )
    model = RecurrentForSequenceClassification(
        RecurrentConfig(embedding_config={"kind": "frames", "num_channels": 3}, hidden_size=4)
    )
    trainer = train(
        model,
        table,
        tmp_path,
        train_sampling_strategy="group_by_length",
        save_strategy="epoch",
        remove_unused_columns=False,
    )
    (last,) = tmp_path.glob("checkpoint-12")
    loaded = AutoModelForSequenceClassification.from_pretrained(last)
    for name, weight in trainer.model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], weight), name


def test_texts_have_any_number_of_tokens() -> None:
    rows = [{**row, "labels": ids} for row, ids in zip(ROWS, ([5, 6, 7], [], [8]), strict=True)]
    batch = DataCollatorForFrames(label_unit="target")(rows)
    assert batch["labels"].tolist() == [[5, 6, 7], [-100] * 3, [8, -100, -100]]
    with pytest.raises(ValueError, match="label_unit is 'word', expected frame or target"):
        DataCollatorForFrames(label_unit="word")
