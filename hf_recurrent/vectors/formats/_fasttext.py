"""fastText's own binary form (``.bin``), with the vectors of n-grams.

The form is that of fastText's C++ sources (``Args::save``, ``Dictionary::save``,
``DenseMatrix::save``), version 12 and older: little-endian, section after section.
"""

import struct
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors
from gensim.models.fasttext import FastTextKeyedVectors

from ..._terminal import is_utf8
from ..._whole import whole_file
from ..._wording import counted
from ._rows import ChosenRows, cast, progress_bar
from ._sections import Sections
from ._subwords import END, buckets_of, compose, fasttext_vectors

MAGIC = 793712314
VERSIONS = (11, 12)
ARGUMENTS = (
    *("dim", "ws", "epoch", "minCount", "neg", "wordNgrams", "loss", "model", "bucket"),
    *("minn", "maxn", "lrUpdateRate"),
)
SUPERVISED = 3

_BLOCK_BYTES = 1 << 22
# An entry of the dictionary has at least the end of its word, a count and a type.
_ENTRY_BYTES = 1 + 8 + 1
# No words have more n-grams than this for each byte of the file.
_NGRAMS_PER_BYTE = 4
_NGRAMS_ALWAYS = 1 << 24
_ROWS_AT_ONCE = 1 << 12
# fastText's own defaults for settings of training, which vectors do not have: of the arguments, the
# loss (negative sampling), the model (skip-gram), and the rate of sampling.
_TRAINING = {"ws": 5, "epoch": 5, "minCount": 1, "neg": 5, "wordNgrams": 1, "loss": 2, "model": 2}
_TRAINING |= {"lrUpdateRate": 100}
_SAMPLE = 1e-4


