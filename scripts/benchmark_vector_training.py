"""Time training of CBOW, skip-gram and fastText beside gensim called directly, in one run.

    python scripts/benchmark_vector_training.py
    python scripts/benchmark_vector_training.py --workers 1 --kinds skip-gram --repeats 3

Each time runs from sentences in memory to vectors: reading, counting and training. gensim is called
in its two ways, with the sentences (`list`) and with a file of them (`file`, which is there
already); the ratio is to the faster of the two. The sides take turns, and medians are printed.
"""

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from gensim.models import FastText, Word2Vec

from hf_recurrent.vectors import train_vectors
from hf_recurrent.vectors.training import open_corpus

KINDS = ("cbow", "skip-gram", "fasttext")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--corpus", default="brown", help="brown, a named data set, a file, an id of the Hub")
    add("--sentences", type=int, default=20_000, help="sentences to train on")
    add("--kinds", nargs="+", choices=KINDS, default=list(KINDS), metavar="KIND")
    add("--vector-size", type=int, default=100)
    add("--epochs", type=int, default=5)
    add("--bucket", type=int, default=200_000, help="of fasttext")
    add("--workers", type=int, default=2)
    add("--repeats", type=int, default=5)
    add("--cpu-time", action="store_true", help="of all threads, for a machine that others use")
    arguments = parser.parse_args()
    clock = time.process_time if arguments.cpu_time else time.perf_counter

    sentences = list(itertools.islice(open_corpus(arguments.corpus), arguments.sentences))
    words = sum(map(len, sentences))
    print(
        f"{arguments.corpus}: {words:,} words, {arguments.epochs} epochs, vector_size "
        f"{arguments.vector_size}, {arguments.workers} threads, median of {arguments.repeats} "
        f"alternating runs, thousand words a second"
        f"{' of processor time' if arguments.cpu_time else ''}"
    )
    print("\n| kind | hf-recurrent | gensim, list | gensim, file | time, to the faster gensim |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "corpus.txt")
        file.write_text("\n".join(map(" ".join, sentences)) + "\n", encoding="utf-8")
        for kind in arguments.kinds:
            sides = make_sides(kind, sentences, file, arguments)
            seconds: list[list[float]] = [[] for _ in sides]
            for _ in range(arguments.repeats):
                for side, times in zip(sides, seconds, strict=True):
                    start = clock()
                    side()
                    times.append(clock() - start)
            medians = list(map(statistics.median, seconds))
            rates = [f"{words * arguments.epochs / median / 1000:,.0f}" for median in medians]
            ratio = medians[0] / min(medians[1:])
            print(f"| {kind} | {' | '.join(rates)} | {ratio:.2f} |", flush=True)


def make_sides(
    kind: str, sentences: list[Sequence[str]], file: Path, arguments: argparse.Namespace
) -> list[Callable[[], object]]:
    """Return what is timed: this package, and gensim in its two ways."""
    ours = {"vector_size": arguments.vector_size, "epochs": arguments.epochs}
    theirs = {
        "vector_size": arguments.vector_size,
        "epochs": arguments.epochs,
        "workers": arguments.workers,
        "sg": int(kind != "cbow"),
    }
    trainer = Word2Vec
    if kind == "fasttext":
        trainer = FastText
        ours["bucket"] = theirs["bucket"] = arguments.bucket
    return [
        lambda: train_vectors(sentences, kind, workers=arguments.workers, progress=False, **ours),
        lambda: trainer(sentences, **theirs),
        lambda: trainer(corpus_file=str(file), **theirs),
    ]


if __name__ == "__main__":
    main()
