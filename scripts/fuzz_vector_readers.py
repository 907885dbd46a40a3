"""Damages files of word vectors of every format at random, and reads them.

Each input must end in vectors that are finite, or in a ValueError or OSError of one line that names
the file, within a bound of memory. Prints how many inputs there were and how they ended:

    python scripts/fuzz_vector_readers.py --examples 100000
"""

import argparse
import random
import shutil
import struct
import sys
import tempfile
import time
import tracemalloc
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
from gensim.models import FastText, KeyedVectors

from hf_recurrent.vectors import load_vectors, save_vectors
from hf_recurrent.vectors.formats import FORMATS

MOST_BYTES = 64e6
NUMBERS = (0, 1, -1, 2**7, 2**15, 2**31 - 1, -(2**31), 2**32, 2**63 - 1, -(2**63))
TEXTS = (
    b"nan",
    b"inf",
    b"1e39",
    b"-1",
    b"9" * 14,
    b"\0",
    b"\xff",
    b"\r\n",
    b" ",
    b"\n",
    b'"',
    b"{",
)
# What the folders hold beside the files that are read.
IGNORED = (".py", "tokenizer_config.json", "config_sentence_transformers.json")


def make_samples(folder: Path) -> dict[str, Path]:
    """Save the same few vectors in each format."""
    words = ["the", "of", "null", "a,b", "café", "我们", "😀", *(f"word{i}" for i in range(20))]
    plain = KeyedVectors(3)
    numbers = np.random.default_rng(0).normal(size=(len(words), 3))
    plain.add_vectors(words, numbers.astype(np.float32))
    model = FastText([words] * 2, vector_size=3, bucket=30, min_count=1, seed=0, workers=1)
    samples = {}
    for format in FORMATS:
        samples[format] = folder / format
        save_vectors(model.wv if format == "fasttext" else plain, samples[format], format)
    return samples


def damage(data: bytes, chance: random.Random) -> bytes:
    """Change some bytes, numbers or the length of a file."""
    result = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        place = chance.randrange(len(result) + 1)
        # Headers matter most.
        if chance.random() < 0.5:
            place = min(place, chance.randrange(300))
        kind = chance.randrange(6)
        if kind == 0:
            del result[place:]
        elif kind == 1:
            result[place : place + 1] = chance.randbytes(1)
        elif kind == 2:
            number = chance.choice(NUMBERS) + chance.randrange(-1, 2)
            form = chance.choice(("<i", "<q"))
            bits = 8 * struct.calcsize(form)
            wrapped = (number + 2 ** (bits - 1)) % 2**bits - 2 ** (bits - 1)
            result[place : place + bits // 8] = struct.pack(form, wrapped)
        elif kind == 3:
            result[place:place] = chance.choice(TEXTS)
        elif kind == 4:
            del result[place : place + chance.randrange(1, 20)]
        else:
            other = chance.randrange(len(result) + 1)
            result[place:place] = result[other : other + chance.randrange(1, 40)]
    return bytes(result)


def read(path: Path, format: str, chance: random.Random) -> str:
    """Read a file or folder and return how it ended.

    Raises:
        AssertionError: If it ended otherwise than it may.
    """
    options = {
        "format": "auto" if chance.random() < 0.5 else format,
        "strict": chance.random() < 0.7,
        "limit": chance.choice((None, None, 3)),
        "vocabulary": chance.choice((None, None, ["the", "word3", "nowhere"])),
        "dtype": chance.choice(("float32", "float32", "float16")),
    }
    try:
        vectors = load_vectors(path, **options)
    except (ValueError, OSError) as error:
        sentence = str(error)
        assert "\n" not in sentence, f"more than a line: {sentence!r}"
        assert str(path) in sentence, f"names no file: {sentence!r}"
        return type(error).__name__
    assert len(vectors) == len(vectors.index_to_key) == len(vectors.key_to_index) > 0
    assert np.isfinite(vectors.vectors).all()
    return "vectors"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--examples", type=int, default=20_000, help="inputs (default: 20000)")
    parser.add_argument("--seed", type=int, default=0, help="of the first input (default: 0)")
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=list(FORMATS))
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    ends: Counter[tuple[str, str]] = Counter()
    start, highest = time.perf_counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        samples = make_samples(Path(folder))
        for format, sample in samples.items():
            # What is imported on first use is no part of what an input takes.
            if format != "gensim":
                load_vectors(sample)
        tracemalloc.start()
        for seed in range(arguments.seed, arguments.seed + arguments.examples):
            chance = random.Random(seed)
            format = chance.choice(arguments.formats)
            sample, path = samples[format], Path(folder, "damaged")
            if sample.is_dir():
                files = [file for file in sample.iterdir() if not file.name.endswith(IGNORED)]
                name = chance.choice(sorted(files)).name
                shutil.rmtree(path, ignore_errors=True)
                path.mkdir()
                for file in files:
                    shutil.copy(file, path)
                if chance.random() < 0.05:
                    (path / name).unlink()
                else:
                    (path / name).write_bytes(damage((sample / name).read_bytes(), chance))
            else:
                path.write_bytes(damage(sample.read_bytes(), chance))
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            try:
                ends[format, read(path, format, chance)] += 1
                taken = tracemalloc.get_traced_memory()[1] - before
                assert taken < MOST_BYTES, f"took {taken / 1e6:.0f} MB"
            except BaseException:
                print(f"seed {seed}, format {format}", file=sys.stderr)
                raise
            highest = max(highest, taken)
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    for format in arguments.formats:
        row = {end: count for (name, end), count in ends.items() if name == format}
        print(f"{format:22}" + ", ".join(f"{end} {count:,}" for end, count in sorted(row.items())))
    print(
        f"{ends.total():,} inputs in {time.perf_counter() - start:.0f} s, "
        f"at most {highest / 1e6:.1f} MB for one"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
