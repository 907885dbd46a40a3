"""Prints what compression saves and what it costs: size on disk and in memory against quality.

Each set of vectors is compressed in several ways and saved as a model; a process of its own loads
it and tells how much memory that took. Quality is Spearman's correlation with SimLex-999, MEN and
WordSim-353; what is kept is its share of that of the full vectors.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from transformers.utils import logging

from hf_recurrent.models.modeling_static_embedding import StaticEmbeddingModel
from hf_recurrent.vectors import (
    CompressedKeyedVectors,
    load_vectors,
    tokenizer_from_vectors,
)
from hf_recurrent.vectors.compression import is_compressed
from hf_recurrent.vectors.evaluation import evaluate_similarity, load_word_set

MEGABYTE = 1e6
SETS = ("simlex999", "men", "ws353")


def ways(vectors) -> dict[str, dict]:
    """Return the compressions to try, by a readable name."""
    half, dimension = len(vectors) // 2, vectors.vector_size // 2
    return {
        "fp16": {"method": "fp16"},
        "int8": {"method": "int8"},
        "pq, 2 numbers a byte": {"method": "pq"},
        "pq, 4 numbers a byte": {"method": "pq", "subspace_size": 4},
        "half the words, int8": {"method": "int8", "vocabulary_size": half},
        "PCA to half, int8": {"method": "int8", "pca": dimension},
        "PCA to half, pq 2": {"method": "pq", "pca": dimension},
    }


def save_full(vectors, folder: Path) -> None:
    StaticEmbeddingModel.from_vectors(vectors).save_pretrained(folder)
    tokenizer_from_vectors(vectors).save_pretrained(folder)


def megabytes_on_disk(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / MEGABYTE


def print_memory(folder: str) -> None:
    """Print how much memory, in MB, this process grew by when it loaded vectors."""
    before = memory()
    vectors = CompressedKeyedVectors.load(folder) if is_compressed(folder) else load_vectors(folder)
    vectors[vectors.index_to_key[:1000]]
    print(memory() - before)


def memory() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / MEGABYTE
    raise OSError("/proc/self/status has no VmRSS.")


def megabytes_in_memory(folder: Path) -> float:
    command = [sys.executable, __file__, "--only-memory", str(folder)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def scores(vectors, data_dir: str | None) -> dict[str, float]:
    found = {}
    for name in SETS:
        try:
            pairs = load_word_set(name, data_dir)
        except OSError:
            continue  # MEN lies in a folder of data sets
        found[name] = 100 * evaluate_similarity(vectors, pairs).spearman_all
    return found


def print_row(name: str, words: int, sizes: list[float], found: dict, full: dict) -> None:
    cells = [f"{name:22}", f"{words:8,}", *(f"{size:8.1f}" for size in sizes)]
    cells += [f"{found[k]:6.1f} ({found[k] / full[k]:4.0%})" for k in found]
    print(" | ".join(cells), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "vectors", nargs="*", default=["glove", "word2vec"], help="names (default: both)"
    )
    parser.add_argument(
        "--data-dir",
        default=os.environ.get("HF_RECURRENT_DATA"),
        help="folder of data sets, for MEN (default: HF_RECURRENT_DATA)",
    )
    parser.add_argument("--only-memory", metavar="FOLDER", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only_memory:
        print_memory(arguments.only_memory)
        return
    logging.disable_progress_bar()
    for name in arguments.vectors:
        vectors = load_vectors(name)
        full = scores(vectors, arguments.data_dir)
        print(f"\n{name}, {vectors.vector_size} dimensions; sizes in MB, scores x 100 (kept)")
        heads = ["way".ljust(22), "   words", "  matrix", "  memory", " on disk"]
        print(" | ".join([*heads, *(key.ljust(13) for key in full)]))
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "full")
            save_full(vectors, out)
            sizes = [vectors.vectors.nbytes / MEGABYTE, megabytes_in_memory(out)]
            print_row("float32", len(vectors), [*sizes, megabytes_on_disk(out)], full, full)
            for number, (way, settings) in enumerate(ways(vectors).items()):
                compressed = CompressedKeyedVectors.compress(vectors, **settings)
                out = Path(folder, str(number))
                compressed.save(out)
                sizes = [compressed.vectors.nbytes / MEGABYTE, megabytes_in_memory(out)]
                found = scores(CompressedKeyedVectors.load(out), arguments.data_dir)
                print_row(way, len(compressed), [*sizes, megabytes_on_disk(out)], found, full)


if __name__ == "__main__":
    main()
