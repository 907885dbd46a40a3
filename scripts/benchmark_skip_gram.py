"""Compare skip-gram with shared negatives with gensim's: words a second, and scores.

Both train on the same corpus with the same settings: 100 dimensions, window 5, 5 negatives, 5
epochs. Brown (downloaded on the first run), 20 newsgroups, or a text file with a sentence a line.
The runs alternate, one a seed. Times are of the training, not of the vocabulary or the compilation;
gensim reads its corpus from a file, which is its fastest way. Scores are Spearman's correlations
with people's ratings, times 100, of pairs that the vectors know.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors, Word2Vec
from gensim.test.utils import datapath

from hf_recurrent.data import load_text_dataset
from hf_recurrent.data.brown import BrownSentences
from hf_recurrent.vectors.training.skip_gram import train_skip_gram

EPOCHS = 5
SETS = {"WS353": "wordsim353.tsv", "SimLex": "simlex999.txt"}


def read_corpus(name: str) -> Iterator[list[str]]:
    if name == "brown":
        for sentence in BrownSentences():
            yield [word.lower() for word in sentence]
    elif name == "20-newsgroups":
        for part in load_text_dataset(name).values():
            for text in part["text"]:
                yield text.lower().split()
    else:
        with open(name, encoding="utf-8", errors="replace") as file:
            for line in file:
                yield line.lower().split()


def train_ours(sentences: list[list[str]], words: int, threads: int, seed: int):
    ends = []
    vectors = train_skip_gram(
        sentences, epochs=EPOCHS, workers=threads, seed=seed, progress=False,
        on_epoch=lambda epoch, loss: ends.append(time.perf_counter()),
    )  # fmt: skip
    # The first epoch began with the vocabulary and the compilation.
    return vectors, words * (EPOCHS - 1) / (ends[-1] - ends[0])


def train_gensim(path: Path, words: int, threads: int, seed: int):
    model = Word2Vec(
        vector_size=100, sg=1, negative=5, window=5, min_count=5, workers=threads, seed=seed
    )
    model.build_vocab(corpus_file=str(path))
    start = time.perf_counter()
    model.train(corpus_file=str(path), total_words=model.corpus_total_words, epochs=EPOCHS)
    return model.wv, words * EPOCHS / (time.perf_counter() - start)


def scores(vectors: KeyedVectors, men: Path | None) -> list[float]:
    paths = [datapath(name) for name in SETS.values()] + ([str(men)] if men else [])
    return [100 * float(vectors.evaluate_word_pairs(path)[1][0]) for path in paths]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", default="brown", help="brown, 20-newsgroups or a text file")
    parser.add_argument("--men", type=Path, help="the MEN ratings: word TAB word TAB rating")
    parser.add_argument("--threads", type=int, default=2, help="of both sides (default: 2)")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each side (default: 3)")
    arguments = parser.parse_args()
    sentences = list(read_corpus(arguments.corpus))
    words = sum(map(len, sentences))
    print(f"{words:,} words in {len(sentences):,} sentences, {arguments.threads} threads")
    names = [*SETS, *(["MEN"] if arguments.men else [])]
    rates: dict[str, list[float]] = {"hf-recurrent": [], "gensim": []}
    found: dict[str, list[list[float]]] = {"hf-recurrent": [], "gensim": []}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "corpus.txt")
        path.write_text("".join(" ".join(sentence) + "\n" for sentence in sentences), "utf-8")
        for seed in range(1, arguments.seeds + 1):
            runs = {
                "hf-recurrent": train_ours(sentences, words, arguments.threads, seed),
                "gensim": train_gensim(path, words, arguments.threads, seed),
            }
            for side, (vectors, rate) in runs.items():
                rates[side].append(rate)
                found[side].append(scores(vectors, arguments.men))
                told = ", ".join(
                    f"{name} {score:.1f}"
                    for name, score in zip(names, found[side][-1], strict=True)
                )
                print(f"seed {seed}, {side}: {rate / 1e6:.2f}M words/s, {told}", flush=True)
    for side, values in found.items():
        mean, spread = np.mean(values, axis=0), np.std(values, axis=0)
        told = ", ".join(
            f"{n} {m:.1f} ± {s:.1f}" for n, m, s in zip(names, mean, spread, strict=True)
        )
        print(f"{side}: {np.median(rates[side]) / 1e6:.2f}M words/s (median), {told}")
    ratio = np.median(rates["hf-recurrent"]) / np.median(rates["gensim"])
    print(f"{ratio:.2f} times as fast")


if __name__ == "__main__":
    main()