def read(path: Path, chosen: ChosenRows, dtype: np.dtype) -> FastTextKeyedVectors:
    """Read a skip-gram or CBOW model; all n-grams are kept, even with a limit.

    Returns:
        The vectors, equal to gensim's to the last bit in float32. Only that of ``</s>`` differs: it
        is its row alone, as in fastText itself.

    Raises:
        ValueError: If the file is damaged, cut off, quantised, pruned, or of the supervised kind.
            The sentence names the section.
        OSError: If the file cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file, progress_bar(path, size) as bar:
        source = Sections(path, file, size, bar)
        old = is_old(source)
        dimension, buckets, lengths = _read_settings(source)
        words, counts = _read_dictionary(source, old)
        chosen.choose(words)
        if buckets:
            _check_ngrams(source, chosen.words, *lengths)
        shape = _read_shape(source, "input matrix", old)
        if shape != (len(words) + buckets, dimension):
            expected = (len(words) + buckets, dimension)
            source.fail(f"found the shape {shape}, expected {expected}")
        source.need(4 * shape[0] * dimension)
        own = _read_rows(source, len(words), dimension, dtype, chosen.rows)
        ngrams = _read_rows(source, buckets, dimension, dtype, None)
        _check_rest(source, chosen, dimension, old)
    places = buckets_of(chosen.words, lengths, buckets)
    matrix = compose(own, ngrams, places)
    if not np.isfinite(matrix).all():
        word = chosen.words[int(np.isfinite(matrix).all(axis=1).argmin())]
        source.fail(f"the vector of {word!r}, made of its n-grams, is not finite")
    vectors = fasttext_vectors(chosen.words, chosen.index, own, ngrams, lengths, places, matrix)
    vectors.expandos["count"] = counts[chosen.rows]
    return vectors


def is_old(source: Sections) -> bool:
    """Read the first section of new files; return whether a file is old and has none."""
    source.section = "magic number and version"
    magic, version = source.read("ii")
    if magic != MAGIC:
        source.file.seek(0)
        return True
    if version not in VERSIONS:
        source.fail(f"found version {version}, expected {' or '.join(map(str, VERSIONS))}")
    return False


def looks_old(head: bytes) -> bool:
    """Return whether a file begins like those of fastText before it had a magic number."""
    if len(head) < 56:
        return False
    settings = np.frombuffer(head[:48], "<i4")
    dimension, window, epoch, _, _, ngrams, loss, model, buckets, shortest, longest, _ = settings
    sample = np.frombuffer(head[48:56], "<f8")[0]
    return bool(
        1 <= dimension <= 100_000
        and 1 <= window <= 1000
        and 1 <= epoch <= 10_000
        and 1 <= ngrams <= 100
        and 1 <= loss <= 4
        and 1 <= model <= 3
        and buckets >= 0
        and 0 <= shortest <= longest <= 1000
        and 0 <= sample <= 1
    )


def _read_settings(source: Sections) -> tuple[int, int, tuple[int, int]]:
    """Return the dimension, the number of buckets, and the least and largest n-gram."""
    source.section = "arguments"
    values = dict(zip(ARGUMENTS, source.read("12i"), strict=True))
    source.read("d")
    if values["model"] == SUPERVISED:
        _refuse_supervised(source)
    for name, least in (("dim", 1), ("bucket", 0), ("minn", 0), ("maxn", 0)):
        if values[name] < least:
            source.fail(f"found {name} = {values[name]}, expected at least {least}")
    return values["dim"], values["bucket"], (values["minn"], values["maxn"])


def _refuse_supervised(source: Sections) -> None:
    source.fail(
        "this is a supervised model, a classifier whose word vectors serve its labels only; "
        "expected one by skipgram or cbow"
    )


def _read_dictionary(source: Sections, old: bool) -> tuple[list[str], np.ndarray]:
    source.section = "dictionary"
    entries, words, labels = source.counts("iii", "entries", "words", "labels")
    (_tokens,) = source.read("q")
    (pruned,) = (-1,) if old else source.read("q")
    if labels:
        _refuse_supervised(source)
    if entries != words:
        source.fail(f"found {counted(entries, 'entry')}, expected as many as words, {words:,}")
    if pruned != -1:
        # fastText itself prunes quantised models only.
        source.fail(f"its n-grams are pruned ({pruned} are kept), expected a model with all")
    source.need(words * _ENTRY_BYTES)
    found: list[str] = []
    counts = np.empty(words, dtype=np.int64)
    for row, (word, count, kind) in enumerate(source.entries(words)):
        if kind != 0:
            source.fail(f"entry {row + 1}, {word!r}, is of the type {kind}, expected 0, a word")
        found.append(word)
        counts[row] = count
    return found, counts


def _check_ngrams(source: Sections, words: list[str], shortest: int, longest: int) -> None:
    """Refuse n-gram lengths that would make more n-grams than any file of its size has."""
    count = sum((n + 2) * max(0, min(longest, n + 2) - shortest + 1) for n in map(len, words))
    if count > _NGRAMS_ALWAYS + _NGRAMS_PER_BYTE * source.size:
        source.section = "arguments"
        source.fail(f"n-grams of {shortest} to {longest} characters are more than {count} in all")


def _read_shape(source: Sections, section: str, old: bool) -> tuple[int, ...]:
    """Read what comes before a matrix: whether it is quantised, in new files, and its shape."""
    source.section = section
    (quantised,) = (0,) if old else source.read("B")
    if quantised == 1:
        source.fail(
            "this is a quantised model (.ftz), which keeps codes in place of the vectors; "
            "expected the .bin file that it was made from"
        )
    if quantised:
        source.fail(f"found {quantised} where 0 or 1 says whether it is quantised")
    return source.counts("qq", "rows", "columns")


def _read_rows(
    source: Sections, count: int, dimension: int, dtype: np.dtype, kept: list[int] | None
) -> np.ndarray:
    """Read ``count`` rows and return those that are kept, or all for None."""
    chosen = None if kept is None or len(kept) == count else np.array(kept, dtype=np.int64)
    matrix = np.empty((count if chosen is None else len(chosen), dimension), dtype=dtype)
    step = max(1, _BLOCK_BYTES // (4 * dimension))
    done = 0
    for start in range(0, count, step):
        block = source.floats(min(step, count - start), dimension)
        if chosen is not None:
            end = done + int(np.searchsorted(chosen[done:], start + len(block)))
            block = block[chosen[done:end] - start]
        if not np.isfinite(block).all():
            source.fail(f"found NaN or infinity within the rows {start + 1} to {start + step}")
        names = ["?"] * len(block)
        matrix[done : done + len(block)] = cast(source.path, names, block, matrix.dtype)
        done += len(block)
    return matrix


def _check_rest(source: Sections, chosen: ChosenRows, dimension: int, old: bool) -> None:
    """Check the shape and the size of the output matrix, which only training needs.

    Raises:
        ValueError: If one is wrong and the reading is strict.
    """
    try:
        rows, columns = _read_shape(source, "output matrix", old)
        if columns != dimension:
            source.fail(f"found {counted(columns, 'column')}, expected {dimension}")
        source.need(4 * rows * columns)
        if source.left > 4 * rows * columns:
            more = counted(source.left - 4 * rows * columns, "byte")
            source.fail(f"the file goes on for {more} after it")
    except ValueError as error:
        if chosen.strict:
            raise
        chosen.remarks.append(f"{error} It was passed over, for only training needs it.")


def write(vectors: KeyedVectors, path: Path, dtype: np.dtype) -> None:
    """Write vectors with their n-grams, or plain vectors as a model without n-grams.

    The numbers are always float32. Vectors do not have the weights that predict words, which only
    training needs. These are written as zeros, as before the first step of training. Words without
    a count get 1. The row of ``</s>`` is its vector, since fastText gives it no n-grams.

    Raises:
        ValueError: If there are no vectors, a number is not finite in float32, or the format cannot
            hold a word.
        OSError: If the file cannot be written.
    """
    words = list(map(str, vectors.index_to_key))
    if not words:
        raise ValueError(f"{path}: there are no vectors to save.")
    for word in words:
        if "\0" in word or not is_utf8(word):
            raise ValueError(f"{path}, word {word!r}: fastText's form cannot hold it.")
    own, ngrams, lengths = _parts(vectors)
    dimension = own.shape[1]
    settings = _TRAINING | {"dim": dimension, "bucket": len(ngrams)}
    settings |= {"minn": lengths[0], "maxn": lengths[1]}
    counts = vectors.expandos.get("count")
    known = np.ones(len(words), dtype=np.int64) if counts is None else counts[: len(words)]
    with whole_file(path) as file, progress_bar(path, 2 * len(words) + len(ngrams), " rows") as bar:
        file.write(struct.pack("<2i", MAGIC, VERSIONS[-1]))
        file.write(struct.pack("<12id", *[settings[name] for name in ARGUMENTS], _SAMPLE))
        # Entries, words, labels, tokens of the corpus, and no pruning.
        total = int(known.sum())
        file.write(struct.pack("<3i2q", len(words), len(words), 0, total, -1))
        for word, count in zip(words, known.tolist(), strict=True):
            file.write(word.encode() + b"\0" + struct.pack("<qb", max(1, int(count)), 0))
        file.write(struct.pack("<?2q", False, len(words) + len(ngrams), dimension))
        for matrix in (own, ngrams):
            for start in range(0, matrix.shape[0], _ROWS_AT_ONCE):
                with np.errstate(over="ignore"):
                    rows = matrix[start : start + _ROWS_AT_ONCE].astype("<f4")
                if not np.isfinite(rows).all():
                    raise ValueError(f"{path}: a vector has NaN or infinity; not saved.")
                file.write(rows.data)
                bar.update(len(rows))
        file.write(struct.pack("<?2q", False, len(words), dimension))
        zeros = np.zeros((_ROWS_AT_ONCE, dimension), dtype="<f4")
        for start in range(0, len(words), _ROWS_AT_ONCE):
            file.write(zeros[: len(words) - start].data)
            bar.update(min(_ROWS_AT_ONCE, len(words) - start))


def _parts(vectors: KeyedVectors) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
    """Return the words' own rows, the n-grams' rows and the lengths of n-grams."""
    if isinstance(vectors, FastTextKeyedVectors):
        own, row = vectors.vectors_vocab, vectors.key_to_index.get(END)
        if row is not None and not np.array_equal(own[row], vectors.vectors[row]):
            # gensim gives it n-grams, and fastText reads its row alone.
            own = own.copy()
            own[row] = vectors.vectors[row]
        return own, vectors.vectors_ngrams, (vectors.min_n, vectors.max_n)
    return vectors.vectors, np.empty((0, vectors.vector_size), dtype=np.float32), (0, 0)
