"""Measure how long a recommender takes for one session, and how much memory, by number of items.

    python scripts/benchmark_next_item.py --items 10000 100000 1000000

The networks have random weights: a GRU of --hidden_size over random items. A number of items is
measured in a process of its own. Times are the median over --rounds of the ten best items after 20
items ("one session"), and of the ranks of all steps of 4 sessions of 20 items ("ranking").
"""

import argparse
import multiprocessing
import statistics
import time

import numpy as np
import torch

from hf_recurrent import RecurrentConfig, RecurrentForCausalLM
from hf_recurrent.benchmark.measure import peak_memory
from hf_recurrent.metrics.recommendation import conservative_ranks
from hf_recurrent.tasks.next_item_recommendation.fitting import network_scorer
from hf_recurrent.tasks.next_item_recommendation.ranking import Query, best

STEPS, SESSIONS = 20, 4


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--hidden_size", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    print("items      one session, ms  ranking, ms a step  weights, MiB  peak, MiB  before, MiB")
    for items in arguments.items:
        context = multiprocessing.get_context("spawn")
        given = (items, arguments.hidden_size, arguments.rounds, arguments.threads)
        process = context.Process(target=measure, args=given)
        process.start()
        process.join()


def measure(items: int, hidden_size: int, rounds: int, threads: int) -> None:
    """Print the row of a number of items."""
    torch.set_num_threads(threads)
    before = peak_memory()
    config = RecurrentConfig(
        vocab_size=items,
        embedding_size=hidden_size,
        hidden_size=hidden_size,
        cell_type="gru",
        tie_word_embeddings=True,
    )
    model = RecurrentForCausalLM(config).eval()
    random = np.random.default_rng(0)
    sessions = [Query(random.integers(0, items, STEPS + 1), 1) for _ in range(SESSIONS)]

    @torch.inference_mode()
    def one() -> None:
        ids = torch.from_numpy(sessions[0].ids[:STEPS])[None]
        best(model(ids, logits_to_keep=1, use_cache=False).logits[0].numpy(), 10)

    def ranking() -> None:
        for place, first, scores in network_scorer(model, items)(sessions):
            targets = sessions[place].ids[first + 1 : first + 1 + len(scores)]
            conservative_ranks(scores, targets)

    one()
    times = [median(each, rounds) for each in (one, ranking)]
    weights = sum(p.numel() * p.element_size() for p in model.parameters()) / (1 << 20)
    told = (times[0], times[1] / (STEPS * SESSIONS), weights, peak_memory(), before)
    print(f"{items:<10,d}" + "".join(f"{value:17.1f}" for value in told), flush=True)


def median(call: object, rounds: int) -> float:
    """Return the median time of a call, in milliseconds."""
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()  # type: ignore[operator]
        found.append(1000 * (time.perf_counter() - start))
    return statistics.median(found)


if __name__ == "__main__":
    main()
