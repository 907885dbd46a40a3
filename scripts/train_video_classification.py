r"""Train a recurrent network on clips with a label: videos, skeletons or sensors.

    python scripts/train_video_classification.py --dataset utkinect --files_dir data \
        --output_dir my-actions
    python scripts/train_video_classification.py --dataset clips/ --cell_type lstm \
        --output_dir my-lrcn

Copy it and change it. A folder of clips has a folder for each label; a table has the columns clip
and label, and one of persons or recordings, which --group_column names: without it the parts are
drawn at random, with a warning. The best epoch on validation is kept, the test part is judged
once, and the same command goes on where it was stopped. Every option of transformers'
TrainingArguments is taken.
"""

import json
import sys
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import torch
from transformers import HfArgumentParser, TrainingArguments, set_seed

from hf_recurrent import RecurrentForVideoClassification
from hf_recurrent._cores import parse_threads
from hf_recurrent.benchmark.measure import latency, predict_all
from hf_recurrent.data.clips import is_pictures
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.records import recipe_record
from hf_recurrent.tasks.video_classification.encoding import ClipReader
from hf_recurrent.tasks.video_classification.fitting import (
    clip_config,
    clip_recipe,
    frames_per_second,
    make_processor,
)
from hf_recurrent.tasks.video_classification.models import NETWORKS
from hf_recurrent.training import RECIPE, ThreadSearch, checkpoint_to_resume, make_trainer

VALUES = NETWORKS.base


@dataclass
class DataArguments:
    """What to train on."""

    dataset: str = field(
        default="basic-motions",
        metadata={"help": "A name, a folder of clips by label, a table, or an id of the Hub."},
    )
    files_dir: str | None = field(
        default=None, metadata={"help": "Folder of the files of named data sets."}
    )
    clip_column: str | None = field(
        default=None, metadata={"help": "Of paths of clips in a table."}
    )
    label_column: str | None = field(default=None, metadata={"help": "Of labels in a table."})
    group_column: str | None = field(
        default=None, metadata={"help": "Of persons or recordings in a table."}
    )
    config: str | None = field(
        default=None, metadata={"help": "Configuration of a data set of the Hub."}
    )
    random_split: bool = field(
        default=False, metadata={"help": "Draw clips at random though their groups are known."}
    )


@dataclass
class ModelArguments:
    """What to train."""

    cell_type: str = field(
        default="gru", metadata={"help": "rnn_tanh, rnn_relu, lstm, gru, mingru or minlstm."}
    )
    hidden_size: int = field(default=VALUES["hidden_size"], metadata={"help": "Width of a state."})
    num_hidden_layers: int = field(default=1, metadata={"help": "Number of stacked layers."})
    bidirectional: bool = field(default=True, metadata={"help": "Whether it reads both ways."})
    pooling: str = field(
        default=VALUES["pooling"], metadata={"help": "last, mean, max or attention."}
    )
    embedding_dropout: float = field(
        default=VALUES["embedding_dropout"], metadata={"help": "Dropout on the frames."}
    )
    classifier_dropout: float = field(
        default=VALUES["classifier_dropout"], metadata={"help": "Dropout before the classifier."}
    )
    height: int = field(default=32, metadata={"help": "Height of pictures."})
    width: int = field(default=56, metadata={"help": "Width of pictures."})
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
            "weight_decay": VALUES["weight_decay"],
            "warmup_steps": VALUES["warmup_steps"],
            "remove_unused_columns": False,
        }
    )
    data_arguments, model_arguments, arguments = parser.parse_args_into_dataclasses()
    task = get_task("video-classification")
    arguments.metric_for_best_model = task.chosen_by
    arguments.greater_is_better = True
    search = ThreadSearch(parse_threads(model_arguments.threads))
    # Fresh weights do not depend on the number that is found for training.
    torch.set_num_threads(1)
    settings = asdict(data_arguments) | asdict(model_arguments) | arguments.to_dict()
    checkpoint = checkpoint_to_resume(arguments.output_dir, settings)
    results = Path(arguments.output_dir, "test_results.json")
    if checkpoint is not None and results.exists():
        print(results.read_text())
        return
    given = asdict(data_arguments)
    data = task.load(given.pop("dataset"), given.pop("files_dir"), **given)
    processor = None
    if is_pictures(data["train"][0]["clip"]):
        processor = make_processor((model_arguments.height, model_arguments.width))
    reader = ClipReader(processor)
    recipe = clip_recipe(reader)
    fields = asdict(model_arguments)
    for name in ("height", "width", "threads"):
        del fields[name]
    set_seed(arguments.seed)
    model = RecurrentForVideoClassification(clip_config(data["train"], reader, **fields))
    trainer = make_trainer(
        model,
        processor,
        arguments,
        recipe.encode(data["train"], None, 0),
        recipe.encode(data["validation"], None, 0),
        data_collator=recipe.collator(None),
        compute_metrics=recipe.metrics(data["train"]),
        lengths=recipe.lengths,
        callbacks=[search],
    )
    trainer.train(resume_from_checkpoint=checkpoint)
    trainer.save_model()
    model.eval()
    predict = partial(recipe.answer, model, None)
    inputs = task.inputs(data["test"])
    found, _ = predict_all(lambda rows: predict(rows, 0), inputs)
    judged = task.judge(found, data["test"], data["train"])
    judged |= frames_per_second(model, reader, inputs)
    # What its card tells: `hf-recurrent publish` reads it.
    recipe_record(
        trainer,
        task,
        data_arguments.dataset,
        data,
        judged,
        found,
        latency(lambda rows: predict(rows, 0), inputs),
    ).save(Path(arguments.output_dir))
    metrics = {f"test_{key}": value for key, value in judged.items()}
    trainer.save_metrics("test", metrics)
    print(json.dumps(metrics, indent=2))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("\nStopped: the same command goes on after the last epoch.", file=sys.stderr)
        sys.exit(130)
    except (ImportError, OSError, ValueError) as error:
        sys.exit(f"error: {' '.join(str(error).split())}")
