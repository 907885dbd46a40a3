r"""Train a recurrent captioner of clips: frames, and a decoder that attends to them.

    python scripts/train_video_captioning.py --dataset moving-digits --output_dir my-captioner
    python scripts/train_video_captioning.py --dataset clips/ --attention_type none \
        --output_dir my-s2vt

Copy it and change it. A folder of clips has one captions file, in the form of MSVD, MSR-VTT or a
table with the columns clip and caption; a data set of the Hub has such columns. "moving-digits" is
SYNTHETIC. The best epoch on validation is kept, the test part is judged once, and the same command
goes on where it was stopped. Every option of transformers' Seq2SeqTrainingArguments is taken.
"""

from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from transformers import Seq2SeqTrainingArguments, set_seed

from hf_recurrent import RecurrentForVideoCaptioning
from hf_recurrent.benchmark.recipe import begin, finish, run_recipe
from hf_recurrent.tasks.video_captioning.fitting import (
    EVALUATED,
    caption,
    caption_config,
    caption_tokenizer,
    caption_trainer,
    pictures_for,
)
from hf_recurrent.tasks.video_captioning.models import NETWORKS
from hf_recurrent.tasks.video_classification.encoding import ClipReader, read_afresh
from hf_recurrent.tasks.video_classification.pictures import PictureArguments, start_encoder
from hf_recurrent.training import train_or_resume

VALUES = NETWORKS.base
DEFAULTS = EVALUATED | {
    # A stopped run needs its last epoch, with the state of the optimizer.
    "save_strategy": "epoch",
    "save_only_model": False,
    "num_train_epochs": VALUES["epochs"],
    "learning_rate": VALUES["learning_rate"],
    "per_device_train_batch_size": VALUES["batch_size"],
}


@dataclass
class DataArguments:
    """What to train on."""

    dataset: str = field(
        default="moving-digits",
        metadata={"help": "A name, a folder of clips with a captions file, the file, or a Hub id."},
    )
    files_dir: str | None = field(
        default=None, metadata={"help": "Folder of the files of named data sets."}
    )
    clip_column: str | None = field(
        default=None, metadata={"help": "Of clips in a table or on the Hub."}
    )
    caption_column: str | None = field(
        default=None, metadata={"help": "Of captions in a table or on the Hub."}
    )
    config: str | None = field(
        default=None, metadata={"help": "Configuration of a data set of the Hub."}
    )


@dataclass
class ModelArguments(PictureArguments):
    """What to train."""

    cell_type: str = field(default="gru", metadata={"help": "The cell of both networks."})
    attention_type: str = field(
        default="additive", metadata={"help": "additive, dot, general or none."}
    )
    input_feeding: bool = field(
        default=False, metadata={"help": "Whether a step reads what attention found."}
    )
    hidden_size: int = field(
        default=VALUES["hidden_size"], metadata={"help": "Width of the decoder's states."}
    )
    embedding_size: int = field(
        default=VALUES["embedding_size"], metadata={"help": "Width of its embedding."}
    )
    dropout: float = field(default=VALUES["dropout"], metadata={"help": "Dropout of both."})
    threads: str = field(
        default="auto",
        metadata={"help": "Threads on the CPU: a number, or auto, found by a trial at the start."},
    )


def main() -> None:
    start = begin(
        "video-captioning", DataArguments, ModelArguments, DEFAULTS, Seq2SeqTrainingArguments
    )
    if start is None:
        return
    arguments: Any = start.arguments
    options = asdict(start.data)
    name, files_dir = options.pop("dataset"), options.pop("files_dir")
    data = start.task.load(name, files_dir, **options)
    values = asdict(start.model)
    pictures = pictures_for(
        data["train"],
        start.model.picture_encoder,
        frozen=start.model.freeze_encoder,
        num_frames=start.model.num_frames,
    )
    reader = ClipReader(pictures.processor if pictures else None)
    tokenizer = caption_tokenizer(data["train"])
    set_seed(arguments.seed)
    config = caption_config(
        data["train"],
        reader,
        tokenizer,
        values,
        pictures.layer if pictures else None,
        **{name: values[name] for name in ("cell_type", "attention_type", "input_feeding")},
    )
    model = RecurrentForVideoCaptioning(config)
    start_encoder(model, pictures)
    trainer = caption_trainer(model, tokenizer, reader, data, arguments, [start.search])
    train_or_resume(trainer, start.checkpoint)
    trainer.save_model()
    if reader.processor is not None:
        reader.processor.save_pretrained(arguments.output_dir)
    model.eval()
    read_afresh(model, reader)
    finish(
        start,
        trainer,
        data,
        partial(caption, model, tokenizer, reader),
        notices=pictures.notices if pictures else (),
    )


if __name__ == "__main__":
    run_recipe(main)
