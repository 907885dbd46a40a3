"""Read fastText's own binary form (``.bin``), with the vectors of n-grams.

The form is that of fastText's C++ sources (``Args::save``, ``Dictionary::save``,
``DenseMatrix::save``), version 12 and older: little-endian, section after section.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gensim.models.fasttext import FastTextKeyedVectors

from ..._wording import counted
from ._collector import ChosenRows, cast, progress_bar
from ._sections import Sections
from ._subwords import fasttext_vectors

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


@dataclass(frozen=True)
class _Settings:
    dimension: int
    buckets: int
    lengths: tuple[int, int]


def read_fasttext(path: Path, chosen: ChosenRows, dtype: np.dtype) -> FastTextKeyedVectors:
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
        settings = _read_settings(source, old)
        words, counts = _read_dictionary(source, settings, old)
        chosen.choose(words)
        _check_ngrams(source, chosen.words, settings)
        source.section = "input matrix"
        if not old:
            _read_flag(source)
        rows, columns = source.counts("qq", "rows", "columns")
        expected = (len(words) + settings.buckets, settings.dimension)
        if (rows, columns) != expected:
            source.fail(f"found the shape ({rows}, {columns}), expected {expected}")
        source.need(4 * rows * columns)
        own = _read_rows(source, len(words), columns, dtype, chosen.rows)
        ngrams = _read_rows(source, settings.buckets, columns, dtype, None)
        _check_rest(source, chosen, settings, old)
    vectors = fasttext_vectors(
        chosen.words, chosen.index, counts[chosen.rows], own, ngrams, settings.lengths
    )
    if not np.isfinite(vectors.vectors).all():
        word = chosen.words[int(np.isfinite(vectors.vectors).all(axis=1).argmin())]
        source.fail(f"the vector of {word!r}, made of its n-grams, is not finite")
    return vectors


def is_old(source: Sections) -> bool:
    """Read the first section of new files; return whether a file is old and has none."""
    source.section = "magic number and version"
    magic, version = source.read("ii")
    if magic != MAGIC:
        source.rewind()
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


def _read_settings(source: Sections, old: bool) -> _Settings:
    source.section = "arguments"
    values = dict(zip(ARGUMENTS, source.read("12i"), strict=True))
    source.read("d")
    if values["model"] == SUPERVISED:
        _refuse_supervised(source)
    for name, least in (("dim", 1), ("bucket", 0), ("minn", 0), ("maxn", 0)):
        if values[name] < least:
            source.fail(f"found {name} = {values[name]}, expected at least {least}")
    return _Settings(values["dim"], values["bucket"], (values["minn"], values["maxn"]))


def _refuse_supervised(source: Sections) -> None:
    source.fail(
        "this is a supervised model, a classifier whose word vectors serve its labels only; "
        "expected one by skipgram or cbow"
    )


def _read_dictionary(
    source: Sections, settings: _Settings, old: bool
) -> tuple[list[str], np.ndarray]:
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
    for row in range(words):
        word, count, kind = source.entry(row)
        if kind != 0:
            source.fail(f"entry {row + 1}, {word!r}, is of the type {kind}, expected 0, a word")
        found.append(word)
        counts[row] = count
    return found, counts


def _check_ngrams(source: Sections, words: list[str], settings: _Settings) -> None:
    """Refuse n-gram lengths that would make more n-grams than any file of its size has."""
    shortest, longest = settings.lengths
    if not settings.buckets:
        return
    count = sum((n + 2) * max(0, min(longest, n + 2) - shortest + 1) for n in map(len, words))
    if count > _NGRAMS_ALWAYS + _NGRAMS_PER_BYTE * source.size:
        source.section = "arguments"
        source.fail(f"n-grams of {shortest} to {longest} characters are more than {count} in all")


def _read_flag(source: Sections) -> None:
    (quantised,) = source.read("B")
    if quantised == 1:
        source.fail(
            "this is a quantised model (.ftz), which keeps codes in place of the vectors; "
            "expected the .bin file that it was made from"
        )
    if quantised:
        source.fail(f"found {quantised} where 0 or 1 says whether it is quantised")


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


def _check_rest(source: Sections, chosen: ChosenRows, settings: _Settings, old: bool) -> None:
    """Check the shape and the size of the output matrix, which only training needs.

    Raises:
        ValueError: If one is wrong and the reading is strict.
    """
    source.section = "output matrix"
    try:
        if not old:
            _read_flag(source)
        rows, columns = source.counts("qq", "rows", "columns")
        if columns != settings.dimension:
            source.fail(f"found {counted(columns, 'column')}, expected {settings.dimension}")
        source.need(4 * rows * columns)
        if source.left > 4 * rows * columns:
            more = counted(source.left - 4 * rows * columns, "byte")
            source.fail(f"the file goes on for {more} after it")
    except ValueError as error:
        if chosen.strict:
            raise
        chosen.remarks.append(f"{error} It was passed over, for only training needs it.")
