r"""Train a recurrent network on a memory task: copying, selective copying or adding.

    python scripts/train_memory.py --dataset copying --length 100 --cell_type lstm --chrono \
        --output_dir my-copier
    python scripts/train_memory.py --dataset adding --length 200 --cell_type rnn_relu \
        --recurrent_initializer identity --output_dir my-adder

Copy it and change it. Every training row is seen once, so --steps is the budget; training ends
before where the task is solved on validation. The best evaluation is kept, the test part is judged
once, and the same command goes on where it was stopped. Every option of transformers'
TrainingArguments is taken.
"""

import json
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import torch
import transformers
from transformers import HfArgumentParser, TrainingArguments, set_seed

from hf_recurrent import RecurrentConfig
from hf_recurrent._cores import parse_threads
from hf_recurrent.benchmark.measure import latency, predict_all
from hf_recurrent.benchmark.recipe import run_recipe
from hf_recurrent.benchmark.settings import choose_task
from hf_recurrent.tasks.memory.data import BATCH_SIZE, LENGTH, STEPS
from hf_recurrent.tasks.memory.fitting import MODEL_FIELDS, RECIPES, without_denormals
from hf_recurrent.tasks.memory.judging import solved_text
from hf_recurrent.tasks.memory.models import NETWORKS
from hf_recurrent.tasks.networks import StopAt
from hf_recurrent.tasks.records import recipe_record
from hf_recurrent.training import (
    RECIPE,
    ThreadSearch,
    checkpoint_to_resume,
    make_trainer,
    train_or_resume,
)

VALUES = NETWORKS.base
EVALUATED = {
    f"{what}_{name}": value
    for what in ("eval", "save", "logging")
    for name, value in (("strategy", "steps"), ("steps", STEPS // VALUES["evaluations"]))
}


@dataclass
class DataArguments:
    """What to train on."""

    dataset: str = field(
        default="copying", metadata={"help": "copying, selective-copying or adding."}
    )
    length: int = field(default=LENGTH, metadata={"help": "Steps over which to remember."})
    steps: int = field(
        default=STEPS, metadata={"help": f"Training steps, each with {BATCH_SIZE} new rows."}
    )


@dataclass
class ModelArguments:
    """What to train."""

    cell_type: str = field(
        default="lstm",
        metadata={"help": "rnn_tanh, rnn_relu, lstm, gru, mingru or minlstm."},
    )
    hidden_size: int = field(default=VALUES["hidden_size"], metadata={"help": "Width of a state."})
    num_hidden_layers: int = field(default=1, metadata={"help": "Number of stacked layers."})
    recurrent_initializer: str = field(
        default="orthogonal", metadata={"help": "orthogonal or identity."}
    )
    chrono: bool = field(
        default=False, metadata={"help": "Biases of the gates for delays up to a row's length."}
    )
    threads: str = field(
        default="auto",
        metadata={"help": "Threads on the CPU: a number, or auto, found by a trial at the start."},
    )


def main() -> None:
    parser = HfArgumentParser((DataArguments, ModelArguments, TrainingArguments))
    parser.set_defaults(
        **RECIPE
        | EVALUATED
        | {
            "num_train_epochs": VALUES["epochs"],
            "learning_rate": VALUES["learning_rate"],
            "per_device_train_batch_size": BATCH_SIZE,
            "remove_unused_columns": False,
        }
    )
    data_arguments, model_arguments, arguments = parser.parse_args_into_dataclasses()
    task = choose_task(None, data_arguments.dataset)
    if task.id not in RECIPES:
        raise ValueError(
            f"dataset is {data_arguments.dataset!r}, expected copying, selective-copying or adding."
        )
    arguments.metric_for_best_model = task.chosen_by
    arguments.greater_is_better = task.chooser.higher_is_better
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

    data = task.load(**asdict(data_arguments))
    recipe, row_length = RECIPES[task.id], data["train"][0]["row_length"]
    config = RecurrentConfig(
        cell_type=model_arguments.cell_type,
        hidden_size=model_arguments.hidden_size,
        num_hidden_layers=model_arguments.num_hidden_layers,
        recurrent_initializer=model_arguments.recurrent_initializer,
        chrono_max_length=row_length if model_arguments.chrono else None,
        **MODEL_FIELDS[task.id],
    )
    model = getattr(transformers, task.auto_class).from_config(config)
    trainer = make_trainer(
        model,
        None,
        arguments,
        data["train"],
        data["validation"],
        data_collator=recipe.collator(None),
        compute_metrics=recipe.metrics(data["train"]),
        lengths=recipe.lengths,
        callbacks=[search, StopAt(task.chooser, recipe.target)],
    )
    with without_denormals():  # of vanishing gradients, which cost time
        train_or_resume(trainer, checkpoint)
    trainer.save_model()
    model.eval()
    predict = partial(recipe.answer, model, None)
    inputs = task.inputs(data["test"])
    found, _ = predict_all(lambda rows: predict(rows, row_length), inputs)
    judged = task.judge(found, data["test"], data["train"])
    # What its card tells: `hf-recurrent publish` reads it.
    recipe_record(
        trainer,
        task,
        data_arguments.dataset,
        data,
        judged,
        found,
        latency(lambda rows: predict(rows, row_length), inputs),
    ).save(Path(arguments.output_dir))
    metrics = {f"test_{key}": value for key, value in judged.items()}
    trainer.save_metrics("test", metrics)
    print(json.dumps(metrics, indent=2))
    key = f"eval_{task.chosen_by}"
    logs = [log for log in trainer.state.log_history if key in log]
    print(solved_text(task, [log[key] for log in logs], [log["step"] for log in logs]))


if __name__ == "__main__":
    run_recipe(main)
