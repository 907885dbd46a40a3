"""Draw gradients by step before and after training on a memory task, for three networks.

    python scripts/draw_memory_gradients.py --output memory-gradients.svg
    python scripts/draw_memory_gradients.py --dataset adding --length 200 --steps 1000

An Elman network, an LSTM and an LSTM with chrono initialisation are trained on the same rows. The
gradient is that of the loss of the last step by the state of each earlier step.
"""

import argparse
import sys
from pathlib import Path

import torch
import transformers

from hf_recurrent import RecurrentConfig
from hf_recurrent.benchmark.settings import choose_task
from hf_recurrent.tasks.memory.data import BATCH_SIZE, MEMORY_DATASETS, load_rows
from hf_recurrent.tasks.memory.fitting import MODEL_FIELDS, RECIPES
from hf_recurrent.tasks.memory.models import MODELS, NETWORKS
from hf_recurrent.training import draw_gradient_flow, gradient_flow

SHOWN = ("elman", "lstm", "lstm-chrono")
ROWS = 16


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--dataset", default="copying", choices=MEMORY_DATASETS, help="default: copying")
    add("--length", type=int, default=100, help="steps over which to remember (default: 100)")
    add("--steps", type=int, default=500, help=f"of {BATCH_SIZE} new rows each (default: 500)")
    add("--hidden-size", type=int, default=NETWORKS.base["hidden_size"], metavar="N")
    add("--seed", type=int, default=0, metavar="N")
    add("--output", type=Path, default=Path("memory-gradients.svg"), help=".svg or .png")
    arguments = parser.parse_args()
    task = choose_task(None, arguments.dataset)
    data = load_rows(arguments.dataset, arguments.length, arguments.steps)
    collate = RECIPES[task.id].collator(None)
    shown = collate([data["test"][i] for i in range(ROWS)])
    before, after = [], []
    for name in SHOWN:
        torch.manual_seed(arguments.seed)
        fields = dict(MODELS[name].config)
        if fields.pop("chrono", False):
            fields["chrono_max_length"] = data["train"][0]["row_length"]
        config = RecurrentConfig(
            hidden_size=arguments.hidden_size, **fields, **MODEL_FIELDS[task.id]
        )
        model = getattr(transformers, task.auto_class).from_config(config)
        title = MODELS[name].title
        before.append((f"{title}, before", gradient_flow(model.eval(), shown)))
        rate = MODELS[name].search.base["learning_rate"]
        train(model.train(), data["train"], collate, rate, title)
        after.append((f"{title}, after", gradient_flow(model.eval(), shown)))
    for heading, flow in (*before, *after):
        print(f"{heading}\n{flow}\n")
    draw_gradient_flow(
        [*before, *after],
        arguments.output,
        title=f"{task.title} ({arguments.dataset}, length {arguments.length}), before and after "
        f"{arguments.steps} steps",
        relative=True,
    )
    print(arguments.output)


def train(model, rows, collate, learning_rate: float, title: str) -> None:
    """Train on all rows once, as the comparison does but at a constant learning rate."""
    optimizer = torch.optim.AdamW(model.parameters(), learning_rate, weight_decay=0.0)
    for first in range(0, len(rows), BATCH_SIZE):
        chosen = range(first, min(first + BATCH_SIZE, len(rows)))
        loss = model(**collate([rows[i] for i in chosen])).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    print(f"{title}: loss {loss.item():.4f} at the last step of training", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
