r"""Train a recurrent captioner of clips: frames, and a decoder that attends to them.

    python scripts/train_video_captioning.py --dataset moving-digits --output_dir my-captioner
    python scripts/train_video_captioning.py --dataset clips/ --attention_type none \
        --output_dir my-s2vt

Copy it and change it. A folder of clips has one captions file, in the form of MSVD, MSR-VTT or a
table with the columns clip and caption; a data set of the Hub has such columns. "moving-digits" is
SYNTHETIC. The best epoch on validation is kept, the test part is judged once, and the same command
goes on where it was stopped. Every option of transformers' Seq2SeqTrainingArguments is taken.
"""

import json
import sys
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import torch
from transformers import HfArgumentParser, Seq2SeqTrainingArguments, set_seed

from hf_recurrent import RecurrentForVideoCaptioning
from hf_recurrent._cores import parse_threads
from hf_recurrent.benchmark.measure import latency, predict_all
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.records import recipe_record
from hf_recurrent.tasks.video_captioning.fitting import (
    EVALUATED,
    caption,
    caption_config,
    caption_tokenizer,
    caption_trainer,
    reader_for,
)
from hf_recurrent.tasks.video_captioning.models import NETWORKS
from hf_recurrent.training import RECIPE, ThreadSearch, checkpoint_to_resume

VALUES = NETWORKS.base


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
class ModelArguments:
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
    picture_encoder: bool = field(
        default=True, metadata={"help": "Whether pictures pass through a small picture encoder."}
    )
    threads: str = field(
        default="auto",
        metadata={"help": "Threads on the CPU: a number, or auto, found by a trial at the start."},
    )


def main() -> None:
    parser = HfArgumentParser((DataArguments, ModelArguments, Seq2SeqTrainingArguments))
    parser.set_defaults(
        **RECIPE
        | EVALUATED
        | {
            # A stopped run needs its last epoch, with the state of the optimizer.
            "save_strategy": "epoch",
            "save_only_model": False,
            "num_train_epochs": VALUES["epochs"],
            "learning_rate": VALUES["learning_rate"],
            "per_device_train_batch_size": VALUES["batch_size"],
        }
    )
    data_arguments, model_arguments, arguments = parser.parse_args_into_dataclasses()
    task = get_task("video-captioning")
    search = ThreadSearch(parse_threads(model_arguments.threads))
    # Fresh weights do not depend on the number that is found for training.
    torch.set_num_threads(1)
    settings = asdict(data_arguments) | asdict(model_arguments) | arguments.to_dict()
    checkpoint = checkpoint_to_resume(arguments.output_dir, settings)
    results = Path(arguments.output_dir, "test_results.json")
    if checkpoint is not None and results.exists():
        print(results.read_text())
        return
    options = asdict(data_arguments)
    name, files_dir = options.pop("dataset"), options.pop("files_dir")
    data = task.load(name, files_dir, **options)
    values = asdict(model_arguments)
    reader = reader_for(data["train"], model_arguments.picture_encoder)
    tokenizer = caption_tokenizer(data["train"])
    set_seed(arguments.seed)
    config = caption_config(
        data["train"],
        reader,
        tokenizer,
        values,
        **{name: values[name] for name in ("cell_type", "attention_type", "input_feeding")},
    )
    model = RecurrentForVideoCaptioning(config)
    trainer = caption_trainer(model, tokenizer, reader, data, arguments, [search])
    trainer.train(resume_from_checkpoint=checkpoint)
    trainer.save_model()
    if reader.processor is not None:
        reader.processor.save_pretrained(arguments.output_dir)
    model.eval()
    predict = partial(caption, model, tokenizer, reader)
    inputs = task.inputs(data["test"])
    found, _ = predict_all(predict, inputs)
    judged = task.judge(found, data["test"], data["train"])
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
        print("\nStopped: the same command goes on after the last epoch.", file=sys.stderr)
        sys.exit(130)
    except (ImportError, OSError, ValueError) as error:
        sys.exit(f"error: {' '.join(str(error).split())}")
