r"""Train a recurrent text classifier with the plain Trainer.

From scratch:
    python scripts/train_text_classification.py --output_dir runs/lstm
From word vectors, with attention, the rarer classes counting more:
    python scripts/train_text_classification.py --output_dir runs/attention --vectors glove \
        --bidirectional --pooling attention --class_weights balanced
On a file of yours:
    python scripts/train_text_classification.py --output_dir runs/reviews \
        --dataset reviews.csv --text_column review --label_column stars

The same command goes on where it was stopped. Every flag of TrainingArguments works too; the best
epoch on validation is kept, and its test metrics are printed. What no flag names is as in
`hf-recurrent benchmark`.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from transformers import (
    DataCollatorWithPadding,
    HfArgumentParser,
    TrainingArguments,
    set_seed,
)

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForSequenceClassification,
    load_text_dataset,
)
from hf_recurrent._cores import parse_threads
from hf_recurrent.benchmark.recipe import run_recipe
from hf_recurrent.metrics import classification_metrics
from hf_recurrent.tasks.labels import label_fields
from hf_recurrent.tasks.text_classification.encoding import encode_texts, label_names
from hf_recurrent.training import (
    RECIPE,
    CurriculumDataset,
    SelfPacedLearning,
    ThreadSearch,
    TuneRows,
    balanced_class_weights,
    checkpoint_to_resume,
    make_trainer,
    rows_per_step,
    train_or_resume,
)
from hf_recurrent.training.defaults import (
    DROPOUTS,
    EXTRA_WORDS,
    HIDDEN_SIZE,
    MAX_LENGTH,
    PATIENCE,
    POOLING,
    RANDOM_EMBEDDING_SIZE,
    RANDOM_MIN_FREQUENCY,
    VECTOR_SCALE,
)
from hf_recurrent.vectors import (
    load_vectors,
    word_inputs,
)


@dataclass
class DataArguments:
    """What to train on."""

    dataset: str = field(
        default="movie-snippets", metadata={"help": "Name, file, folder or id of the Hub."}
    )
    text_column: str | None = field(default=None, metadata={"help": "Of files and Hub data sets."})
    label_column: str | None = field(default=None, metadata={"help": "Of files and Hub data sets."})
    group_column: str | None = field(
        default=None, metadata={"help": "Likewise: a person or document, whole in one part."}
    )
    time_column: str | None = field(
        default=None, metadata={"help": "Likewise: a number or date; the latest rows are tested."}
    )
    files_dir: str | None = field(
        default=None, metadata={"help": "Folder of the files of named data sets."}
    )
    max_length: int = field(
        default=MAX_LENGTH, metadata={"help": "Words after which a text is cut."}
    )


@dataclass
class ModelArguments:
    """What to train."""

    vectors: str | None = field(
        default=None,
        metadata={"help": "glove, word2vec, glove+word2vec, or a file; none: from scratch."},
    )
    extra_words: int = field(
        default=EXTRA_WORDS, metadata={"help": "Words of the vectors beside those of the texts."}
    )
    vector_scale: float = field(
        default=VECTOR_SCALE,
        metadata={"help": "Standard deviation that the vectors get; 0 leaves them as they are."},
    )
    min_frequency: int | None = field(
        default=None,
        metadata={
            "help": "How often a word must stand in the training texts; without a number once, "
            f"from scratch {RANDOM_MIN_FREQUENCY} times, so that the unknown word is trained."
        },
    )
    embedding_size: int = field(
        default=RANDOM_EMBEDDING_SIZE, metadata={"help": "Width without vectors."}
    )
    freeze_embeddings: bool = field(default=False, metadata={"help": "Leave the vectors as is."})
    cell_type: str = field(
        default="lstm", metadata={"help": "rnn_tanh, rnn_relu, lstm, gru, mingru or minlstm."}
    )
    hidden_size: int = field(default=HIDDEN_SIZE, metadata={"help": "Of each direction."})
    num_hidden_layers: int = field(default=1, metadata={"help": "Number of stacked layers."})
    bidirectional: bool = field(default=False, metadata={"help": "Read backward as well."})
    residual: bool = field(default=False, metadata={"help": "Add a layer's input to its output."})
    pooling: str = field(default=POOLING, metadata={"help": "last, mean, max or attention."})
    embedding_dropout: float = field(
        default=DROPOUTS["embedding_dropout"], metadata={"help": "On the embeddings."}
    )
    hidden_dropout: float = field(
        default=DROPOUTS["hidden_dropout"], metadata={"help": "Between the layers."}
    )
    classifier_dropout: float = field(
        default=DROPOUTS["classifier_dropout"], metadata={"help": "Before the classifier."}
    )
    label_smoothing: float = field(default=0.0, metadata={"help": "Share spread over all labels."})
    class_weights: str | None = field(
        default=None, metadata={"help": "balanced: rarer classes count more."}
    )
    class_balance_beta: float = field(
        default=1.0,
        metadata={"help": "0 to 1, how much more: 1 makes all classes count the same."},
    )
    focal_gamma: float = field(default=0.0, metadata={"help": "Sure rows count less; try 2."})
    hard_example_share: float = field(
        default=1.0, metadata={"help": "Share of a batch that counts, the hardest rows."}
    )
    self_paced_limit: float | None = field(
        default=None,
        metadata={"help": "Loss from which on a row is left out, after two epochs; it rises."},
    )
    curriculum_epochs: int = field(
        default=0, metadata={"help": "Epochs that begin with the short texts and add the longer."}
    )
    patience: int = field(
        default=PATIENCE, metadata={"help": "Epochs without a better one until training ends."}
    )
    threads: str = field(
        default="auto",
        metadata={"help": "Threads on the CPU: a number, or auto, found by a trial at the start."},
    )


def main() -> None:
    parser = HfArgumentParser((DataArguments, ModelArguments, TrainingArguments))
    parser.set_defaults(**RECIPE, metric_for_best_model="accuracy", greater_is_better=True)
    data_arguments, model_arguments, arguments = parser.parse_args_into_dataclasses()
    if model_arguments.class_weights not in (None, "balanced"):
        raise ValueError(f"class_weights is {model_arguments.class_weights!r}, expected balanced.")
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

    data = load_text_dataset(
        data_arguments.dataset,
        data_dir=data_arguments.files_dir,
        text_column=data_arguments.text_column,
        label_column=data_arguments.label_column,
        group_column=data_arguments.group_column,
        time_column=data_arguments.time_column,
    )
    texts, vectors = data["train"]["text"][:], read_vectors(model_arguments.vectors)
    least = RANDOM_MIN_FREQUENCY if vectors == "random" else 1
    inputs = word_inputs(
        vectors,
        texts,
        ngrams=False,
        extra_words=model_arguments.extra_words,
        min_frequency=model_arguments.min_frequency or least,
        scale=model_arguments.vector_scale or None,
        seed=arguments.seed,
        embedding_size=model_arguments.embedding_size,
    )
    tokenizer = inputs.tokenizer
    if inputs.coverage is not None:
        print(f"Word vectors cover of the training texts: {inputs.coverage}")

    names = label_names(data["train"])
    weights = None
    if model_arguments.class_weights == "balanced":
        weights = balanced_class_weights(
            data["train"]["label"][:], len(names), model_arguments.class_balance_beta
        )
    config = RecurrentConfig(
        cell_type=model_arguments.cell_type,
        hidden_size=model_arguments.hidden_size,
        num_hidden_layers=model_arguments.num_hidden_layers,
        bidirectional=model_arguments.bidirectional,
        residual=model_arguments.residual,
        pooling=model_arguments.pooling,
        embedding_dropout=model_arguments.embedding_dropout,
        hidden_dropout=model_arguments.hidden_dropout,
        classifier_dropout=model_arguments.classifier_dropout,
        label_smoothing=model_arguments.label_smoothing,
        class_weights=weights,
        focal_gamma=model_arguments.focal_gamma,
        hard_example_share=model_arguments.hard_example_share,
        **label_fields(names),
        **inputs.config | {"freeze_embeddings": model_arguments.freeze_embeddings},
    )
    model = RecurrentForSequenceClassification(config)
    inputs.fill(model)

    train, validation, test = (
        encode_texts(data[part], tokenizer, data_arguments.max_length)
        for part in ("train", "validation", "test")
    )
    callbacks = [search]
    if not model_arguments.freeze_embeddings:
        # Most words of the vectors do not stand in the training texts, and need no step.
        callbacks.append(TuneRows(train["input_ids"]))
    if model_arguments.self_paced_limit is not None:
        callbacks.append(SelfPacedLearning(model_arguments.self_paced_limit))
    if model_arguments.curriculum_epochs:
        train = CurriculumDataset(
            train,
            rows_per_step(arguments),
            arguments.seed,
            epochs=model_arguments.curriculum_epochs,
        )
    trainer = make_trainer(
        model,
        tokenizer,
        arguments,
        train,
        validation,
        data_collator=DataCollatorWithPadding(tokenizer),
        compute_metrics=classification_metrics,
        patience=model_arguments.patience,
        callbacks=callbacks,
    )
    train_or_resume(trainer, checkpoint)
    trainer.save_model()
    metrics = trainer.predict(test).metrics
    trainer.save_metrics("test", metrics)
    print(json.dumps(metrics, indent=2))


def read_vectors(name: str | None):
    """Read vectors by their name or from a file; "random" without a name."""
    if name is None:
        return "random"
    return [load_vectors(part) for part in name.split("+")]


if __name__ == "__main__":
    run_recipe(main, "the last whole epoch")
