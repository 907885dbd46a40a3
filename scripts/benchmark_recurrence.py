"""Compare every exact path of a recurrent layer with packing and with the dense kernel, in one run.

The table gives ratios, since absolute times move from machine to machine:

- ``x packed``: time of ``pack_padded_sequence`` through torch's kernel, over ours (higher is
  better);
- ``/ dense per token``: our time for each *real* token, over the dense kernel's time for each token
  of a batch without padding; the dense kernel ignores the mask, so its answer is wrong, but nothing
  is known that does a token faster (1.00 means that padding costs nothing at all);
- one column for each path: its time over that of the path that ran.

A second table is of whole classifiers on short texts that are padded to a fixed length, as by
``padding="max_length"``:

- ``x packed``: time of the same classifier around ``pack_padded_sequence``, which pools over what
  ``pad_packed_sequence`` gives back, over ours (higher is better);
- ``/ cut``: our time over our own time on the batch cut to its longest row (1.00 means that columns
  of padding cost nothing).

Examples:
    python scripts/benchmark_recurrence.py
    python scripts/benchmark_recurrence.py --cells lstm --modes train --rounds 9
    python scripts/benchmark_recurrence.py --only padding
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor, nn

from hf_recurrent import RecurrentConfig, RecurrentForSequenceClassification
from hf_recurrent.models.pooling import POOLINGS
from hf_recurrent.models.ragged import RaggedBatch
from hf_recurrent.models.recurrence import choose_path, run_layer
from hf_recurrent.models.recurrent_layer import RecurrentLayer

MODULES = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
CELL_TYPES = {"lstm": "lstm", "gru": "gru", "rnn": "rnn_tanh"}
SHORT_PATHS = ("dense", "packed", "steps", "segments")


@dataclass(frozen=True)
class Row:
    """One case: lengths are uniform between a quarter of ``time`` and ``time``."""

    batch: int
    time: int
    hidden: int
    layers: int = 1
    side: str = "right"
    inputs: int = 300

    def mask(self) -> Tensor:
        """(batch, time), the longest row as long as the batch."""
        generator = torch.Generator().manual_seed(0)
        lengths = torch.randint(self.time // 4, self.time + 1, (self.batch,), generator=generator)
        lengths[0] = self.time
        mask = torch.arange(self.time) < lengths.unsqueeze(1)
        return mask.flip(1) if self.side == "left" else mask


ROWS = (
    Row(16, 32, 128),
    Row(32, 64, 256),
    Row(32, 256, 256),
    Row(64, 128, 512),
    Row(32, 512, 256),
    Row(32, 64, 256, layers=2),
    Row(32, 256, 256, side="left"),
    Row(1, 32, 256),
)


class Case:
    """A stack of layers, its input, and ways to run it."""

    def __init__(self, cell: str, row: Row, train: bool) -> None:
        torch.manual_seed(0)
        self.row, self.train = row, train
        arguments = {"bidirectional": True, "batch_first": True}
        self.stack = MODULES[cell](row.inputs, row.hidden, row.layers, **arguments)
        widths = [row.inputs] + [2 * row.hidden] * (row.layers - 1)
        self.layers = [
            RecurrentLayer(CELL_TYPES[cell], width, row.hidden, bidirectional=True)
            for width in widths
        ]
        self.mask = row.mask()
        self.x = torch.randn(row.batch, row.time, row.inputs, requires_grad=train)
        self.weight = torch.randn(row.batch, row.time, 2 * row.hidden) * self.mask.unsqueeze(-1)

    def finish(self, output: Tensor) -> None:
        """Go back through the graph in training."""
        if self.train:
            (output * self.weight).sum().backward()

    def dense(self) -> None:
        """Run torch's kernel over the padding too."""
        self.finish(self.stack(self.x)[0])

    def packed(self) -> None:
        """Run torch's packed kernel; left padding is first brought to the right, as it must be."""
        x, lengths = self.x, self.mask.sum(1)
        columns = (torch.arange(self.row.time) - lengths.unsqueeze(1)) % self.row.time
        rows = torch.arange(self.row.batch).unsqueeze(1)
        if self.row.side == "left":
            x = x[rows, columns]
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, True, enforce_sorted=False)
        output, _ = nn.utils.rnn.pad_packed_sequence(
            self.stack(packed)[0], True, total_length=self.row.time
        )
        if self.row.side == "left":
            output = output[
                rows, (torch.arange(self.row.time) + lengths.unsqueeze(1)) % self.row.time
            ]
        self.finish(output)

    def ours(self, path: str | None) -> None:
        """Run the package's layer, the layout of the batch included."""
        ragged = RaggedBatch.from_mask(self.mask)
        output = self.x
        for layer in self.layers:
            state = output.new_zeros(self.row.batch, 2, self.row.hidden)
            cell = state if layer.cell_type == "lstm" else None
            output = run_layer(layer.weights(), output, ragged, state, cell, path=path).output
        self.finish(output)

    def chosen(self) -> str:
        """Name the path that runs by itself."""
        ragged = RaggedBatch.from_mask(self.mask)
        return choose_path(self.layers[0].weights(), ragged, training=self.train)

    def paths(self) -> list[str]:
        """Name the paths that can take this batch."""
        ragged = RaggedBatch.from_mask(self.mask)
        return [p for p in SHORT_PATHS if p != "dense" or ragged.window]


