r"""Train a recurrent network on clips with a label: videos, skeletons or sensors.

    python scripts/train_video_classification.py --dataset utkinect --files_dir data \
        --output_dir my-actions
    python scripts/train_video_classification.py --dataset clips/ --cell_type lstm \
        --picture_encoder efficientnet_lite0 --num_frames 16 --output_dir my-lrcn

Copy it and change it. A folder of clips has a folder for each label; a table has the columns clip
and label, and one of persons or recordings, which --group_column names: without it the parts are
drawn at random, with a warning. The best epoch on validation is kept, the test part is judged
once, and the same command goes on where it was stopped. Every option of transformers'
TrainingArguments is taken.
"""

from dataclasses import asdict, dataclass, field

from transformers import set_seed

from hf_recurrent import RecurrentForVideoClassification
from hf_recurrent.benchmark.recipe import begin, finish, run_recipe
from hf_recurrent.data.clips import is_pictures
from hf_recurrent.tasks.video_classification.encoding import ClipReader, read_afresh
from hf_recurrent.tasks.video_classification.fitting import (
    clip_config,
    clip_recipe,
    frames_per_second,
)
from hf_recurrent.tasks.video_classification.models import NETWORKS
from hf_recurrent.tasks.video_classification.pictures import (
    PictureArguments,
    picture_input,
    start_encoder,
)
from hf_recurrent.training import make_trainer, train_or_resume

VALUES = NETWORKS.base
DEFAULTS = {
    "num_train_epochs": VALUES["epochs"],
    "learning_rate": VALUES["learning_rate"],
    "per_device_train_batch_size": VALUES["batch_size"],
    "weight_decay": VALUES["weight_decay"],
    "warmup_steps": VALUES["warmup_steps"],
    "remove_unused_columns": False,
}


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
class ModelArguments(PictureArguments):
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
    height: int | None = field(
        default=None,
        metadata={"help": "Height of pictures; by default 32, or what the encoder is made for."},
    )
    width: int | None = field(default=None, metadata={"help": "Width of them; as height, or 56."})
    threads: str = field(
        default="auto",
        metadata={"help": "Threads on the CPU: a number, or auto, found by a trial at the start."},
    )


def main() -> None:
    start = begin("video-classification", DataArguments, ModelArguments, DEFAULTS)
    if start is None:
        return
    model_arguments, arguments = start.model, start.arguments
    given = asdict(start.data)
    data = start.task.load(given.pop("dataset"), given.pop("files_dir"), **given)
    fields = asdict(model_arguments)
    encoder, frozen = fields.pop("picture_encoder"), fields.pop("freeze_encoder")
    size, most = (fields.pop("height"), fields.pop("width")), fields.pop("num_frames")
    del fields["threads"]
    pictures = None
    if is_pictures(data["train"][0]["clip"]):
        pictures = picture_input(encoder, size, frozen, most)
    reader = ClipReader(pictures.processor if pictures else None)
    recipe = clip_recipe(reader)
    set_seed(arguments.seed)
    config = clip_config(data["train"], reader, pictures.layer if pictures else None, **fields)
    model = RecurrentForVideoClassification(config)
    start_encoder(model, pictures)
    trainer = make_trainer(
        model,
        reader.processor,
        arguments,
        recipe.encode(data["train"], None, 0),
        recipe.encode(data["validation"], None, 0),
        data_collator=recipe.collator(None),
        compute_metrics=recipe.metrics(data["train"]),
        lengths=recipe.lengths,
        callbacks=[start.search],
    )
    train_or_resume(trainer, start.checkpoint)
    trainer.save_model()
    model.eval()
    read_afresh(model, reader)
    finish(
        start,
        trainer,
        data,
        lambda clips: recipe.answer(model, None, clips, 0),
        further=frames_per_second(model, reader, start.task.inputs(data["test"])),
        notices=pictures.notices if pictures else (),
    )


if __name__ == "__main__":
    run_recipe(main)
