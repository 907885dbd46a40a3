"""Write a corpus to a temporary file, in the form that gensim's trainers read fastest."""

import itertools
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tqdm.auto import tqdm

from ._epochs import progress_bar
from ._words import check_sentence, check_words, unhashable_named

# gensim reads sentences until it holds more than so many words, and then trains on them. Of those
# it leaves out what follows the first 10,000 that are not passed over, so that a batch that is
# filled up to exactly one word more loses none.
BATCH_WORDS = 10_000
# Longer sentences are cut, as word2vec.c does.
SENTENCE_WORDS = 1000
# About a quarter of a second of work: often enough for a bar, a Ctrl-C, and a loss in float32.
PIECE_BATCHES = 10
# Fills a batch up. No word's token has this character, so that the trainers pass it over.
_FILLER = "-"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Piece:
    """One part of the file, on which one call of a trainer works.

    Attributes:
        offset: Its first byte.
        words: Number of its running words, fillers included.
        fillers: Number of its fillers, which are not words.
    """

    offset: int
    words: int
    fillers: int


@dataclass(frozen=True)
class CorpusFile:
    """A corpus on disk: one sentence a line, each word written as a short token.

    A word itself may hold white space, which would end it.

    Attributes:
        path: The file.
        tokens: The token of each word, in the order in which the words first occur.
        counts: How often each word occurs, in the same order.
        sentences: Number of sentences with at least one word, before long ones were cut.
        words: Number of running words.
        pieces: The parts of the file, of nearly the same size.
    """

    path: Path
    tokens: dict[str, str]
    counts: Counter[str]
    sentences: int
    words: int
    pieces: tuple[Piece, ...]


class _Tokens(dict[str, str]):
    """The next token for each new word: frequent words come early and get short tokens."""

    def __missing__(self, word: str) -> str:
        number, token = len(self), ""
        while number or not token:
            number, digit = divmod(number, len(_DIGITS))
            token = _DIGITS[digit] + token
        self[word] = token
        return token


@contextmanager
def corpus_file(
    sentences: Iterable[Sequence[str]], *, progress: bool = True
) -> Iterator[CorpusFile]:
    """Write a corpus to a temporary file, which is removed at the end, and count its words.

    Args:
        sentences: The corpus, read once. Empty sentences are skipped.
        progress: Whether to show a bar on a terminal.

    Raises:
        ValueError: If a sentence is not a sequence of words, or a word is not a string.
        OSError: If the temporary folder cannot be written; its place is that of ``tempfile``.
    """
    with tempfile.TemporaryDirectory(prefix="hf-recurrent-corpus-") as folder:
        path = Path(folder, "corpus.txt")
        with progress_bar("reading", "words", progress) as bar:
            try:
                written = _write(path, sentences, bar)
            except OSError as error:
                if error.filename not in (None, str(path)):
                    raise
                raise OSError(
                    f"The corpus cannot be written to the temporary folder {folder} "
                    f"({error.strerror or error}): name another one by the environment variable "
                    f"TMPDIR."
                ) from error
        yield written


def _write(path: Path, sentences: Iterable[Sequence[str]], bar: tqdm) -> CorpusFile:
    tokens, counts = _Tokens(), Counter[str]()
    offsets, sizes, fillers = array("q"), array("q"), array("q")
    sentence_count = offset = 0
    with path.open("wb") as file:
        for last, count, size, parts in whole_sentences(sentences):
            sentence_count = count
            missing = 0 if last else BATCH_WORDS + 1 - size
            with unhashable_named(parts):
                lines = [" ".join(map(tokens.__getitem__, part)) for part in parts]
            if missing:
                lines.append(" ".join([_FILLER] * missing))
            counts.update(itertools.chain.from_iterable(parts))
            offsets.append(offset)
            sizes.append(size + missing)
            fillers.append(missing)
            offset += file.write(("\n".join(lines) + "\n").encode("ascii"))
            bar.update(size)
    check_words(tokens)
    return CorpusFile(
        path=path,
        tokens=tokens,
        counts=counts,
        sentences=sentence_count,
        words=counts.total(),
        pieces=tuple(_pieces(offsets, sizes, fillers)),
    )


def whole_sentences(
    sentences: Iterable[Sequence[str]],
) -> Iterator[tuple[bool, int, int, list[Sequence[str]]]]:
    """Yield batches of whole sentences, of at most ``BATCH_WORDS`` words each.

    Yields:
        Whether the batch is the last one, the number of sentences so far, the number of words of
        the batch, and its sentences.
    """
    parts: list[Sequence[str]] = []
    size = number = 0
    for sentence in sentences:
        check_sentence(sentence, number + 1)
        if not sentence:
            continue
        for part in _cut(sentence):
            if size + len(part) > BATCH_WORDS:
                yield False, number, size, parts
                parts, size = [], 0
            parts.append(part)
            size += len(part)
        number += 1
    if parts:
        yield True, number, size, parts


def _cut(sentence: Sequence[str]) -> Sequence[Sequence[str]]:
    if len(sentence) <= SENTENCE_WORDS:
        return (sentence,)
    starts = range(0, len(sentence), SENTENCE_WORDS)
    return [sentence[start : start + SENTENCE_WORDS] for start in starts]


def _pieces(
    offsets: Sequence[int], sizes: Sequence[int], fillers: Sequence[int]
) -> Iterator[Piece]:
    """Join batches to pieces whose sizes differ by at most one batch."""
    pieces = -(-len(offsets) // PIECE_BATCHES)
    for piece in range(pieces):
        batches = slice(len(offsets) * piece // pieces, len(offsets) * (piece + 1) // pieces)
        yield Piece(offsets[batches.start], sum(sizes[batches]), sum(fillers[batches]))
