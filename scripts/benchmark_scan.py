"""Compare a training step of minGRU and minLSTM with torch's dense LSTM and GRU, side by side.

    python scripts/benchmark_scan.py --threads 1 2 --output docs/results/scan.txt

Every layer reads the same batch (fp32, one direction) and gets the same gradient from above. The
rounds of all layers alternate, so that other work slows them alike; a time is the median of its
rounds, in processor time where one thread runs. Without padding the peers are torch's own kernels;
on a ragged batch, this package's LSTM and GRU.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from hf_recurrent._whole import write_whole
from hf_recurrent.models.ragged import RaggedBatch
from hf_recurrent.models.recurrent_layer import RecurrentLayer

OURS = ("mingru", "minlstm")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--threads", type=int, nargs="+", default=[1], help="numbers of threads (default: 1)")
    add("--times", type=int, nargs="+", default=[128, 512, 2048], help="steps of a batch")
    add("--batch", type=int, default=32, help="rows of a batch (default: 32)")
    add("--width", type=int, default=256, help="width of input and state (default: 256)")
    add("--rounds", type=int, default=7, help="rounds of each layer (default: 7)")
    add("--output", type=Path, help="a file for the table")
    arguments = parser.parse_args()
    lines = []
    for line in table(arguments):
        print(line, flush=True)
        lines.append(line + "\n")
    if arguments.output:
        write_whole(arguments.output, "".join(lines))


def table(arguments: argparse.Namespace) -> Iterator[str]:
    """Return the lines of the table, each as soon as it is measured."""
    batch, width = arguments.batch, arguments.width
    yield f"training step, fp32, batch {batch}, width {width}; median ms, and times as fast as"
    yield f"{'threads':>7} {'steps':>6} {'padding':>8}  layer     ms     LSTM   GRU"
    for threads in arguments.threads:
        torch.set_num_threads(threads)
        for steps in arguments.times:
            for is_ragged in (False, True):
                found = measure(batch, steps, width, is_ragged, arguments.rounds, threads == 1)
                padding = "ragged" if is_ragged else "none"
                for name, seconds in found.items():
                    case = f"{threads:>7} {steps:>6} {padding:>8}  {name:8}{seconds * 1e3:7.1f}"
                    yield case + "".join(f"{found[p] / seconds:7.2f}" for p in ("lstm", "gru"))


def measure(
    batch: int, steps: int, width: int, is_ragged: bool, rounds: int, alone: bool
) -> dict[str, float]:
    """Return the median seconds of a training step of each layer."""
    torch.manual_seed(0)
    x, grad = torch.randn(batch, steps, width), torch.randn(batch, steps, width)
    lengths = torch.randint(steps // 4, steps + 1, (batch,))
    lengths[0] = steps
    mask = torch.arange(steps) < (lengths if is_ragged else torch.full((batch,), steps))[:, None]
    grad *= mask.unsqueeze(-1)
    runs = {}
    for name in ("lstm", "gru", *OURS):
        if is_ragged or name in OURS:
            runs[name] = ours(RecurrentLayer(name, width, width), x, mask, grad)
        else:
            kind = nn.LSTM if name == "lstm" else nn.GRU
            runs[name] = torchs(kind(width, width, batch_first=True), x, grad)
    for run in runs.values():
        run()
    clock = time.process_time if alone else time.perf_counter
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            start = clock()
            run()
            seconds[name].append(clock() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def ours(layer: RecurrentLayer, x: Tensor, mask: Tensor, grad: Tensor) -> Callable[[], None]:
    """Return a training step of a layer of this package, the layout of the batch included."""

    def run() -> None:
        given = x.detach().requires_grad_()
        layer.zero_grad()
        layer(given, ragged=RaggedBatch.from_mask(mask)).output.backward(grad)

    return run


def torchs(layer: nn.Module, x: Tensor, grad: Tensor) -> Callable[[], None]:
    """Return a training step of a layer of torch."""

    def run() -> None:
        layer.zero_grad()
        layer(x.detach().requires_grad_())[0].backward(grad)

    return run


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
