"""Measures the formats of word vectors: times to read and write, and the peak memory of each way.

Prints two tables, for random vectors of --words words and --dimension numbers. Times are the best
of --repeats runs, in turns with gensim's where gensim has the format. Memory is measured in a
process of its own for each row, as the highest resident size above that before; "held" is what is
returned or, in a conversion, has to be there at once: the words and, where the format is no matrix
of rows (fastText's and gensim's), the vectors. What comes on top is compared with the matrix that
is kept, as the file has it (fastText's with n-grams), and should be at most half of it.
"""

import argparse
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from gensim.models import FastText, KeyedVectors
from gensim.models.fasttext import load_facebook_vectors

from hf_recurrent.vectors import convert_vectors, load_vectors, save_vectors
from hf_recurrent.vectors.formats import FORMATS

MEGABYTE = 1e6
WHOLE = ("fasttext", "gensim")
LOADS: list[tuple[str, dict]] = [
    *((format, {}) for format in FORMATS),
    ("word2vec-binary", {"dtype": "float16"}),
    ("numpy", {"dtype": "float16"}),
    ("static-embedding", {"dtype": "float16"}),
]
CONVERSIONS = [
    ("glove", "word2vec-binary"),
    ("word2vec", "numpy"),
    ("word2vec-binary", "glove"),
    ("word2vec-binary", "static-embedding"),
    ("static-embedding", "model2vec"),
    ("numpy", "sentence-transformers"),
    ("numpy", "fasttext"),
    ("fasttext", "word2vec"),
    ("fasttext", "gensim"),
    ("gensim", "word2vec-binary"),
]


def make_vectors(words: int, dimension: int) -> KeyedVectors:
    vectors = KeyedVectors(dimension)
    names = [f"word{row}" for row in range(words)]
    numbers = np.random.default_rng(0).standard_normal((words, dimension), dtype=np.float32)
    vectors.add_vectors(names, numbers)
    return vectors


def make_subword_vectors(words: int, dimension: int) -> KeyedVectors:
    model = FastText(vector_size=dimension, bucket=words, min_count=1, workers=1)
    model.build_vocab([[f"word{row}" for row in range(words)]])
    return model.wv


def gensim_way(format: str, path: Path) -> Callable[[], object] | None:
    options = {"glove": {"no_header": True}, "word2vec": {}, "word2vec-binary": {"binary": True}}
    if format in options:
        return lambda: KeyedVectors.load_word2vec_format(str(path), **options[format])
    if format == "fasttext":
        return lambda: load_facebook_vectors(str(path))
    return (lambda: KeyedVectors.load(str(path))) if format == "gensim" else None


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def compare_times(
    samples: dict[str, Path], vectors: dict[str, KeyedVectors], repeats: int, gensim_repeats: int
) -> None:
    print(f"{'format':22} {'write s':>8} {'read s':>8} {'gensim s':>9} {'ratio':>6}")
    for format, path in samples.items():
        write = seconds(
            lambda format=format, path=path: save_vectors(vectors[format], path, format)
        )
        theirs = gensim_way(format, path)
        mine, other = [], []
        for repeat in range(repeats):
            mine.append(seconds(lambda path=path: load_vectors(path, allow_pickle=True)))
            if theirs is not None and repeat < gensim_repeats:
                other.append(seconds(theirs))
        ratio = f"{min(other):9.2f} {min(other) / min(mine):6.1f}" if other else ""
        print(f"{format:22} {write:8.2f} {min(mine):8.2f} {ratio}", flush=True)


def memory_status(field: str) -> int:
    """Return a field of Linux's account of this process, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise OSError(f"/proc/self/status has no {field}.")


def words_bytes(vectors: KeyedVectors) -> int:
    containers = sys.getsizeof(vectors.index_to_key) + sys.getsizeof(vectors.key_to_index)
    words = sum(map(sys.getsizeof, vectors.index_to_key))
    return containers + words + sum(map(sys.getsizeof, vectors.key_to_index.values()))


def arrays_bytes(vectors: KeyedVectors) -> int:
    arrays = {"vectors", "vectors_vocab", "vectors_ngrams"}
    found = {id(getattr(vectors, name, None)): getattr(vectors, name, None) for name in arrays}
    total = sum(array.nbytes for array in found.values() if array is not None)
    buckets = getattr(vectors, "buckets_word", None) or []
    return total + sum(map(sys.getsizeof, buckets)) + sys.getsizeof(buckets)


def measure(action: Callable[[], object]) -> tuple[int, object]:
    """Return how far the resident size rose above its start, and the result."""
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak of the past
    before = memory_status("VmRSS")
    result = action()
    return memory_status("VmHWM") - before, result


def measure_row(folder: Path, source: str, target: str, dtype: str) -> None:
    """Measures one way in this process, after one of the same kind on few vectors."""
    options = {"allow_pickle": True, "dtype": dtype}
    small, path = folder / "small" / source, folder / source
    if target == "-":
        load_vectors(small, **options)
        peak, vectors = measure(lambda: load_vectors(path, **options))
        held = arrays_bytes(vectors) + words_bytes(vectors)
    else:
        options = {"allow_pickle": True}
        convert_vectors(small, folder / "small" / f"to-{target}", target, **options)
        peak, _ = measure(lambda: convert_vectors(path, folder / f"to-{target}", target, **options))
        vectors = load_vectors(path, allow_pickle=True)
        held = words_bytes(vectors)
        held += arrays_bytes(vectors) if {source, target} & set(WHOLE) else 0
    kept = vectors.vectors.nbytes + getattr(vectors, "vectors_ngrams", np.empty(0)).nbytes
    above = peak - held
    name = f"{source} to {target}" if target != "-" else f"load {source} {dtype}"
    print(
        f"{name:40} {kept / MEGABYTE:8.1f} {peak / MEGABYTE:8.1f} {held / MEGABYTE:8.1f} "
        f"{above / MEGABYTE:8.1f} {above / kept:6.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--words", type=int, default=200_000, help="default: 200000")
    parser.add_argument("--dimension", type=int, default=100, help="default: 100")
    parser.add_argument("--repeats", type=int, default=5, help="of our reading (default: 5)")
    parser.add_argument("--gensim-repeats", type=int, default=2, help="of gensim's (default: 2)")
    parser.add_argument("--only-memory", action="store_true", help="no times")
    parser.add_argument("--row", nargs=4, metavar="X", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    if arguments.row:
        measure_row(Path(arguments.row[0]), *arguments.row[1:])
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "small").mkdir()
        plain = make_vectors(arguments.words, arguments.dimension)
        subwords = make_subword_vectors(arguments.words, arguments.dimension)
        vectors = dict.fromkeys(FORMATS, plain) | {"fasttext": subwords}
        samples = {format: folder / format for format in FORMATS}
        if arguments.only_memory:
            for format, path in samples.items():
                save_vectors(vectors[format], path, format)
        else:
            compare_times(samples, vectors, arguments.repeats, arguments.gensim_repeats)
        for format in FORMATS:
            few = make_subword_vectors if format == "fasttext" else make_vectors
            save_vectors(few(100, arguments.dimension), folder / "small" / format, format)
        sys.stdout.flush()
        print(
            f"\n{'way, MB':40} {'kept':>8} {'peak':>8} {'held':>8} {'above':>8} {'share':>6}",
            flush=True,
        )
        rows = [(format, "-", options.get("dtype", "float32")) for format, options in LOADS]
        rows += [(source, target, "float32") for source, target in CONVERSIONS]
        for row in rows:
            command = [sys.executable, __file__, "--row", name, *row]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
