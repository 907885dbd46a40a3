"""Train every kind of word vectors on one corpus, and compare them with gensim's own training.

    python scripts/train_word_vectors.py --corpus brown --data-dir my-data
    python scripts/train_word_vectors.py --corpus 20-newsgroups --kinds skip-gram glove --epochs 10

Both sides get the same words, settings and seeds, and one thread, on which both are repeatable.
gensim trains no GloVe and makes no PPMI. With --output the vectors are kept, each with its card.
"""

import argparse
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from gensim.models import FastText, KeyedVectors, Word2Vec

from hf_recurrent.vectors import save_trained, train_vectors
from hf_recurrent.vectors.evaluation import (
    WordPairs,
    available_sets,
    evaluate_analogies,
    evaluate_similarity,
    load_word_set,
)
from hf_recurrent.vectors.training import open_corpus
from hf_recurrent.vectors.training.result import TrainedVectors, rows_as_vectors

SETS = ("ws353", "simlex999", "men", "google-analogies")
KINDS = ("ppmi", "ppmi-svd", "cbow", "skip-gram", "skip-gram-shared", "glove", "fasttext")


def main() -> None:
    arguments = parse()
    if arguments.output:
        arguments.output.mkdir(parents=True, exist_ok=True)
    sentences = list(open_corpus(arguments.corpus, data_dir=arguments.data_dir))
    available = available_sets(arguments.data_dir)
    sets = [load_word_set(name, arguments.data_dir) for name in SETS if name in available]
    print(
        f"{arguments.corpus}: {len(sentences):,} sentences, {sum(map(len, sentences)):,} words; "
        f"vector_size {arguments.vector_size}, window {arguments.window}, "
        f"{arguments.epochs} epochs (glove: {arguments.glove_epochs}), "
        f"min_count {arguments.min_count}, {arguments.seeds} seeds, one thread"
    )
    names = " | ".join(word_set.name for word_set in sets)
    print(f"\n| kind | trained by | {names} |\n|---|---|" + "---|" * len(sets))
    for kind in arguments.kinds:
        ours, theirs = [], []
        for seed in range(1, arguments.seeds + 1):
            result = train(sentences, kind, arguments, seed)
            ours.append(judge(result, sets))
            if arguments.output and seed == 1:
                save_trained(result, arguments.output / kind, overwrite=True)
            model = train_with_gensim(sentences, kind, arguments, seed)
            if model is not None:
                theirs.append([score(model, word_set) for word_set in sets])
        print_row(kind, "hf-recurrent", ours)
        if theirs:
            print_row(kind, "gensim", theirs)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--corpus", default="brown", help="brown, a named data set, a file, an id of the Hub")
    add("--data-dir", help="data folder, for the set MEN (default: HF_RECURRENT_DATA)")
    add("--kinds", nargs="+", choices=KINDS, default=list(KINDS), metavar="KIND")
    add("--vector-size", type=int, default=100)
    add("--window", type=int, default=5)
    add("--min-count", type=int, default=5)
    add("--epochs", type=int, default=5)
    add("--glove-epochs", type=int, default=25)
    add("--bucket", type=int, default=200_000, help="of fasttext")
    add("--seeds", type=int, default=1, help="number of seeds; the scores are their means")
    add("--output", type=Path, metavar="FOLDER", help="keep the vectors of the first seed here")
    return parser.parse_args()


def train(
    sentences: list[Sequence[str]], kind: str, arguments: argparse.Namespace, seed: int
) -> TrainedVectors:
    options = {"window": arguments.window, "min_count": arguments.min_count}
    if kind != "ppmi":
        options["vector_size"] = arguments.vector_size
    if kind in ("cbow", "skip-gram", "skip-gram-shared", "fasttext"):
        options["epochs"] = arguments.epochs
    if kind == "glove":
        options["epochs"] = arguments.glove_epochs
    if kind == "fasttext":
        options["bucket"] = arguments.bucket
    return train_vectors(sentences, kind, seed=seed, workers=1, **options)


def train_with_gensim(
    sentences: list[Sequence[str]], kind: str, arguments: argparse.Namespace, seed: int
) -> KeyedVectors | None:
    """Train with gensim called directly and the same settings; None for a kind it does not have."""
    options = {
        "vector_size": arguments.vector_size,
        "window": arguments.window,
        "min_count": arguments.min_count,
        "epochs": arguments.epochs,
        "seed": seed,
        "workers": 1,
    }
    if kind in ("cbow", "skip-gram"):
        return Word2Vec(sentences, sg=int(kind == "skip-gram"), **options).wv
    if kind == "fasttext":
        return FastText(sentences, sg=1, bucket=arguments.bucket, **options).wv
    return None


def judge(result: TrainedVectors, sets: Sequence) -> list[float]:
    if isinstance(result.vectors, KeyedVectors):
        return [score(result.vectors, word_set) for word_set in sets]
    # Sparse rows are judged by the words of the pairs; for analogies they would have to be dense.
    words = {w for s in sets if isinstance(s, WordPairs) for pair in s.pairs for w in pair}
    rows = rows_as_vectors(result.vectors, words)
    return [score(rows, s) if isinstance(s, WordPairs) else float("nan") for s in sets]


def score(vectors: KeyedVectors, word_set) -> float:
    if isinstance(word_set, WordPairs):
        return evaluate_similarity(vectors, word_set).spearman
    return evaluate_analogies(vectors, word_set).total.accuracy


def print_row(kind: str, trainer: str, scores: list[list[float]]) -> None:
    means = [statistics.fmean(column) for column in zip(*scores, strict=True)]
    cells = ["-" if mean != mean else f"{mean:.3f}" for mean in means]
    print(f"| {kind} | {trainer} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    try:
        main()
    except (ImportError, OSError, ValueError) as error:
        sys.exit(f"error: {error}")
