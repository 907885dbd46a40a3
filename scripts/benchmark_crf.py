"""Compare the linear-chain CRF with pytorch-crf: training (forward and backward) and decoding.

Both get the same emissions (float32), tags, mask and transitions, and run in turn in one process;
time is the process's own on the processor. A round times each side several times, and the median
of the rounds' ratios counts. Before that, both must give the same likelihood, gradients and paths.
Rows are padded on the right, since pytorch-crf takes nothing else.

Needs pytorch-crf, which the package does not: ``pip install pytorch-crf==0.7.2``.

Examples:
    python scripts/benchmark_crf.py
    python scripts/benchmark_crf.py --rounds 31 --output docs/results/crf.txt
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from hf_recurrent._whole import write_whole
from hf_recurrent.models.crf import LinearChainCRF
from hf_recurrent.models.crf_functions import log_partition, reference_log_partition

REPEATS = 5


def seconds(work: Callable[[], object]) -> float:
    """Return the processor's time of one run."""
    start = time.process_time()
    for _ in range(REPEATS):
        work()
    return (time.process_time() - start) / REPEATS


def compare(ours: Callable[[], object], peer: Callable[[], object], rounds: int) -> str:
    """Return the cells of a row: milliseconds of both, and how much faster ours is."""
    ours(), peer()  # what is done once only
    times = [(seconds(ours), seconds(peer)) for _ in range(rounds)]
    ratios = sorted(slow / fast for fast, slow in times)
    low, high = ratios[len(ratios) // 10], ratios[-1 - len(ratios) // 10]
    own, other = (1e3 * statistics.median(side) for side in zip(*times, strict=True))
    middle = statistics.median(ratios)
    return f"{own:.2f} | {other:.2f} | {middle:.2f} ({low:.2f} to {high:.2f}) |"


def training(loss: Callable[[Tensor], Tensor], emissions: Tensor) -> Callable[[], Tensor]:
    """Return a step: the loss of emissions and all gradients."""

    def step() -> Tensor:
        leaf = emissions.detach().requires_grad_()
        loss(leaf).backward()
        return leaf.grad

    return step


def rows(name: str, lengths: Tensor, arguments: argparse.Namespace) -> list[str]:
    """Return the table's rows for a batch with these lengths."""
    from torchcrf import CRF

    batch, time_steps, labels = arguments.batch, arguments.steps, arguments.labels
    torch.manual_seed(0)
    peer, ours = CRF(labels, batch_first=True), LinearChainCRF(labels)
    ours.load_state_dict(peer.state_dict())
    emissions = torch.randn(batch, time_steps, labels)
    tags = torch.randint(labels, (batch, time_steps))
    mask = torch.arange(time_steps) < lengths.unsqueeze(1)

    steps = (
        training(lambda e: -ours(e, tags, mask).sum(), emissions),
        training(lambda e: -peer(e, tags, mask, reduction="sum"), emissions),
    )
    likelihood = ours(emissions, tags, mask).sum()
    torch.testing.assert_close(likelihood, peer(emissions, tags, mask), rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(steps[0](), steps[1](), rtol=1e-3, atol=1e-4)
    grads = [p.grad for p in ours.parameters()]
    wanted = [dict(peer.named_parameters())[n].grad for n, _ in ours.named_parameters()]
    torch.testing.assert_close(grads, wanted, rtol=1e-3, atol=1e-3)
    decoding = (lambda: ours.decode(emissions, mask), lambda: peer.decode(emissions, mask))
    paths = [row[real].tolist() for row, real in zip(decoding[0](), mask, strict=True)]
    if paths != decoding[1]():
        raise ValueError("the two find different paths, which random scores should not have")

    cells = compare(*steps, arguments.rounds)
    found = [f"| {name}, training | {cells}", f"| {name}, decoding | "]
    found[1] += compare(*decoding, arguments.rounds)
    scores = ours.transitions, ours.start_transitions, ours.end_transitions
    textbook = training(lambda e: reference_log_partition(e, mask, *scores).sum(), emissions)
    partition = training(lambda e: log_partition(e, mask, *scores).sum(), emissions)
    found.append(f"| {name}, log-partition, against our textbook loop | ")
    found[2] += compare(partition, textbook, arguments.rounds)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--batch", type=int, default=32, help="rows (default 32)")
    parser.add_argument("--steps", type=int, default=50, help="padded length (default 50)")
    parser.add_argument("--labels", type=int, default=17, help="tags (default 17)")
    parser.add_argument("--rounds", type=int, default=21, help="rounds (default 21)")
    parser.add_argument("--threads", type=int, default=1, help="of torch (default 1)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where the table goes too")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    batch, steps = arguments.batch, arguments.steps
    full = torch.full((batch,), steps)
    ragged = torch.randint(1, steps + 1, (batch,), generator=torch.Generator().manual_seed(0))
    ragged[0] = steps  # pytorch-crf runs over the padded length in any case
    lines = [
        f"batch {batch}, {steps} steps, {arguments.labels} labels, {arguments.threads} threads, "
        f"torch {torch.__version__}, pytorch-crf 0.7.2, {arguments.rounds} rounds",
        "",
        "| case | ours, CPU ms | other, CPU ms | times faster (10 % to 90 % of rounds) |",
        "|---|---|---|---|",
        *rows("all rows full", full, arguments),
        *rows("lengths at random", ragged, arguments),
    ]
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if arguments.output is not None:
        write_whole(arguments.output, text)


if __name__ == "__main__":
    try:
        main()
    except ModuleNotFoundError as error:
        if error.name != "torchcrf":
            raise
        sys.exit("error: torchcrf is missing; install it with: pip install pytorch-crf==0.7.2")
