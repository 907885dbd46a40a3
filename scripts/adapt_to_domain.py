"""Adapts word vectors to a domain and prints what that gives there, and what it costs in general.

In the domain: the test accuracy of a logistic regression on the mean of each text's vectors, which
stay as they are. In general: Spearman's correlation with SimLex-999, MEN and WordSim-353. The
vectors see the training texts only, and no label. Rows: the vectors as they are; with the domain's
new words; trained on without a pull; trained on with it.
"""

import argparse
import os
import statistics
import time

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hf_recurrent.data import load_text_dataset
from hf_recurrent.vectors import adapt_vectors, load_vectors, words_of_texts
from hf_recurrent.vectors.evaluation import evaluate_similarity, load_word_set

SETS = ("simlex999", "men", "ws353")


def mean_vectors(texts: list[list[str]], vectors) -> np.ndarray:
    index, means = vectors.key_to_index, np.zeros((len(texts), vectors.vector_size), np.float32)
    for number, words in enumerate(texts):
        rows = [index[word] for word in words if word in index]
        if rows:
            means[number] = vectors.vectors[rows].mean(axis=0)
    return means


def accuracy(texts: dict, labels: dict, vectors) -> float:
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
    model.fit(mean_vectors(texts["train"], vectors), labels["train"])
    return 100 * model.score(mean_vectors(texts["test"], vectors), labels["test"])


def similarities(vectors, data_dir: str | None) -> dict[str, float]:
    found = {}
    for name in SETS:
        try:
            pairs = load_word_set(name, data_dir)
        except OSError:
            continue  # MEN lies in a folder of data sets
        found[name] = 100 * evaluate_similarity(vectors, pairs).spearman_all
    return found


def print_row(name: str, words: int, found: list[dict[str, float]], seconds: float) -> None:
    cells = [f"{name:16}", f"{words:7,}"]
    for key in found[0]:
        values = [scores[key] for scores in found]
        spread = statistics.stdev(values) if len(values) > 1 else 0.0
        cells.append(f"{statistics.mean(values):6.2f} ± {spread:4.2f}")
    print(" | ".join([*cells, f"{seconds:6.0f}"]), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", default="20-newsgroups", help="default: 20-newsgroups")
    parser.add_argument("--vectors", default="glove", choices=("glove", "word2vec"))
    parser.add_argument("--seeds", type=int, default=3, help="default: 3")
    parser.add_argument("--epochs", type=int, default=5, help="default: 5")
    parser.add_argument("--pull", type=float, default=0.5, help="default: 0.5")
    parser.add_argument("--max-words", type=int, default=300, help="of a text (default: 300)")
    parser.add_argument("--workers", type=int, default=1, help="default: 1")
    parser.add_argument("--data-dir", default=os.environ.get("HF_RECURRENT_DATA"))
    arguments = parser.parse_args()

    data, vectors = load_text_dataset(arguments.dataset), load_vectors(arguments.vectors)
    texts, labels = {}, {}
    for part in ("train", "test"):
        cut = words_of_texts(data[part]["text"][:], vectors)
        texts[part] = [words[: arguments.max_words] for words in cut]
        labels[part] = data[part]["label"][:]
    print(
        f"{arguments.vectors}, {arguments.dataset}: {len(texts['train']):,} texts of "
        f"{sum(map(len, texts['train'])):,} words to adapt to, {len(texts['test']):,} to test on"
    )
    heads = ["vectors".ljust(16), "  words", "test accuracy", *(key.ljust(13) for key in SETS)]
    print(" | ".join([*heads, "seconds"]))
    ways = {
        "as they are": None,
        "new words only": {"epochs": 0},
        "without a pull": {"epochs": arguments.epochs, "pull": 0.0},
        "with a pull": {"epochs": arguments.epochs, "pull": arguments.pull},
    }
    for name, settings in ways.items():
        found, seconds = [], 0.0
        # Without training nothing is drawn.
        for seed in range(arguments.seeds if settings and settings["epochs"] else 1):
            start, adapted = time.perf_counter(), vectors
            if settings is not None:
                adapted = adapt_vectors(
                    vectors, texts["train"], seed=seed, workers=arguments.workers, **settings
                )
            seconds = time.perf_counter() - start
            scores = {"accuracy": accuracy(texts, labels, adapted)}
            found.append(scores | similarities(adapted, arguments.data_dir))
        print_row(name, len(adapted), found, seconds)


if __name__ == "__main__":
    main()
