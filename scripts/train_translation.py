r"""Train a recurrent network that translates, with attention.

    python scripts/train_translation.py --dataset bible-en-es --output_dir my-translator
    python scripts/train_translation.py --dataset multi30k-en-de --files_dir data \
        --output_dir my-translator
    python scripts/train_translation.py --dataset my.en --target_file my.de --output_dir my-model

Copy it and change it. The epoch with the best BLEU of greedy translations of the validation part is
kept, the test part is translated once, and the same command goes on where it was stopped. Every
option of transformers' Seq2SeqTrainingArguments is taken. Needs sacrebleu (extra "translation").
"""

import json
import math
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import torch
from transformers import (
    DataCollatorForSeq2Seq,
    EarlyStoppingCallback,
    HfArgumentParser,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    set_seed,
)

from hf_recurrent import RecurrentForConditionalGeneration
from hf_recurrent._cores import parse_threads
from hf_recurrent.benchmark.measure import latency, predict_all
from hf_recurrent.benchmark.recipe import run_recipe
from hf_recurrent.metrics import bleu
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.records import recipe_record
from hf_recurrent.tasks.translation.data import load_pairs, may_be_quoted
from hf_recurrent.tasks.translation.encoding import encode_pairs
from hf_recurrent.tasks.translation.fitting import (
    bleu_of_ids,
    check_generates,
    longest_translation,
    recurrent_config,
)
from hf_recurrent.tasks.translation.translating import translate
from hf_recurrent.training import (
    RECIPE,
    FiniteLoss,
    LearningCurve,
    LengthGroupedDataset,
    ThreadSearch,
    checkpoint_to_resume,
    rows_per_step,
    train_or_resume,
)
from hf_recurrent.vectors import translation_tokenizer

TASK = get_task("translation")


@dataclass
class DataArguments:
    """What to train on."""

    dataset: str = field(
        default=TASK.default_dataset,
        metadata={"help": "Name, text file, table, folder, or id of the Hub."},
    )
    source_column: str | None = field(
        default=None,
        metadata={"help": "Of the sentences: a column, a language, or the ending of files."},
    )
    target_column: str | None = field(
        default=None, metadata={"help": "The same of the translations."}
    )
    target_file: str | None = field(
        default=None, metadata={"help": "Translations of a text file, line by line."}
    )
    dataset_config: str | None = field(
        default=None, metadata={"help": "Configuration of a data set of the Hub."}
    )
    files_dir: str | None = field(
        default=None, metadata={"help": "Folder of the files of named data sets."}
    )
    max_length: int = field(
        default=100, metadata={"help": "Tokens of a side; longer pairs are left out of training."}
    )
    tokenizer: str = field(default="bpe", metadata={"help": "bpe or unigram."})
    joint: bool = field(default=True, metadata={"help": "One vocabulary for both languages."})
    pieces: int = field(default=6000, metadata={"help": "Size of a vocabulary."})
    lowercase: bool = field(default=False, metadata={"help": "Read and write lower case only."})


@dataclass
class ModelArguments:
    """What to train."""

    cell_type: str = field(
        default="lstm", metadata={"help": "rnn_tanh, rnn_relu, lstm, gru, mingru or minlstm."}
    )
    embedding_size: int = field(default=256, metadata={"help": "Width of the embeddings."})
    hidden_size: int = field(default=512, metadata={"help": "Width of the decoder's states."})
    num_hidden_layers: int = field(default=1, metadata={"help": "Layers of either side."})
    attention_type: str = field(
        default="general", metadata={"help": "none, additive, dot or general."}
    )
    input_feeding: bool = field(
        default=False, metadata={"help": "Let each step read what the last one attended to."}
    )
    dropout: float = field(default=0.3, metadata={"help": "On embeddings, layers and output."})
    label_smoothing: float = field(
        default=0.1, metadata={"help": "Share of the target that is spread over all tokens."}
    )
    num_beams: int = field(default=5, metadata={"help": "Beams of the final translations."})
    length_penalty: float = field(
        default=1.0, metadata={"help": "Above 1 beams favour longer translations."}
    )
    patience: int = field(
        default=5, metadata={"help": "Epochs without a better one until the end."}
    )
    threads: str = field(
        default="auto",
        metadata={"help": "Threads on the CPU: a number, or auto, found by a trial at the start."},
    )


