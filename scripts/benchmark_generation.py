"""Compare the speed of generate with a bare loop over torch's layers and with other models.

    python scripts/benchmark_generation.py --output docs/results/generation.txt

The bare loop calls ``nn.Embedding``, ``nn.LSTM`` and ``nn.Linear`` under ``inference_mode``, and
takes the most probable token. All others decode greedily through the same ``generate`` of
transformers, with random weights and about as many parameters as the LSTM. Their rounds alternate,
so that other work slows them alike; a time is the fastest of the rounds, in processor time where
one thread runs. The prompt is 16 tokens.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
import transformers
from torch import Tensor, nn

from hf_recurrent import RecurrentConfig, RecurrentForCausalLM
from hf_recurrent._whole import write_whole
from hf_recurrent.models.cells import CELL_TYPES

PROMPT = 16


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--batch", type=int, nargs="+", default=[1, 16], help="rows at a time (default: 1 16)")
    add("--tokens", type=int, default=100, help="new tokens (default: 100)")
    add("--vocab-size", type=int, default=10_000, help="number of tokens (default: 10000)")
    add("--width", type=int, default=512, help="width of embedding and state (default: 512)")
    add("--layers", type=int, default=2, help="recurrent layers (default: 2)")
    add("--cells", nargs="+", default=list(CELL_TYPES), choices=CELL_TYPES, help="cells to measure")
    add("--threads", type=int, default=1, help="threads (default: 1)")
    add("--rounds", type=int, default=5, help="rounds of each model (default: 5)")
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
    ours = {cell: make(cell, arguments) for cell in arguments.cells}
    lstm = ours.get("lstm") or make("lstm", arguments)
    models: dict[str, Any] = {"bare nn.LSTM": Bare(lstm), **ours}
    for name, build in OTHERS.items():
        try:
            models[name] = nearest(build, parameters(lstm), arguments.vocab_size)
        except (ImportError, RuntimeError, ValueError) as error:
            yield f"{name} did not run: {str(error).splitlines()[0]}"
    yield (
        f"greedy, fp32, {arguments.threads} threads, {arguments.tokens} new tokens after {PROMPT}, "
        f"{arguments.vocab_size} types, {arguments.layers} x {arguments.width}"
    )
    yield f"{'batch':>5}  {'model':14}{'M':>6}  ms a step  bare / it   cache, KB"
    for batch in arguments.batch:
        ids = torch.randint(1, arguments.vocab_size, (batch, PROMPT))
        runs = {}
        for name, model in models.items():
            try:
                run(model, ids, 4)
            except (ImportError, RuntimeError, ValueError) as error:
                yield f"{name} did not run: {str(error).splitlines()[0]}"
            else:
                runs[name] = model
        times: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(arguments.rounds):
            for name, model in runs.items():
                spent = seconds(model, ids, arguments.tokens, arguments.threads)
                times[name].append(spent / arguments.tokens)
        bare = min(times["bare nn.LSTM"])
        for name, model in runs.items():
            best = min(times[name])
            yield (
                f"{batch:>5}  {name:14}{parameters(model) / 1e6:6.1f}  {best * 1e3:9.2f}  "
                f"{bare / best:9.2f}   {cache_size(model, ids, arguments.tokens)}"
            )


def make(cell_type: str, arguments: argparse.Namespace) -> RecurrentForCausalLM:
    """Return a language model of ours with random weights."""
    width = arguments.width
    config = RecurrentConfig(
        vocab_size=arguments.vocab_size,
        embedding_size=width,
        hidden_size=width,
        num_hidden_layers=arguments.layers,
        cell_type=cell_type,
    )
    return RecurrentForCausalLM(config).eval()


class Bare(nn.Module):
    """The same layers as those of an LSTM of ours, without anything around them."""

    def __init__(self, model: RecurrentForCausalLM) -> None:
        super().__init__()
        config = model.config
        self.embedding = nn.Embedding(config.vocab_size, config.embedding_size)
        sizes = (config.embedding_size, config.hidden_size, config.num_hidden_layers)
        self.lstm = nn.LSTM(*sizes, batch_first=True)
        self.head = nn.Linear(config.hidden_size, config.vocab_size)

    @torch.inference_mode()
    def generate(self, ids: Tensor, new: int) -> Tensor:
        """Return the ids with the most probable tokens after them."""
        output, states = self.lstm(self.embedding(ids))
        for _ in range(new):
            token = self.head(output[:, -1]).argmax(-1, keepdim=True)
            ids = torch.cat([ids, token], dim=1)
            output, states = self.lstm(self.embedding(token), states)
        return ids


def gpt2(vocab_size: int, width: int) -> Any:
    config = transformers.GPT2Config(
        vocab_size=vocab_size, n_positions=2048, n_embd=width, n_layer=4, n_head=width // 32
    )
    return transformers.GPT2LMHeadModel(config)


def mamba(vocab_size: int, width: int) -> Any:
    config = transformers.MambaConfig(vocab_size=vocab_size, hidden_size=width, num_hidden_layers=8)
    return transformers.MambaForCausalLM(config)


def rwkv(vocab_size: int, width: int) -> Any:
    config = transformers.RwkvConfig(vocab_size=vocab_size, hidden_size=width, num_hidden_layers=4)
    return transformers.RwkvForCausalLM(config)


def xlstm(vocab_size: int, width: int) -> Any:
    config = transformers.xLSTMConfig(
        vocab_size=vocab_size, hidden_size=width, num_hidden_layers=4, num_heads=4
    )
    return transformers.xLSTMForCausalLM(config)


OTHERS: dict[str, Callable[[int, int], Any]] = {
    "GPT-2": gpt2,
    "Mamba": mamba,
    "RWKV": rwkv,
    "xLSTM": xlstm,
}


def nearest(build: Callable[[int, int], Any], wanted: int, vocab_size: int) -> Any:
    """Return the model whose number of parameters is nearest to the wanted one."""
    sizes = {}
    with torch.device("meta"):
        for width in range(128, 1025, 64):
            sizes[width] = abs(parameters(build(vocab_size, width)) - wanted)
    return build(vocab_size, min(sizes, key=lambda width: sizes[width])).eval()


def parameters(model: nn.Module) -> int:
    """Return the number of parameters, tied ones counted once."""
    return sum(parameter.numel() for parameter in model.parameters())


def run(model: Any, ids: Tensor, new: int, **options: Any) -> Any:
    """Generate ``new`` tokens after each row of ids."""
    if isinstance(model, Bare):
        return model.generate(ids, new)
    model.generation_config.eos_token_id = None
    model.generation_config.pad_token_id = 0
    mask = torch.ones_like(ids)
    return model.generate(ids, attention_mask=mask, max_new_tokens=new, do_sample=False, **options)


def seconds(model: Any, ids: Tensor, new: int, threads: int) -> float:
    """Return the time that it takes to generate."""
    clock = time.process_time if threads == 1 else time.perf_counter
    start = clock()
    run(model, ids, new)
    return clock() - start


def cache_size(model: Any, ids: Tensor, new: int) -> str:
    """Return the size of the cache after a tenth of the new tokens and after all."""
    if isinstance(model, Bare):
        return ""
    sizes = []
    for tokens in (max(1, new // 10), new):
        found = run(model, ids, tokens, return_dict_in_generate=True)
        names = ("past_key_values", "cache_params", "state")
        cache = next((found[name] for name in names if found.get(name) is not None), None)
        sizes.append(f"{numbers(cache, set()) * 4 / 1e3:.0f}")
    return " to ".join(sizes)


def numbers(value: Any, seen: set[int]) -> int:
    """Return how many numbers all tensors within an object hold."""
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, Tensor):
        return value.numel()
    if isinstance(value, dict):
        return sum(numbers(one, seen) for one in value.values())
    if isinstance(value, list | tuple):
        return sum(numbers(one, seen) for one in value)
    return numbers(vars(value), seen) if hasattr(value, "__dict__") else 0


if __name__ == "__main__":
    sys.exit(main())
