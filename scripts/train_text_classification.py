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
epoch on validation is kept, and its test metrics are printed.
"""

import json
import sys
from dataclasses import dataclass, field

from transformers import HfArgumentParser, TrainingArguments, set_seed
from transformers.trainer_utils import get_last_checkpoint

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForSequenceClassification,
    load_text_dataset,
)
from hf_recurrent.training import (
    RECIPE,
    balanced_class_weights,
    encode_texts,
    label_names,
    make_trainer,
)
from hf_recurrent.vectors import load_named_vectors, load_vectors, make_vocabulary


@dataclass
class DataArguments:
    """What to train on."""

    dataset: str = field(
        default="movie-snippets", metadata={"help": "Name, file, folder or id of the Hub."}
    )
    text_column: str | None = field(default=None, metadata={"help": "Of files and Hub data sets."})
    label_column: str | None = field(default=None, metadata={"help": "Of files and Hub data sets."})
    files_dir: str | None = field(
        default=None, metadata={"help": "Folder of the files of named data sets."}
    )
    max_length: int = field(default=256, metadata={"help": "Words after which a text is cut."})


@dataclass
class ModelArguments:
    """What to train."""

    vectors: str | None = field(
        default=None,
        metadata={"help": "glove, word2vec, glove+word2vec, or a file; none: from scratch."},
    )
    extra_words: int = field(
        default=30_000, metadata={"help": "Words of the vectors beside those of the texts."}
    )
    min_frequency: int = field(
        default=1, metadata={"help": "How often a word must stand in the training texts."}
    )
    embedding_size: int = field(default=100, metadata={"help": "Width without vectors."})
    freeze_embeddings: bool = field(default=False, metadata={"help": "Leave the vectors as is."})
    cell_type: str = field(default="lstm", metadata={"help": "rnn_tanh, rnn_relu, lstm or gru."})
    hidden_size: int = field(default=128, metadata={"help": "Of each direction."})
    num_hidden_layers: int = field(default=1, metadata={"help": "Number of stacked layers."})
    bidirectional: bool = field(default=False, metadata={"help": "Read backward as well."})
    residual: bool = field(default=False, metadata={"help": "Add a layer's input to its output."})
    pooling: str = field(default="max", metadata={"help": "last, mean, max or attention."})
    dropout: float = field(default=0.3, metadata={"help": "On embeddings, layers, classifier."})
    label_smoothing: float = field(default=0.0, metadata={"help": "Share spread over all labels."})
    class_weights: str | None = field(
        default=None, metadata={"help": "balanced: rarer classes count more."}
    )
    patience: int = field(
        default=3, metadata={"help": "Epochs without a better one until training ends."}
    )


def main() -> None:
    parser = HfArgumentParser((DataArguments, ModelArguments, TrainingArguments))
    parser.set_defaults(**RECIPE)
    data_arguments, model_arguments, arguments = parser.parse_args_into_dataclasses()
    if model_arguments.class_weights not in (None, "balanced"):
        raise ValueError(f"class_weights is {model_arguments.class_weights!r}, expected balanced.")
    # Before anything random: the fresh weights depend on the seed as the order of the data does.
    set_seed(arguments.seed)

    data = load_text_dataset(
        data_arguments.dataset,
        data_dir=data_arguments.files_dir,
        text_column=data_arguments.text_column,
        label_column=data_arguments.label_column,
    )
    vocabulary = make_vocabulary(
        data["train"]["text"][:],
        read_vectors(model_arguments.vectors),
        extra_words=model_arguments.extra_words,
        min_frequency=model_arguments.min_frequency,
        seed=arguments.seed,
    )
    tokenizer, matrix = vocabulary.tokenizer, vocabulary.matrix
    if vocabulary.coverage is not None:
        print(f"Word vectors cover of the training texts: {vocabulary.coverage}")

    names = label_names(data["train"])
    weights = None
    if model_arguments.class_weights == "balanced":
        weights = balanced_class_weights(data["train"]["label"][:], len(names["id2label"]))
    config = RecurrentConfig(
        vocab_size=len(tokenizer),
        embedding_size=model_arguments.embedding_size if matrix is None else matrix.shape[1],
        pad_token_id=tokenizer.pad_token_id,
        cell_type=model_arguments.cell_type,
        hidden_size=model_arguments.hidden_size,
        num_hidden_layers=model_arguments.num_hidden_layers,
        bidirectional=model_arguments.bidirectional,
        residual=model_arguments.residual,
        pooling=model_arguments.pooling,
        embedding_dropout=model_arguments.dropout,
        hidden_dropout=model_arguments.dropout,
        classifier_dropout=model_arguments.dropout,
        freeze_embeddings=model_arguments.freeze_embeddings,
        label_smoothing=model_arguments.label_smoothing,
        class_weights=weights,
        **names,
    )
    model = RecurrentForSequenceClassification(config)
    if matrix is not None:
        model.set_word_vectors(matrix)

    train, validation, test = (
        encode_texts(data[part], tokenizer, data_arguments.max_length)
        for part in ("train", "validation", "test")
    )
    trainer = make_trainer(model, tokenizer, arguments, train, validation, model_arguments.patience)
    trainer.train(resume_from_checkpoint=get_last_checkpoint(arguments.output_dir))
    trainer.save_model()
    metrics = trainer.predict(test).metrics
    trainer.save_metrics("test", metrics)
    print(json.dumps(metrics, indent=2))


def read_vectors(name: str | None):
    """Read vectors by their name or from a file; none without a name."""
    if name is None:
        return None
    if set(name.split("+")) <= {"glove", "word2vec"}:
        return load_named_vectors(name)
    return load_vectors(name)


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
