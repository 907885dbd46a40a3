"""Compare tokenizers and input layers with the plain ones, on the movie snippets, in one run.

What an unseen word's vector costs (n-grams), and what one-hot input gains by being looked up. The
vectors are random, since time does not depend on them. Medians of alternating rounds; the ratio in
brackets is to the first line of each table.

Examples:
    python scripts/benchmark_input_layers.py
    python scripts/benchmark_input_layers.py --threads 1 --rounds 9
"""

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from gensim.models.fasttext import FastTextKeyedVectors
from torch import nn

from hf_recurrent import NgramTokenizer, RecurrentModel, load_text_dataset
from hf_recurrent.models.ngrams import ngram_ids
from hf_recurrent.models.ragged import RaggedBatch
from hf_recurrent.models.recurrence import run_layer
from hf_recurrent.vectors import word_inputs

SIZE, BATCH, BUCKETS = 100, 32, 2_000_000


def compare(title: str, cases: dict[str, Callable[[], object]], rounds: int, work: float) -> None:
    """Print work a second of each case."""
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            start = time.perf_counter()
            case()
            seconds[name].append(time.perf_counter() - start)
    print(f"\n{title}")
    first = None
    for name, found in seconds.items():
        rate = work / statistics.median(found)
        first = first or rate
        print(f"  {name:46} {rate:12,.0f}  ({rate / first:.2f})")


def vectors_of(words: list[str]) -> FastTextKeyedVectors:
    generator = np.random.default_rng(0)
    vectors = FastTextKeyedVectors(SIZE, 3, 6, BUCKETS)
    vectors.vectors_ngrams = generator.random((BUCKETS, SIZE), dtype=np.float32)
    vectors.add_vectors(words, generator.random((len(words), SIZE), dtype=np.float32))
    return vectors


def compare_tokenizers(texts: list[str], plain, with_ngrams: NgramTokenizer, rounds: int) -> None:
    tokens = sum(map(len, plain(texts)["input_ids"]))
    batches = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]

    def tensors(tokenizer) -> None:
        for batch in batches:
            tokenizer(batch, padding=True, return_tensors="pt")

    def first_time() -> None:
        ngram_ids.cache_clear()
        with_ngrams(texts)

    compare(
        f"tokenizing {tokens:,} words of {len(texts):,} texts, words/s",
        {
            "plain": lambda: plain(texts),
            "n-gram ids": lambda: with_ngrams(texts),
            "n-gram ids, no word met before": first_time,
        },
        rounds,
        tokens,
    )
    compare(
        f"the same as padded tensors of {BATCH} texts, words/s",
        {"plain": lambda: tensors(plain), "n-gram ids": lambda: tensors(with_ngrams)},
        rounds,
        tokens,
    )


def compare_layers(batches: list[dict], models: dict[str, RecurrentModel], rounds: int) -> None:
    tokens = sum(int(batch["attention_mask"].sum()) for batch in batches)

    def run(layer: nn.Module, train: bool) -> None:
        wanted = getattr(layer, "extra_inputs", ())
        with torch.set_grad_enabled(train):
            for batch in batches:
                found = layer(batch["input_ids"], **{name: batch[name] for name in wanted})
                if train:
                    found.sum().backward()
                    layer.zero_grad()

    for train in (False, True):
        compare(
            f"input layers, {SIZE} dimensions, {'training' if train else 'inference'}, words/s",
            {n: partial(run, m.embed_tokens, train) for n, m in models.items()},
            rounds,
            tokens,
        )


def compare_one_hot(batches: list[dict], model: RecurrentModel, rounds: int) -> None:
    tokens = sum(int(batch["attention_mask"].sum()) for batch in batches)

    def run(written_out: bool) -> None:
        rnn, layer = model.layers[0], model.embed_tokens
        with torch.no_grad():
            for batch in batches:
                x = layer.tokens(batch["input_ids"])
                state = torch.zeros(len(x.ids), 1, rnn.hidden_size)
                ragged = RaggedBatch.from_mask(batch["attention_mask"])
                run_layer(rnn.weights(), x.dense() if written_out else x, ragged, state)

    compare(
        f"a GRU on one-hot input of {model.config.vocab_size:,} words, inference, words/s",
        {"written out": lambda: run(True), "looked up": lambda: run(False)},
        rounds,
        tokens,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--threads", type=int, default=2, help="threads of torch (default: 2)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each case (default: 5)")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    rows = load_text_dataset("movie-snippets")
    texts, unseen = list(rows["train"]["text"]), list(rows["test"]["text"])
    plain = word_inputs("one_hot", texts)
    vectors = vectors_of(list(plain.tokenizer.get_vocab()))
    pruned = word_inputs(vectors, tokenizer=plain.tokenizer, keep_ngrams_of=[])
    compare_tokenizers(unseen, plain.tokenizer, pruned.tokenizer, options.rounds)
    batches = [
        pruned.tokenizer(unseen[start : start + BATCH], padding=True, return_tensors="pt")
        for start in range(0, 10 * BATCH, BATCH)
    ]
    look_up = word_inputs(vectors, tokenizer=plain.tokenizer, ngrams=False)
    rows_kept = f"{len(pruned.weights['ngram_weight']):,} n-gram rows"
    models = {
        f"plain, {len(plain.tokenizer):,} rows": look_up.make_model(RecurrentModel, hidden_size=8),
        f"n-grams, {rows_kept}": pruned.make_model(RecurrentModel, hidden_size=8),
    }
    compare_layers(batches, models, options.rounds)
    one_hot = plain.make_model(RecurrentModel, hidden_size=128, cell_type="gru")
    compare_one_hot(batches[:3], one_hot, options.rounds)


if __name__ == "__main__":
    main()
