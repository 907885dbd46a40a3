"""Compare GloVe's training with gensim's skip-gram in one run, and time the counting of pairs.

GloVe is timed in co-occurrence records a second, skip-gram (5 negatives) in words a second, on the
same corpus: Brown (downloaded on the first run), or a text file with a sentence a line. The runs of
the two alternate, and each side's best counts. The first epoch of GloVe, with the compilation
before it, is left out and shown on its own.
"""

import argparse
import itertools
import tempfile
import time
from pathlib import Path

from gensim.models import Word2Vec

from hf_recurrent.data.brown import BrownSentences
from hf_recurrent.vectors.training.cooccurrence import (
    CooccurrenceFile,
    Cooccurrences,
    count_cooccurrences,
    count_cooccurrences_to_file,
)
from hf_recurrent.vectors.training.glove import train_glove

DIMENSION = 100
MIN_COUNT = 5


def read_corpus(path: Path | None) -> list[list[str]]:
    if path is None:
        return [[word.lower() for word in sentence] for sentence in BrownSentences()]
    with path.open(encoding="utf-8", errors="replace") as file:
        return [line.lower().split() for line in file]


def time_counting(sentences: list[list[str]], words: int) -> Cooccurrences:
    for memory in (None, "64MB"):
        start = time.perf_counter()
        counts = count_cooccurrences(
            sentences, window=10, min_count=MIN_COUNT, memory=memory, progress=False
        )
        rate = words / (time.perf_counter() - start)
        place = "in memory" if memory is None else f"with memory={memory!r}"
        print(f"counting, window 10, {place}: {rate / 1e6:.2f}M words/s")
    print(f"{len(counts.words):,} words, {counts.matrix.nnz:,} co-occurrence records")
    return counts


def time_glove(counts: Cooccurrences | CooccurrenceFile, records: int, threads: int) -> float:
    """Return the records a second of the best epoch, the first one left out."""
    ends = [time.perf_counter()]
    train_glove(
        counts, vector_size=DIMENSION, epochs=4, x_max=10, workers=threads, progress=False,
        on_epoch=lambda epoch, loss: ends.append(time.perf_counter()),
    )  # fmt: skip
    print(f"  GloVe, first epoch with what comes before it: {ends[1] - ends[0]:.1f} s")
    return records / min(end - start for start, end in itertools.pairwise(ends[1:]))


def time_skip_gram(path: Path, words: int, threads: int) -> float:
    """Return gensim's words a second in its fastest mode, with its vocabulary already built."""
    model = Word2Vec(
        vector_size=DIMENSION, sg=1, negative=5, window=5, min_count=MIN_COUNT, workers=threads
    )  # fmt: skip
    model.build_vocab(corpus_file=str(path))
    start = time.perf_counter()
    model.train(corpus_file=str(path), total_words=model.corpus_total_words, epochs=1)
    return words / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", type=Path, help="a text file (default: the Brown corpus)")
    parser.add_argument("--threads", type=int, default=2, help="of both sides (default: 2)")
    parser.add_argument("--repeats", type=int, default=3, help="alternating runs (default: 3)")
    arguments = parser.parse_args()
    sentences = read_corpus(arguments.path)
    words = sum(map(len, sentences))
    print(f"{words:,} words in {len(sentences):,} sentences, {arguments.threads} threads")
    counts = time_counting(sentences, words)
    glove, from_file, skip_gram = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder, "corpus.txt")
        text.write_text("".join(" ".join(sentence) + "\n" for sentence in sentences), "utf-8")
        file = count_cooccurrences_to_file(
            sentences, Path(folder, "counts.bin"), window=10, min_count=MIN_COUNT, progress=False
        )
        for repeat in range(arguments.repeats):
            print(f"run {repeat + 1}")
            glove.append(time_glove(counts, counts.matrix.nnz, arguments.threads))
            from_file.append(time_glove(file, counts.matrix.nnz, arguments.threads))
            skip_gram.append(time_skip_gram(text, words, arguments.threads))
    print(f"gensim skip-gram: {max(skip_gram) / 1e6:.2f}M words/s")
    for name, rates in {"in memory": glove, "from a file": from_file}.items():
        ratio = max(rates) / max(skip_gram)
        print(f"GloVe, records {name}: {max(rates) / 1e6:.2f}M records/s, {ratio:.1f} times")


if __name__ == "__main__":
    main()
