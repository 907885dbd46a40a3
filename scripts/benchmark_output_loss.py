"""Compare time and memory of a training step of each output loss, by size of the vocabulary.

    python scripts/benchmark_output_loss.py --output docs/results/output-loss.txt

The text is random ids, drawn by Zipf's law. A step is forward, backward, clipping and Adagrad, with
one thread; its time is the median of its rounds in processor time. With the update "dense" the
tables have dense gradients, with "rows" those of the rows that were read, by the same optimizer.
Each case has a process of its own, which is forked, and whose largest resident memory counts, less
what was there before.
"""

import argparse
import gc
import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from hf_recurrent import RecurrentConfig, RecurrentForCausalLM
from hf_recurrent._whole import write_whole
from hf_recurrent.models.output_loss_fields import LOSS_FIELDS, is_sampled
from hf_recurrent.training import RowAdagrad
from hf_recurrent.training.row_sparse import set_sparse_gradients


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add(
        "--sizes", type=int, nargs="+", default=[33_000, 100_000, 1_000_000], help="of vocabularies"
    )
    add("--losses", nargs="+", default=[*LOSS_FIELDS], choices=LOSS_FIELDS, metavar="LOSS")
    add("--updates", nargs="+", default=["dense", "rows"], choices=["dense", "rows"])
    add("--negatives", type=int, default=1024, help="of a step (default: 1024)")
    add("--batch", type=int, default=20, help="rows of a batch (default: 20)")
    add("--steps", type=int, default=35, help="tokens of a row (default: 35)")
    add("--width", type=int, default=128, help="of embedding and state (default: 128)")
    add("--rounds", type=int, default=5, help="of each case (default: 5)")
    add("--output", type=Path, help="a file for the table")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    lines = []
    for line in table(arguments):
        print(line, flush=True)
        lines.append(line + "\n")
    if arguments.output:
        write_whole(arguments.output, "".join(lines))


def table(arguments: argparse.Namespace) -> Iterator[str]:
    """Return the lines of the table, each as soon as it is measured."""
    yield (
        f"training step on random ids, LSTM, fp32, batch {arguments.batch} x {arguments.steps}, "
        f"width {arguments.width}, {arguments.negatives} negatives, one thread"
    )
    yield f"{'words':>9}  {'loss':16}{'update':7}{'ms':>9}{'MB':>8}  times as fast as the first"
    for size in arguments.sizes:
        first = None
        for loss in arguments.losses:
            for update in arguments.updates:
                found = alone(arguments, size, loss, update == "rows")
                if found is None:
                    yield f"{size:>9}  {loss:16}{update:7}  not enough memory"
                    continue
                seconds, megabytes = found
                first = first or seconds
                case = f"{size:>9}  {loss:16}{update:7}{seconds * 1e3:9.1f}{megabytes:8.0f}"
                yield f"{case}  {first / seconds:.2f}"


def alone(
    arguments: argparse.Namespace, size: int, loss: str, rows: bool
) -> tuple[float, float] | None:
    """Return seconds and megabytes of a case, measured in a process of its own."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=measure, args=(sender, arguments, size, loss, rows))
    process.start()
    sender.close()
    try:
        found: tuple[float, float] | None = receiver.recv()
    except EOFError:  # the process was killed
        found = None
    process.join()
    return found


def measure(sender: Any, arguments: argparse.Namespace, size: int, loss: str, rows: bool) -> None:
    """Send the median seconds of a step, and by how many megabytes the process grew."""
    gc.freeze()
    before = resident()
    torch.manual_seed(0)
    config = RecurrentConfig(
        vocab_size=size,
        embedding_size=arguments.width,
        hidden_size=arguments.width,
        output_loss=loss,
        pad_token_id=None,
    )
    if is_sampled(config):
        config.output_loss_config = {"sampler": "log_uniform", "negatives": arguments.negatives}
    model = RecurrentForCausalLM(config).train()
    set_sparse_gradients(model, rows)
    optimizer = RowAdagrad(model.parameters(), lr=0.01, max_norm=1.0)
    seconds = []
    for _ in range(arguments.rounds + 1):
        places = torch.rand(arguments.batch, arguments.steps, dtype=torch.double)
        ids = ((size + 1) ** places - 1).long().clamp(max=size - 1)
        start = time.process_time()
        model(ids, labels=ids, skip_logits=True).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        seconds.append(time.process_time() - start)
    sender.send((statistics.median(seconds[1:]), resident() - before))


def resident() -> float:
    """Return the largest resident memory of this process so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
