"""Compare the speed of an encoder-decoder network with a plain torch loop of the same network.

    python scripts/benchmark_translation.py --output docs/results/translation-speed.txt

The plain network has ``nn.LSTM`` or ``nn.GRU`` over packed sources, the same attention, and for
input feeding a loop over ``nn.LSTMCell`` or ``nn.GRUCell``; its weights are those of ours, and both
losses are checked to be equal. Sources and targets are random, with lengths as in Multi30k. A step
of training is forward, backward and Adam; generation is greedy, to the same number of tokens,
through ``generate`` of transformers on our side, and without gradients on both. The rounds of both
alternate, so that other work slows them alike; a time is the fastest of the rounds, in processor
time where one thread runs.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from hf_recurrent import RecurrentForConditionalGeneration, RecurrentSeq2SeqConfig
from hf_recurrent._whole import write_whole

START, PAD = 1, 0
WORKS = ("training", "generation")
NETWORKS: dict[str, dict[str, Any]] = {
    "general, parallel": {"attention_type": "general"},
    "general, input feeding": {"attention_type": "general", "input_feeding": True},
    "additive, input feeding": {"attention_type": "additive", "input_feeding": True},
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--cells", nargs="+", default=["lstm", "gru"], choices=["lstm", "gru"], help="cells")
    add("--works", nargs="+", default=list(WORKS), choices=WORKS, help="what is measured")
    add("--batch", type=int, default=64, help="sentences at a time (default: 64)")
    add("--tokens", type=int, default=20, help="tokens that are generated (default: 20)")
    add("--vocab-size", type=int, default=4000, help="tokens of each side (default: 4000)")
    add("--width", type=int, default=256, help="width of embeddings and states (default: 256)")
    add("--threads", type=int, default=1, help="threads (default: 1)")
    add("--rounds", type=int, default=5, help="rounds of each network (default: 5)")
    add("--output", type=Path, help="a file for the table")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    lines = []
    for line in table(arguments):
        print(line, flush=True)
        lines.append(line + "\n")
    if arguments.output:
        write_whole(arguments.output, "".join(lines))


def table(arguments: argparse.Namespace) -> Iterator[str]:
    """Return the lines of the table, each as soon as it is measured."""
    batch = sentences(arguments)
    tokens = int((batch["labels"] != -100).sum())
    yield (
        f"torch {torch.__version__}, fp32, {arguments.threads} threads, {arguments.batch} "
        f"sentences, {tokens} target tokens, {arguments.vocab_size} types, width "
        f"{arguments.width}; target tokens a second"
    )
    yield f"{'cell':5} {'network':24} {'work':11} {'ours':>9} {'plain':>9}  ours / plain"
    for cell in arguments.cells:
        for name, fields in NETWORKS.items():
            ours = make(cell, fields, arguments)
            plain = Plain(ours)
            check_equal(ours, plain, batch)
            generated = arguments.batch * arguments.tokens
            works: dict[str, tuple[int, Callable[[], None], Callable[[], None]]] = {
                "training": (tokens, trained(ours, batch), trained(plain, batch)),
                "generation": (
                    generated,
                    lambda model=ours: generate(model, batch, arguments.tokens),
                    lambda model=plain: model.generate(batch, arguments.tokens),
                ),
            }
            for work in arguments.works:
                count, own, other = works[work]
                ours.train(work == "training")
                fast, slow = alternate(own, other, arguments)
                rates = [f"{count / seconds:9.0f}" for seconds in (fast, slow)]
                yield f"{cell:5} {name:24} {work:11} {' '.join(rates)}  {slow / fast:12.2f}"


def sentences(arguments: argparse.Namespace) -> dict[str, Tensor]:
    """Return a batch of random sources and targets, with lengths around 14."""
    generator = torch.Generator().manual_seed(0)

    def side() -> tuple[Tensor, Tensor]:
        drawn = torch.randn(arguments.batch, generator=generator) * 4 + 14
        lengths = drawn.round().long().clamp(4, 30)
        shape = (arguments.batch, int(lengths.max()))
        ids = torch.randint(3, arguments.vocab_size, shape, generator=generator)
        return ids, torch.arange(shape[1]) < lengths.unsqueeze(1)

    source, mask = side()
    target, kept = side()
    return {
        "input_ids": source.where(mask, PAD),
        "attention_mask": mask.long(),
        "labels": target.where(kept, -100),
    }


def make(
    cell: str, fields: dict[str, Any], arguments: argparse.Namespace
) -> RecurrentForConditionalGeneration:
    """Return a network of ours with random weights."""
    width = arguments.width
    both = {"vocab_size": arguments.vocab_size, "embedding_size": width, "cell_type": cell}
    config = RecurrentSeq2SeqConfig(
        encoder={**both, "hidden_size": width // 2, "bidirectional": True},
        hidden_size=width,
        decoder_start_token_id=START,
        **both,
        **fields,
    )
    torch.manual_seed(0)
    return RecurrentForConditionalGeneration(config)


class Plain(nn.Module):
    """The same network as a tutorial writes it.

    Args:
        model: The network whose weights it takes.
    """

    def __init__(self, model: RecurrentForConditionalGeneration) -> None:
        super().__init__()
        config, weights = model.config, model.state_dict()
        width, size = config.hidden_size, config.embedding_size
        self.additive = config.attention_type == "additive"
        self.feeding, self.is_lstm = config.input_feeding, config.cell_type == "lstm"
        self.source = nn.Embedding(config.encoder.vocab_size, size)
        self.target = nn.Embedding(config.vocab_size, size)
        kind, cell = (nn.LSTM, nn.LSTMCell) if self.is_lstm else (nn.GRU, nn.GRUCell)
        self.encoder: Any = kind(size, width // 2, batch_first=True, bidirectional=True)
        own = size + width if self.feeding else size
        self.decoder: Any = cell(own, width) if self.feeding else kind(own, width, batch_first=True)
        self.query = nn.Linear(width, width, bias=False) if self.additive else None
        self.key = nn.Linear(width, width, bias=self.additive)
        self.score = nn.Linear(width, 1, bias=False) if self.additive else None
        self.combine = nn.Linear(2 * width, width)
        self.hidden = nn.Linear(width, width)
        self.cell = nn.Linear(width, width) if self.is_lstm else None
        self.head = nn.Linear(width, config.vocab_size)
        names = {
            "source.": "model.encoder.embed_tokens.",
            "target.": "model.decoder.embed_tokens.",
            "encoder.": "model.encoder.layers.0.",
            "decoder.": "model.decoder.layers.0.",
            "hidden.": "model.decoder.bridge.hidden.",
            "cell.": "model.decoder.bridge.cell.",
            "combine.": "model.decoder.combine.",
            "head.": "lm_head.",
        }
        end = "_l0" if self.feeding else ""  # a cell has no number of its layer
        with torch.no_grad():
            for name, parameter in self.named_parameters():
                first = name.partition(".")[0] + "."
                place = names.get(first, f"model.decoder.attention.{first}")
                wanted = place + name.removeprefix(first) + (end if first == "decoder." else "")
                parameter.copy_(weights[wanted])

    def encode(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor, Any]:
        """Return memory, keys, mask, and the states that the decoder begins with."""
        mask = batch["attention_mask"].bool()
        packed = pack_padded_sequence(
            self.source(batch["input_ids"]), mask.sum(1), batch_first=True, enforce_sorted=False
        )
        output, final = self.encoder(packed)
        memory, _ = pad_packed_sequence(output, batch_first=True)
        final = final[0] if self.is_lstm else final
        read = torch.cat([final[0], final[1]], dim=1)
        hidden = self.hidden(read).tanh()
        cell = None if self.cell is None else self.cell(read).tanh()
        return memory, self.key(memory), mask, (hidden, cell)

    def attend(self, queries: Tensor, keys: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        """Return the context (batch, target, width) of queries (batch, target, width)."""
        if self.query is not None and self.score is not None:
            asked = self.query(queries).unsqueeze(2) + keys.unsqueeze(1)
            scores = self.score(asked.tanh()).squeeze(-1)
        else:
            scores = queries @ keys.transpose(1, 2)
        weights = scores.masked_fill(~mask.unsqueeze(1), -1e9).softmax(-1)
        return weights @ memory

    def step(self, vector: Tensor, state: Any, fed: Tensor, source: Any) -> tuple[Any, Tensor]:
        """Return the states after a step with input feeding, and its vector (batch, width)."""
        memory, keys, mask = source
        h, c = state
        if self.additive:
            fed = self.attend(h.unsqueeze(1), keys, memory, mask)[:, 0]
        inputs = torch.cat([vector, fed], dim=1)
        h, c = self.decoder(inputs, (h, c)) if self.is_lstm else (self.decoder(inputs, h), None)
        if not self.additive:
            fed = self.attend(h.unsqueeze(1), keys, memory, mask)[:, 0]
        return (h, c), self.combine(torch.cat([h, fed], dim=1)).tanh()

    def run(self, vectors: Tensor, state: Any, fed: Tensor, source: Any) -> tuple[Any, Tensor]:
        """Return the states after some tokens, and the vectors (batch, target, width)."""
        memory, keys, mask = source
        if self.feeding:
            found = []
            for vector in vectors.unbind(1):
                state, fed = self.step(vector, state, fed, source)
                found.append(fed)
            return state, torch.stack(found, dim=1)
        h, c = (None if each is None else each.unsqueeze(0) for each in state)
        output, after = self.decoder(vectors, (h, c) if self.is_lstm else h)
        after = tuple(each[0] for each in after) if self.is_lstm else (after[0], None)
        context = self.attend(output, keys, memory, mask)
        return after, self.combine(torch.cat([output, context], dim=-1)).tanh()

    def forward(self, **batch: Tensor) -> Any:
        """Return the loss of a batch, as the first of a tuple."""
        memory, keys, mask, state = self.encode(batch)
        labels = batch["labels"]
        read = labels.roll(1, dims=1).where(labels.roll(1, dims=1) != -100, PAD)
        read[:, 0] = START
        fed = memory.new_zeros(len(memory), memory.shape[2])
        _, vectors = self.run(self.target(read), state, fed, (memory, keys, mask))
        logits = self.head(vectors)
        return (nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten()),)

    @torch.no_grad()  # as generate of transformers; an earlier run was under inference_mode
    def generate(self, batch: dict[str, Tensor], new: int) -> Tensor:
        """Return the most probable tokens, one after the other."""
        memory, keys, mask, state = self.encode(batch)
        ids = torch.full((len(memory), 1), START)
        fed = memory.new_zeros(len(memory), memory.shape[2])
        for _ in range(new):
            state, vectors = self.run(self.target(ids[:, -1:]), state, fed, (memory, keys, mask))
            fed = vectors[:, -1]
            ids = torch.cat([ids, self.head(fed).argmax(-1, keepdim=True)], dim=1)
        return ids


def check_equal(ours: Any, plain: Plain, batch: dict[str, Tensor]) -> None:
    """Check that both networks compute the same.

    Raises:
        RuntimeError: If they do not.
    """
    own, other = ours.train()(**batch).loss, plain(**batch)[0]
    if not torch.allclose(own, other, rtol=1e-4):
        raise RuntimeError(f"the losses differ, so the comparison is wrong: {own} and {other}")


def trained(model: Any, batch: dict[str, Tensor]) -> Callable[[], None]:
    """Return a function that takes one step of training."""
    optimizer = torch.optim.Adam(model.parameters())

    def step() -> None:
        optimizer.zero_grad()
        model(**batch)[0].backward()
        optimizer.step()

    return step


def generate(model: Any, batch: dict[str, Tensor], new: int) -> None:
    """Generate with our network."""
    model.generation_config.pad_token_id = PAD
    given = {name: value for name, value in batch.items() if name != "labels"}
    model.generate(**given, max_new_tokens=new, do_sample=False, num_beams=1)


def alternate(
    own: Callable[[], None], other: Callable[[], None], arguments: argparse.Namespace
) -> tuple[float, float]:
    """Return the seconds of the fastest round of each."""
    clock = time.process_time if arguments.threads == 1 else time.perf_counter
    times: tuple[list[float], list[float]] = ([], [])
    own(), other()  # what is made at the first call
    for _ in range(arguments.rounds):
        for work, found in zip((own, other), times, strict=True):
            start = clock()
            work()
            found.append(clock() - start)
    return min(times[0]), min(times[1])


if __name__ == "__main__":
    sys.exit(main())