def main() -> None:
    parser = HfArgumentParser((DataArguments, ModelArguments, Seq2SeqTrainingArguments))
    parser.set_defaults(
        **RECIPE
        | {
            "num_train_epochs": 15,
            "learning_rate": 1e-3,
            "per_device_train_batch_size": 64,
            "per_device_eval_batch_size": 64,
            "predict_with_generate": True,
            "metric_for_best_model": TASK.chosen_by,
            "greater_is_better": True,
        }
    )
    data_arguments, model_arguments, arguments = parser.parse_args_into_dataclasses()
    check_generates(arguments)
    if model_arguments.num_beams < 1:
        raise ValueError(f"--num_beams is {model_arguments.num_beams}, expected at least 1")
    if not math.isfinite(model_arguments.length_penalty):
        raise ValueError(
            f"--length_penalty is {model_arguments.length_penalty}, expected a finite number"
        )
    search = ThreadSearch(parse_threads(model_arguments.threads))
    # Fresh weights do not depend on the number that is found for training.
    torch.set_num_threads(1)
    settings = asdict(data_arguments) | asdict(model_arguments) | arguments.to_dict()
    folder = Path(arguments.output_dir)
    checkpoint = checkpoint_to_resume(folder, settings)
    results = folder / "test_results.json"
    if results.exists():
        print(results.read_text())
        return
    # Before anything random: the fresh weights depend on the seed as the order of the data does.
    set_seed(arguments.seed)

    data = load_pairs(
        data_arguments.dataset,
        data_dir=data_arguments.files_dir,
        source_column=data_arguments.source_column,
        target_column=data_arguments.target_column,
        target_file=data_arguments.target_file,
        config=data_arguments.dataset_config,
    )
    tokenizer = translation_tokenizer(
        data["train"]["source_text"],
        data["train"]["target_text"],
        data_arguments.tokenizer,
        joint=data_arguments.joint,
        vocab_size=data_arguments.pieces,
        lowercase=data_arguments.lowercase,
    )
    config = recurrent_config(
        tokenizer,
        model_arguments.embedding_size,
        model_arguments.hidden_size,
        num_hidden_layers=model_arguments.num_hidden_layers,
        cell_type=model_arguments.cell_type,
        attention_type=model_arguments.attention_type,
        input_feeding=model_arguments.input_feeding,
        dropout=model_arguments.dropout,
        label_smoothing=model_arguments.label_smoothing,
    )
    model = RecurrentForConditionalGeneration(config)
    train = encode_pairs(data["train"], tokenizer, data_arguments.max_length)
    validation = encode_pairs(data["validation"], tokenizer)
    generation = model.generation_config
    generation.max_length = longest_translation(train["labels"][:])
    trainer = Seq2SeqTrainer(
        model,
        arguments,
        train_dataset=LengthGroupedDataset(train, rows_per_step(arguments), arguments.seed),
        eval_dataset=validation,
        processing_class=tokenizer,
        data_collator=DataCollatorForSeq2Seq(tokenizer, model),
        compute_metrics=bleu_of_ids(
            tokenizer, data["validation"]["target_text"], data_arguments.lowercase
        ),
        callbacks=[
            EarlyStoppingCallback(model_arguments.patience),
            FiniteLoss(),
            LearningCurve(folder / "curve.jsonl"),
            search,
        ],
    )
    train_or_resume(trainer, checkpoint)
    if model_arguments.num_beams > 1:
        generation.num_beams = model_arguments.num_beams
        generation.length_penalty = model_arguments.length_penalty
    trainer.save_model()
    model.eval()
    answer = partial(translate, model, tokenizer)
    inputs, right = TASK.inputs(data["test"]), data["test"]["target_text"][:]
    found, _ = predict_all(answer, inputs)
    judged = TASK.judge(found, data["test"], data["train"])
    # What its card tells: `hf-recurrent publish` reads it.
    recipe_record(
        trainer,
        TASK,
        data_arguments.dataset,
        data,
        judged,
        found,
        latency(answer, inputs),
        max_length=data_arguments.max_length,
    ).save(folder)
    if may_be_quoted(data["test"]):
        (folder / "test_translations.txt").write_text("\n".join([*found, ""]), encoding="utf-8")
    metrics = {f"test_{key}": value for key, value in judged.items()}
    metrics["test_signature"] = bleu(found, right)["signature"]
    trainer.save_metrics("test", metrics, combined=False)
    print(json.dumps(metrics, indent=2))


if __name__ == "__main__":
    run_recipe(main, "the last whole epoch")
