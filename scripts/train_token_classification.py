r"""Train a recurrent tagger: parts of speech or names, with a CRF or without.

    python scripts/train_token_classification.py --dataset wnut17 --files_dir data --crf \
        --vectors glove --characters cnn --output_dir my-tagger
    python scripts/train_token_classification.py --dataset my-folder --cell_type gru \
        --bidirectional False --output_dir my-tagger

Copy it and change it. The best epoch by validation is kept, the test part is judged once, and the
same command goes on where it was stopped. Every option of transformers' TrainingArguments is taken.
"""

import json
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from transformers import (
    DataCollatorForTokenClassification,
    HfArgumentParser,
    TrainingArguments,
    set_seed,
)

from hf_recurrent import RecurrentConfig, RecurrentForTokenClassification
from hf_recurrent._cores import parse_threads
from hf_recurrent.benchmark.measure import latency
from hf_recurrent.benchmark.recipe import run_recipe
from hf_recurrent.metrics.spans import tagging_metrics
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.input_layers import frozen_fields, load_inputs, make_inputs
from hf_recurrent.tasks.labels import label_fields
from hf_recurrent.tasks.records import recipe_record
from hf_recurrent.tasks.token_classification.data import has_spans, load_tagging_dataset, tag_names
from hf_recurrent.tasks.token_classification.encoding import encode_sentences, tag
from hf_recurrent.tasks.token_classification.models import NETWORKS
from hf_recurrent.tasks.word_vectors import VECTORS, Embedding
from hf_recurrent.training import (
    RECIPE,
    ThreadSearch,
    TuneRows,
    checkpoint_to_resume,
    make_trainer,
    train_or_resume,
)
from hf_recurrent.training.defaults import MAX_LENGTH

TASK = get_task("token-classification")
VALUES = NETWORKS.base


@dataclass
class DataArguments:
    """What to train on."""

    dataset: str = field(
        default=TASK.default_dataset,
        metadata={"help": "Name, file or folder of columns, or id of the Hub."},
    )
    tokens_column: str | None = field(
        default=None, metadata={"help": "Of files its number, from 1; of the Hub its name."}
    )
    tags_column: str | None = field(default=None, metadata={"help": "Likewise."})
    group_column: str | None = field(
        default=None,
        metadata={"help": "Whole in one part: of files document, of the Hub a column."},
    )
    time_column: str | None = field(
        default=None, metadata={"help": "Of the Hub: a number or date; the latest are tested."}
    )
    files_dir: str | None = field(
        default=None, metadata={"help": "Folder of the files of named data sets."}
    )
    max_length: int = field(
        default=MAX_LENGTH, metadata={"help": "Words after which a sentence is cut."}
    )


@dataclass
class ModelArguments:
    """What to train."""

    vectors: str = field(default="glove", metadata={"help": f"One of {', '.join(VECTORS)}."})
    characters: str | None = field(
        default=None, metadata={"help": "cnn or lstm, for characters beside the word vectors."}
    )
    freeze_embeddings: bool = field(default=False, metadata={"help": "Leave the vectors as is."})
    cell_type: str = field(
        default="lstm", metadata={"help": "rnn_tanh, rnn_relu, lstm, gru, mingru or minlstm."}
    )
    hidden_size: int = field(default=VALUES["hidden_size"], metadata={"help": "Of each direction."})
    num_hidden_layers: int = field(default=1, metadata={"help": "Number of stacked layers."})
    bidirectional: bool = field(default=True, metadata={"help": "Read backward as well."})
    crf: bool = field(default=False, metadata={"help": "Score whole paths of tags."})
    tag_scheme: str | None = field(
        default=None, metadata={"help": "BIO or BIOES, to let a CRF predict only what it allows."}
    )
    embedding_dropout: float = field(
        default=VALUES["embedding_dropout"], metadata={"help": "On the embeddings."}
    )
    hidden_dropout: float = field(
        default=VALUES["hidden_dropout"], metadata={"help": "Between the layers."}
    )
    classifier_dropout: float = field(
        default=VALUES["classifier_dropout"], metadata={"help": "Before the classifier."}
    )
    focal_gamma: float = field(
        default=0.0, metadata={"help": "Sure tokens, or sentences of a CRF, count less; try 2."}
    )
    hard_example_share: float = field(
        default=1.0, metadata={"help": "Share of a batch that counts, the hardest of these."}
    )
    patience: int = field(
        default=VALUES["patience"], metadata={"help": "Epochs without a better one until the end."}
    )
    threads: str = field(
        default="auto",
        metadata={"help": "Threads on the CPU: a number, or auto, found by a trial at the start."},
    )


