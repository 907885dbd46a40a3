"""Time one training epoch of a BiLSTM classifier: ours, and sentence-transformers' LSTM module.

All runs see the same rows, the same embeddings (tuned), the same mean pooling, classifier and
optimiser, in one process, in turn; what differs is the recurrent layer and the order of the
batches:

- ``ours, grouped``: length-aware batches, the package's recurrence;
- ``ours, random``: batches in random order;
- ``peer, random``: sentence-transformers' ``LSTM`` module, batches in random order, as it comes;
- ``peer, grouped``: the same on length-aware batches.

The table gives each run's time over that of ``ours, grouped`` and the share of padding.
Needs sentence-transformers, which the extra ``test`` brings.

Examples:
    python scripts/benchmark_epoch.py
    python scripts/benchmark_epoch.py --dataset 20-newsgroups --limit 2000 --max-length 256
"""

import argparse
import math
import time
from collections.abc import Sequence

import numpy as np
import torch
from sentence_transformers.sentence_transformer.modules import LSTM
from torch import Tensor, nn

from hf_recurrent import RecurrentConfig, RecurrentForSequenceClassification
from hf_recurrent.data import load_text_dataset
from hf_recurrent.training import length_grouped_order
from hf_recurrent.vectors import tokenizer_from_texts

EMBEDDING_SIZE, HIDDEN_SIZE, BATCH_SIZE = 50, 128, 32


class Peer(nn.Module):
    """The same classifier around sentence-transformers' module."""

    def __init__(self, vocab_size: int, num_labels: int) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(vocab_size, EMBEDDING_SIZE)
        self.lstm = LSTM(EMBEDDING_SIZE, HIDDEN_SIZE, bidirectional=True)
        self.classifier = nn.Linear(2 * HIDDEN_SIZE, num_labels)

    def loss(self, input_ids: Tensor, attention_mask: Tensor, labels: Tensor) -> Tensor:
        """Return the loss of a batch."""
        lengths = attention_mask.sum(1)
        features = {"token_embeddings": self.embed_tokens(input_ids), "sentence_lengths": lengths}
        hidden = self.lstm(features)["token_embeddings"]
        pooled = hidden.sum(1) / lengths.unsqueeze(1)
        return nn.functional.cross_entropy(self.classifier(pooled), labels)


class Ours(nn.Module):
    """The package's classifier."""

    def __init__(self, vocab_size: int, num_labels: int) -> None:
        super().__init__()
        self.model = RecurrentForSequenceClassification(
            RecurrentConfig(
                vocab_size=vocab_size,
                embedding_size=EMBEDDING_SIZE,
                hidden_size=HIDDEN_SIZE,
                bidirectional=True,
                pooling="mean",
                num_labels=num_labels,
            )
        )

    def loss(self, input_ids: Tensor, attention_mask: Tensor, labels: Tensor) -> Tensor:
        """Return the loss of a batch."""
        return self.model(input_ids, attention_mask, labels=labels).loss


def batches(rows: list[Tensor], labels: Tensor, order: Sequence[int]) -> list[tuple[Tensor, ...]]:
    """Pad the rows batch by batch, on the right."""
    result = []
    for start in range(0, len(order), BATCH_SIZE):
        chosen = order[start : start + BATCH_SIZE]
        ids = nn.utils.rnn.pad_sequence([rows[i] for i in chosen], batch_first=True)
        lengths = torch.tensor([len(rows[i]) for i in chosen]).unsqueeze(1)
        result.append((ids, (torch.arange(ids.shape[1]) < lengths).long(), labels[chosen]))
    return result


def epoch(model: Ours | Peer, data: list[tuple[Tensor, ...]]) -> float:
    """Train over the batches once; return seconds."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    model.train()
    start = time.perf_counter()
    for ids, mask, labels in data:
        optimizer.zero_grad()
        model.loss(ids, mask, labels).backward()
        optimizer.step()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", default="movie-snippets", help="a name or a file")
    parser.add_argument("--data-dir", help="a folder of files, see the README")
    parser.add_argument("--limit", type=int, help="take only the first rows of the training part")
    parser.add_argument("--max-length", type=int, default=256, help="tokens a row (default 256)")
    parser.add_argument("--rounds", type=int, default=3, help="the median round counts (default 3)")
    arguments = parser.parse_args()

    train = load_text_dataset(arguments.dataset, data_dir=arguments.data_dir)["train"]
    train = train.select(range(min(len(train), arguments.limit or len(train))))
    tokenizer = tokenizer_from_texts(train["text"])
    encoded = tokenizer(list(train["text"]))["input_ids"]
    # The peer cannot take a row without tokens.
    rows = [torch.tensor(ids[: arguments.max_length] or [0]) for ids in encoded]
    labels = torch.tensor(train["label"])
    grouped = length_grouped_order([len(r) for r in rows], BATCH_SIZE, seed=0, epoch=0).tolist()
    shuffled = np.random.default_rng(0).permutation(len(rows)).tolist()
    orders = {"grouped": grouped, "random": shuffled}
    num_labels = train.features["label"].num_classes

    times: dict[str, list[float]] = {}
    padding: dict[str, float] = {}
    for _ in range(arguments.rounds):
        for name, order in orders.items():
            data = batches(rows, labels, order)
            real = sum(int(mask.sum()) for _, mask, _ in data)
            padding[name] = 1 - real / sum(mask.numel() for _, mask, _ in data)
            for who, make in (("ours", Ours), ("peer", Peer)):
                seconds = epoch(make(len(tokenizer), num_labels), data)
                times.setdefault(f"{who}, {name}", []).append(seconds)
    base = np.median(times["ours, grouped"])
    print(
        f"{arguments.dataset}: {len(rows)} rows, {math.fsum(map(len, rows)) / len(rows):.0f} "
        f"tokens each, BiLSTM {HIDDEN_SIZE}, batch {BATCH_SIZE}, "
        f"{torch.get_num_threads()} threads, "
        f"median of {arguments.rounds} rounds\n"
    )
    print("| run | padding | time / ours, grouped | seconds |\n|---|---|---|---|")
    for name, seconds in times.items():
        share = padding[name.split(", ")[1]]
        median = float(np.median(seconds))
        print(f"| {name} | {share:.0%} | {median / base:.2f} | {median:.1f} |")


if __name__ == "__main__":
    main()
