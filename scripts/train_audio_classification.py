r"""Train a recurrent classifier of sound.

    python scripts/train_audio_classification.py --dataset spoken-digits --data_dir data \
        --output_dir my-digits
    python scripts/train_audio_classification.py --dataset sounds.csv --speaker_column person \
        --output_dir my-classifier

Copy it and change it. Data are a name, a table of paths of sound and labels, or an id of the Hub.
The best evaluation is kept, the test part is judged once, and the same command goes on where it was
stopped. Every option of transformers' TrainingArguments is taken.
"""

from dataclasses import asdict, dataclass, field
from functools import partial

from hf_recurrent import RecurrentForAudioClassification
from hf_recurrent.benchmark.recipe import begin, finish, run_recipe
from hf_recurrent.tasks.audio_classification.fitting import (
    classify,
    perturbed,
    sound_config,
    sound_recipe,
)
from hf_recurrent.tasks.audio_classification.models import NETWORKS
from hf_recurrent.tasks.sound import RecordingArguments, make_extractor
from hf_recurrent.training import make_trainer, rows_per_step, train_or_resume

VALUES = NETWORKS.base
DEFAULTS = {
    "num_train_epochs": VALUES["epochs"],
    "learning_rate": VALUES["learning_rate"],
    "per_device_train_batch_size": VALUES["batch_size"],
    "warmup_steps": VALUES["warmup_steps"],
}
_FIELDS = (
    *("conv_dim", "conv_kernel", "conv_stride", "hidden_dropout", "classifier_dropout"),
    *("mask_time_prob", "mask_time_length", "mask_feature_prob", "mask_feature_length"),
)


@dataclass
class DataArguments(RecordingArguments):
    """What to train on."""

    dataset: str = field(
        default="spoken-digits", metadata={"help": "A name, a table, or an id of the Hub."}
    )
    label_column: str | None = field(
        default=None, metadata={"help": "Column of the labels (default: label)."}
    )


@dataclass
class ModelArguments:
    """What to train."""

    cell_type: str = field(
        default="gru", metadata={"help": "rnn_tanh, rnn_relu, lstm, gru, mingru or minlstm."}
    )
    bidirectional: bool = field(default=True, metadata={"help": "Whether it reads backward too."})
    hidden_size: int = field(
        default=VALUES["hidden_size"], metadata={"help": "Width of a state of each direction."}
    )
    num_hidden_layers: int = field(
        default=VALUES["num_hidden_layers"], metadata={"help": "Number of stacked layers."}
    )
    pooling: str = field(
        default=VALUES["pooling"], metadata={"help": "last, mean, max or attention."}
    )
    speeds: list[float] = field(
        default_factory=lambda: [*VALUES["speeds"]],
        metadata={"help": "Training recordings are heard at one of these speeds in each epoch."},
    )
    warps: list[float] = field(
        default_factory=lambda: [*VALUES["warps"]],
        metadata={"help": "Their frequencies are stretched by one of these factors in each epoch."},
    )
    threads: str = field(
        default="auto",
        metadata={"help": "Threads on the CPU: a number, or auto, found by a trial at the start."},
    )


def main() -> None:
    start = begin("audio-classification", DataArguments, ModelArguments, DEFAULTS)
    if start is None:
        return
    chosen, arguments = start.model, start.arguments
    data = start.task.load(**asdict(start.data))
    train = data["train"]
    extractor = make_extractor(
        train["audio"], chosen.bidirectional, VALUES["num_mel_bins"], VALUES["delta_order"]
    )
    config = sound_config(
        train,
        extractor,
        cell_type=chosen.cell_type,
        bidirectional=chosen.bidirectional,
        hidden_size=chosen.hidden_size,
        num_hidden_layers=chosen.num_hidden_layers,
        pooling=chosen.pooling,
        **{name: VALUES[name] for name in _FIELDS},
    )
    model = RecurrentForAudioClassification(config)
    recipe = sound_recipe(extractor)
    trainer = make_trainer(
        model,
        extractor,
        arguments,
        perturbed(
            recipe.encode(train, None, 0),
            extractor,
            rows_per_step(arguments),
            arguments.seed,
            chosen.speeds,
            chosen.warps,
        ),
        recipe.encode(data["validation"], None, 0),
        data_collator=recipe.collator(None),
        compute_metrics=recipe.metrics(train),
        lengths=recipe.lengths,
        callbacks=[start.search],
    )
    train_or_resume(trainer, start.checkpoint)
    trainer.save_model()
    model.eval()
    predict = partial(classify, model, extractor)
    finish(start, trainer, data, predict)


if __name__ == "__main__":
    run_recipe(main)