def main() -> None:
    parser = HfArgumentParser((DataArguments, ModelArguments, TrainingArguments))
    parser.set_defaults(
        **RECIPE | {"num_train_epochs": VALUES["epochs"], "learning_rate": VALUES["learning_rate"]}
    )
    data_arguments, model_arguments, arguments = parser.parse_args_into_dataclasses()
    if model_arguments.vectors not in VECTORS:
        raise ValueError(f"vectors is {model_arguments.vectors!r}, expected {', '.join(VECTORS)}.")
    search = ThreadSearch(parse_threads(model_arguments.threads))
    # Fresh weights do not depend on the number that is found for training.
    torch.set_num_threads(1)
    settings = asdict(data_arguments) | asdict(model_arguments) | arguments.to_dict()
    checkpoint = checkpoint_to_resume(arguments.output_dir, settings)
    results = Path(arguments.output_dir, "test_results.json")
    if results.exists():
        print(results.read_text())
        return
    # Before anything random: the fresh weights depend on the seed as the order of the data does.
    set_seed(arguments.seed)

    data = load_tagging_dataset(
        data_arguments.dataset,
        data_dir=data_arguments.files_dir,
        tokens_column=data_arguments.tokens_column,
        tags_column=data_arguments.tags_column,
        group_column=data_arguments.group_column,
        time_column=data_arguments.time_column,
    )
    task, names = TASK.for_data(data["train"]), tag_names(data["train"])
    arguments.metric_for_best_model = task.chosen_by
    arguments.greater_is_better = True
    with tempfile.TemporaryDirectory() as folder:
        coverage = make_inputs(
            model_arguments.vectors,
            task.texts(data["train"]),
            Path(folder),
            words_are_given=True,
            characters=model_arguments.characters,
        )
        inputs = load_inputs(Path(folder))
    tokenizer = inputs.tokenizer
    if coverage is not None:
        print(f"Word vectors cover of the training sentences: {coverage['report']}")
    config = RecurrentConfig(
        cell_type=model_arguments.cell_type,
        hidden_size=model_arguments.hidden_size,
        num_hidden_layers=model_arguments.num_hidden_layers,
        bidirectional=model_arguments.bidirectional,
        crf=model_arguments.crf,
        tag_scheme=model_arguments.tag_scheme,
        embedding_dropout=model_arguments.embedding_dropout,
        hidden_dropout=model_arguments.hidden_dropout,
        classifier_dropout=model_arguments.classifier_dropout,
        focal_gamma=model_arguments.focal_gamma,
        hard_example_share=model_arguments.hard_example_share,
        **label_fields(names),
        **inputs.config | frozen_fields(inputs.config, model_arguments.freeze_embeddings),
    )
    model = RecurrentForTokenClassification(config)
    inputs.fill(model)

    train, validation = (
        encode_sentences(data[part], tokenizer, data_arguments.max_length)
        for part in ("train", "validation")
    )
    callbacks = [search]
    if not model_arguments.freeze_embeddings:
        # Most words of the vectors do not stand in the training sentences, and need no step.
        callbacks.append(TuneRows(train["input_ids"]))
    trainer = make_trainer(
        model,
        tokenizer,
        arguments,
        train,
        validation,
        data_collator=DataCollatorForTokenClassification(tokenizer),
        compute_metrics=tagging_metrics(names, has_spans(names)),
        patience=model_arguments.patience,
        callbacks=callbacks,
    )
    train_or_resume(trainer, checkpoint)
    trainer.save_model()
    model.eval()
    found = []
    for first in range(0, len(data["test"]), 32):
        words = data["test"][first : first + 32]["tokens"]
        found += tag(model, tokenizer, words, data_arguments.max_length)
    found_on_test = task.judge(found, data["test"], data["train"])
    metrics = {f"test_{key}": value for key, value in found_on_test.items()}
    # What its card tells: `hf-recurrent publish` reads it.
    recipe_record(
        trainer,
        task,
        data_arguments.dataset,
        data,
        found_on_test,
        found,
        latency(
            lambda words: tag(model, tokenizer, words, data_arguments.max_length),
            task.inputs(data["test"]),
        ),
        embedding=Embedding(model_arguments.vectors, not model_arguments.freeze_embeddings),
        coverage=coverage,
        max_length=data_arguments.max_length,
    ).save(Path(arguments.output_dir))
    trainer.save_metrics("test", metrics)
    print(json.dumps(metrics, indent=2))


if __name__ == "__main__":
    run_recipe(main, "the last whole epoch")
