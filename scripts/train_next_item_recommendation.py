r"""Train a recurrent network that recommends the next item of a session.

    python scripts/train_next_item_recommendation.py --dataset movielens-100k --output_dir my-items
    python scripts/train_next_item_recommendation.py --dataset clicks.csv --session_column visit \
        --item_column product --time_column at --output_dir my-items

Copy it and change it. The best epoch by validation is kept, the test part is judged once, and the
same command goes on where it was stopped. (The comparison, `hf-recurrent benchmark`, fits each
model anew on training and validation together.) Every option of transformers' TrainingArguments is
taken.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from transformers import HfArgumentParser, TrainingArguments, set_seed

from hf_recurrent.benchmark.measure import latency
from hf_recurrent.benchmark.recipe import run_recipe
from hf_recurrent.models.publishable import mark
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.next_item_recommendation.catalog import Catalog
from hf_recurrent.tasks.next_item_recommendation.fitting import (
    item_recipe,
    network_scorer,
    recurrent_model,
)
from hf_recurrent.tasks.next_item_recommendation.models import MODELS
from hf_recurrent.tasks.next_item_recommendation.named import is_publishable
from hf_recurrent.tasks.next_item_recommendation.ranking import Session, rank_sessions
from hf_recurrent.tasks.records import recipe_record
from hf_recurrent.training import RECIPE, checkpoint_to_resume, make_trainer, train_or_resume

VALUES = MODELS["gru"].search.base
TASK = get_task("next-item-recommendation")


@dataclass
class DataArguments:
    """What to train on."""

    dataset: str = field(
        default=TASK.default_dataset,
        metadata={"help": "Name, table of events, folder, or id of the Hub."},
    )
    files_dir: str | None = field(
        default=None, metadata={"help": "Folder of the files of named data sets."}
    )
    session_column: str | None = field(default=None, metadata={"help": "Session or user."})
    item_column: str | None = field(default=None, metadata={"help": "Item."})
    time_column: str | None = field(default=None, metadata={"help": "Seconds, or a date."})
    title_column: str | None = field(default=None, metadata={"help": "Title of the item."})
    split: str = field(default="time", metadata={"help": "time or leave-one-out."})
    session_gap: float | None = field(
        default=None, metadata={"help": "Hours without an event after which a session ends."}
    )
    min_item_events: int = field(default=5, metadata={"help": "Rarer items are removed."})
    drop_repeats: bool = field(
        default=False, metadata={"help": "Remove items that follow themselves."}
    )
    drop_seen: bool = field(
        default=False, metadata={"help": "Recommend no item that the session has had."}
    )


@dataclass
class ModelArguments:
    """What to train."""

    cell_type: str = field(
        default="gru", metadata={"help": "rnn_tanh, rnn_relu, lstm, gru, mingru or minlstm."}
    )
    hidden_size: int = field(
        default=VALUES["hidden_size"], metadata={"help": "Width of states and of vectors of items."}
    )
    num_hidden_layers: int = field(default=1, metadata={"help": "Number of layers."})
    embedding_dropout: float = field(
        default=VALUES["embedding_dropout"], metadata={"help": "On the vectors of items."}
    )
    classifier_dropout: float = field(
        default=VALUES["classifier_dropout"], metadata={"help": "Before the output layer."}
    )
    output_loss: str = field(
        default="cross_entropy",
        metadata={"help": "cross_entropy, sampled_softmax, nce, bpr_max or top1_max."},
    )
    negatives: int = field(default=512, metadata={"help": "Of a sampled loss, for each step."})
    threads: int = field(default=1, metadata={"help": "Threads on the CPU."})


def main() -> None:
    parser = HfArgumentParser((DataArguments, ModelArguments, TrainingArguments))
    parser.set_defaults(
        **RECIPE
        | {
            "learning_rate": VALUES["learning_rate"],
            "num_train_epochs": VALUES["epochs"],
            "per_device_train_batch_size": VALUES["batch_size"],
            "metric_for_best_model": TASK.chosen_by,
            "greater_is_better": True,
        }
    )
    data_arguments, model_arguments, arguments = parser.parse_args_into_dataclasses()
    torch.set_num_threads(model_arguments.threads)
    settings = asdict(data_arguments) | asdict(model_arguments) | arguments.to_dict()
    checkpoint = checkpoint_to_resume(arguments.output_dir, settings)
    folder = Path(arguments.output_dir)
    results = folder / "test_results.json"
    if results.exists():
        print(results.read_text())
        return
    # Before anything random: the fresh weights depend on the seed.
    set_seed(arguments.seed)

    options = asdict(data_arguments)
    name, data_dir = options.pop("dataset"), options.pop("files_dir")
    data = TASK.load(name, data_dir, **options)
    task = TASK.for_data(data["train"])
    catalog = Catalog.of(data["train"])
    tokenizer = catalog.tokenizer()
    model = recurrent_model(catalog, tokenizer, **_fields(model_arguments))
    if not is_publishable(data["train"]):
        mark(model)  # `hf-recurrent publish` reads it
        mark(tokenizer)
    recipe = item_recipe(catalog, {"batch_size": arguments.per_device_train_batch_size})
    arguments.per_device_eval_batch_size = recipe.arguments["per_device_eval_batch_size"]
    trainer = make_trainer(
        model,
        tokenizer,
        arguments,
        recipe.encode(data["train"], tokenizer, 0),
        recipe.encode(data["validation"], tokenizer, 0),
        data_collator=recipe.collator(tokenizer),
        compute_metrics=recipe.metrics(data["train"]),
        lengths=recipe.lengths,
        **recipe.trainer,
    )
    train_or_resume(trainer, checkpoint)
    trainer.save_model()
    catalog.save_titles(folder)

    def predict(sessions: list[Session]) -> list[Any]:
        scorer = network_scorer(model, len(catalog.items))
        return rank_sessions(sessions, scorer, catalog, task.drops_seen)

    inputs = task.inputs(data["test"])
    found = predict(inputs)
    judged = task.judge(found, data["test"], data["train"])
    last = [Session(session) for session in inputs]
    # What its card tells: `hf-recurrent publish` reads it.
    recipe_record(trainer, task, name, data, judged, found, latency(predict, last)).save(folder)
    metrics = {f"test_{key}": value for key, value in judged.items()}
    trainer.save_metrics("test", metrics)
    print(json.dumps(metrics, indent=2))


def _fields(arguments: ModelArguments) -> dict[str, Any]:
    fields = asdict(arguments)
    del fields["threads"]
    negatives = fields.pop("negatives")
    if arguments.output_loss not in ("cross_entropy", "adaptive"):
        fields["output_loss_config"] = {"negatives": negatives}
    return fields


if __name__ == "__main__":
    run_recipe(main, "the last epoch")