def best_times(runs: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """Time each run once a round, in turn; return the best of each in seconds."""
    best = dict.fromkeys(runs, float("inf"))
    for round_ in range(rounds + 1):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            if round_:  # the first round warms up
                best[name] = min(best[name], time.perf_counter() - start)
    return best


def measure(cell: str, row: Row, train: bool, rounds: int) -> str:
    """Return one line of the table."""
    case = Case(cell, row, train)
    runs: dict[str, Callable[[], None]] = {"dense kernel": case.dense, "packing": case.packed}
    runs["auto"] = lambda: case.ours(None)
    for path in case.paths():
        runs[path] = lambda path=path: case.ours(path)
    with torch.set_grad_enabled(train):
        times = best_times(runs, rounds)
    share = float(case.mask.float().mean())
    cells = [
        f"{cell}, {'train' if train else 'infer'}",
        f"{row.batch}, {row.time}, {row.hidden}, {row.layers}, {row.side}",
        case.chosen(),
        f"{times['packing'] / times['auto']:.2f}",
        f"{times['auto'] / (times['dense kernel'] * share):.2f}",
        *(f"{times[p] / times['auto']:.2f}" if p in times else "" for p in SHORT_PATHS),
    ]
    return "| " + " | ".join(cells) + " |"


class PackedClassifier(nn.Module):
    """A classifier as users write it: packed layer, pooling over the unpacked states."""

    def __init__(self, cell: str, pooling: str) -> None:
        super().__init__()
        self.pooling = pooling
        self.embed_tokens = nn.Embedding(30, 50)
        self.rnn = MODULES[cell](50, 64, bidirectional=True, batch_first=True)
        self.key, self.query = nn.Linear(128, 128), nn.Linear(128, 1, bias=False)
        self.classifier = nn.Linear(128, 2)

    def forward(self, ids: Tensor, mask: Tensor, labels: Tensor) -> Tensor:
        """Return the loss."""
        lengths = mask.sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(
            self.embed_tokens(ids), lengths, True, enforce_sorted=False
        )
        packed, state = self.rnn(packed)
        if self.pooling == "last":
            hidden = state[0] if isinstance(state, tuple) else state
            pooled = torch.cat([hidden[0], hidden[1]], dim=-1)
        else:
            states, _ = nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)
            outside = mask[:, : states.shape[1], None] == 0
            if self.pooling == "mean":
                pooled = states.sum(1) / lengths.unsqueeze(1)
            elif self.pooling == "max":
                pooled = states.masked_fill(outside, -1e9).amax(1)
            else:
                scores = self.query(torch.tanh(self.key(states))).masked_fill(outside, -1e9)
                pooled = (scores.softmax(1) * states).sum(1)
        return nn.functional.cross_entropy(self.classifier(pooled), labels)


def measure_padding(cell: str, pooling: str, time_: int, train: bool, rounds: int) -> str:
    """Return one line of the table of columns that hold padding only."""
    torch.manual_seed(0)
    lengths = torch.randint(3, 25, (16,))
    mask = (torch.arange(time_) < lengths.unsqueeze(1)).long()
    ids, labels = torch.randint(1, 30, (16, time_)) * mask, torch.tensor([0, 1] * 8)
    longest = int(lengths.max())
    config = RecurrentConfig(
        vocab_size=30,
        embedding_size=50,
        hidden_size=64,
        cell_type=CELL_TYPES[cell],
        bidirectional=True,
        pooling=pooling,
    )
    ours = RecurrentForSequenceClassification(config).train(train)
    packed = PackedClassifier(cell, pooling).train(train)

    def run(loss: Callable[[], Tensor]) -> None:
        for _ in range(10):  # a step takes a few milliseconds
            value = loss()
            if train:
                value.backward()

    times = best_times(
        {
            "packed": lambda: run(lambda: packed(ids, mask, labels)),
            "ours": lambda: run(lambda: ours(ids, mask, labels=labels).loss),
            "cut": lambda: run(
                lambda: ours(ids[:, :longest], mask[:, :longest], labels=labels).loss
            ),
        },
        rounds,
    )
    cells = [
        f"{cell}, {'train' if train else 'infer'}",
        f"{pooling}, {longest} of {time_}",
        f"{times['packed'] / times['ours']:.2f}",
        f"{times['ours'] / times['cut']:.2f}",
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", nargs="+", choices=list(MODULES), default=list(MODULES))
    modes = ["train", "infer"]
    parser.add_argument("--modes", nargs="+", choices=modes, default=modes)
    parser.add_argument("--rounds", type=int, default=5, help="timed rounds, the best counts")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--only", choices=["layers", "padding"], help="one of the two tables")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(f"bidirectional, {arguments.threads} threads, torch {torch.__version__}\n")
    if arguments.only != "padding":
        head = ["cell, mode", "batch, time, hidden, layers, padding", "path", "x packed"]
        head += ["/ dense per token", *SHORT_PATHS]
        print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
        for cell in arguments.cells:
            for mode in arguments.modes:
                for row in ROWS:
                    print(measure(cell, row, mode == "train", arguments.rounds), flush=True)
        print()
    if arguments.only != "layers":
        head = ["cell, mode", "pooling, longest row of padded length", "x packed", "/ cut"]
        print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
        for cell, mode, time_ in product(arguments.cells, arguments.modes, (64, 512, 4096)):
            for pooling in POOLINGS:
                with torch.set_grad_enabled(mode == "train"):
                    line = measure_padding(cell, pooling, time_, mode == "train", arguments.rounds)
                print(line, flush=True)


if __name__ == "__main__":
    main()
