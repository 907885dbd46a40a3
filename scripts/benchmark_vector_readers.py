"""Compares the readers of word vectors with gensim's: time in one run, and peak memory.

The text is the GloVe 6B set of 400,000 words x 50 (downloaded on the first run), written as GloVe
itself writes it, or any GloVe text or word2vec binary that --path names.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors

from hf_recurrent.vectors import load_vectors

MEGABYTE = 1e6


def write_glove_text(path: Path) -> None:
    vectors = load_vectors("glove")
    with path.open("w", encoding="utf-8") as file:
        for word, row in zip(vectors.index_to_key, vectors.vectors, strict=True):
            file.write(word + " " + " ".join([f"{number:.5g}" for number in row]) + "\n")


def load_with_gensim(path: Path, binary: bool) -> KeyedVectors:
    return KeyedVectors.load_word2vec_format(str(path), binary=binary, no_header=not binary)


def seconds(load, *arguments) -> float:
    start = time.perf_counter()
    load(*arguments)
    return time.perf_counter() - start


def compare_times(path: Path, binary: bool, repeats: int) -> None:
    ours, theirs = [], []
    for repeat in range(repeats):
        ours.append(seconds(load_vectors, path))
        theirs.append(seconds(load_with_gensim, path, binary))
        print(f"run {repeat + 1}: hf-recurrent {ours[-1]:.2f} s, gensim {theirs[-1]:.2f} s")
    ratio = statistics.median(theirs) / statistics.median(ours)
    print(
        f"median: hf-recurrent {statistics.median(ours):.2f} s, "
        f"gensim {statistics.median(theirs):.2f} s, {ratio:.1f} times as fast"
    )


def memory_status(field: str) -> int:
    """Return a field of Linux's account of this process, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise OSError(f"/proc/self/status has no {field}.")


def vocabulary_bytes(vectors: KeyedVectors) -> int:
    containers = sys.getsizeof(vectors.index_to_key) + sys.getsizeof(vectors.key_to_index)
    words = sum(map(sys.getsizeof, vectors.index_to_key))
    return containers + words + sum(map(sys.getsizeof, vectors.key_to_index.values()))


def measure_memory(path: Path) -> None:
    load_vectors(path, limit=1)  # what is loaded once is no part of the measurement
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak of the past
    baseline = memory_status("VmRSS")
    vectors = load_vectors(path)
    peak = memory_status("VmHWM") - baseline
    matrix, vocabulary = vectors.vectors.nbytes, vocabulary_bytes(vectors)
    above = peak - matrix - vocabulary
    print(
        f"peak memory in a process of its own: {peak / MEGABYTE:.1f} MB = "
        f"matrix {matrix / MEGABYTE:.1f} + vocabulary {vocabulary / MEGABYTE:.1f} + "
        f"{above / MEGABYTE:.1f}, which is {above / matrix:.2f} of the matrix"
    )


def check_equal(path: Path, binary: bool) -> None:
    ours, theirs = load_vectors(path), load_with_gensim(path, binary)
    same = ours.index_to_key == theirs.index_to_key
    same = same and np.array_equal(ours.vectors, theirs.vectors)
    print(f"words and numbers equal to gensim's, bit for bit: {'yes' if same else 'NO'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", type=Path, help="GloVe text, or with --binary word2vec binary")
    parser.add_argument("--binary", action="store_true", help="the file is word2vec binary")
    parser.add_argument("--repeats", type=int, default=3, help="alternating runs (default: 3)")
    parser.add_argument("--only-memory", action="store_true", help="measure in this process only")
    arguments = parser.parse_args()
    if arguments.binary and not arguments.path:
        parser.error("--binary needs --path")
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.path or Path(folder, "glove.txt")
        if not arguments.path:
            write_glove_text(path)
        if arguments.only_memory:
            measure_memory(path)
            return
        compare_times(path, arguments.binary, arguments.repeats)
        check_equal(path, arguments.binary)
        command = [sys.executable, __file__, "--only-memory", "--path", str(path)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
