r"""Train a recurrent classifier of sound.

    python scripts/train_audio_classification.py --dataset spoken-digits --data_dir data \
        --output_dir my-digits
    python scripts/train_audio_classification.py --dataset sounds.csv --speaker_column person \
        --output_dir my-classifier

Copy it and change it. Data are a name, a table of paths of sound and labels, or an id of the Hub.
The best evaluation is kept, the test part is judged once, and the same command goes on where it was
stopped. Every option of transformers' TrainingArguments is taken.
"""

import json
import sys
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import torch
from transformers import HfArgumentParser, TrainingArguments, set_seed

from hf_recurrent import RecurrentForAudioClassification
from hf_recurrent._cores import parse_threads
from hf_recurrent.benchmark.measure import latency, predict_all
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.audio_classification.fitting import classify, sound_config, sound_recipe
from hf_recurrent.tasks.audio_classification.models import NETWORKS
from hf_recurrent.tasks.records import recipe_record
from hf_recurrent.tasks.sound import make_extractor
from hf_recurrent.training import RECIPE, ThreadSearch, checkpoint_to_resume, make_trainer

VALUES = NETWORKS.base
_FIELDS = (
    *("conv_dim", "conv_kernel", "conv_stride", "hidden_dropout", "classifier_dropout"),
    *("mask_time_prob", "mask_time_length", "mask_feature_prob", "mask_feature_length"),
)


@dataclass
class DataArguments:
    """What to train on."""

    dataset: str = field(
        default="spoken-digits", metadata={"help": "A name, a table, or an id of the Hub."}
    )
    data_dir: str | None = field(
        default=None, metadata={"help": "Folder of the files of named data sets."}
    )
    audio_column: str | None = field(
        default=None, metadata={"help": "Column of the sound (default: audio)."}
    )
    label_column: str | None = field(
        default=None, metadata={"help": "Column of the labels (default: label)."}
    )
    speaker_column: str | None = field(
        default=None, metadata={"help": "Column of speakers, each of whom is then in one part."}
    )
    config: str | None = field(
        default=None, metadata={"help": "Configuration of a data set of the Hub."}
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
    threads: str = field(
        default="auto",
        metadata={"help": "Threads on the CPU: a number, or auto, found by a trial at the start."},
    )


def main() -> None:
    parser = HfArgumentParser((DataArguments, ModelArguments, TrainingArguments))
    parser.set_defaults(
        **RECIPE
        | {
            "num_train_epochs": VALUES["epochs"],
            "learning_rate": VALUES["learning_rate"],
            "per_device_train_batch_size": VALUES["batch_size"],
            "warmup_steps": VALUES["warmup_steps"],
        }
    )
    data_arguments, chosen, arguments = parser.parse_args_into_dataclasses()
    task = get_task("audio-classification")
    arguments.metric_for_best_model = task.chosen_by
    search = ThreadSearch(parse_threads(chosen.threads))
    # Fresh weights do not depend on the number that is found for training.
    torch.set_num_threads(1)
    settings = asdict(data_arguments) | asdict(chosen) | arguments.to_dict()
    checkpoint = checkpoint_to_resume(arguments.output_dir, settings)
    results = Path(arguments.output_dir, "test_results.json")
    if checkpoint is not None and results.exists():
        print(results.read_text())
        return
    # Before anything random: the fresh weights depend on the seed as the order of the data does.
    set_seed(arguments.seed)

    data = task.load(**asdict(data_arguments))
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
        recipe.encode(train, None, 0),
        recipe.encode(data["validation"], None, 0),
        data_collator=recipe.collator(None),
        compute_metrics=recipe.metrics(train),
        lengths=recipe.lengths,
        callbacks=[search],
    )
    trainer.train(resume_from_checkpoint=checkpoint)
    trainer.save_model()
    model.eval()
    predict = partial(classify, model, extractor)
    inputs = task.inputs(data["test"])
    found, _ = predict_all(predict, inputs)
    judged = task.judge(found, data["test"], train)
    # What its card tells: `hf-recurrent publish` reads it.
    recipe_record(
        trainer, task, data_arguments.dataset, data, judged, found, latency(predict, inputs)
    ).save(Path(arguments.output_dir))
    metrics = {f"test_{key}": value for key, value in judged.items()}
    trainer.save_metrics("test", metrics)
    print(json.dumps(metrics, indent=2))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("\nStopped: the same command goes on after the last evaluation.", file=sys.stderr)
        sys.exit(130)
    except (OSError, ValueError) as error:
        sys.exit(f"error: {' '.join(str(error).split())}")
