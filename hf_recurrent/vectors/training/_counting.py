"""Count a corpus once: from its sentences to the sums of its pairs, in memory or on disk."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ._count_files import SortedRuns, full_disk_named, parse_memory
from ._encoded_corpus import EncodedCorpus, encode
from ._epochs import progress_bar
from ._window_counts import Counts, WindowCounter, merge, usable_window
from .settings import CooccurrenceSettings
from .vocabulary import chosen_rows

# One count where memory is not limited: larger ones fall out of the processor's cache.
_PART_MEMORY = 50 * 10**6


@dataclass(frozen=True)
class Counting:
    """One count of a corpus.

    Attributes:
        words: The vocabulary.
        counts: How often each word occurs.
        counter: The object that counts the pairs.
        folder: A folder for temporary files; None if memory is not limited.
        memory: The limit in bytes.
        corpus: The corpus.
        ids: The id of each word of the corpus; -1 leaves it out.
        progress: Whether to show a bar on a terminal.
    """

    words: list[str]
    counts: np.ndarray
    counter: WindowCounter
    folder: Path | None
    memory: int | None
    corpus: EncodedCorpus
    ids: np.ndarray
    progress: bool

    def parts(self) -> Iterator[Counts]:
        """Yield the counts of the whole corpus, part by part, in the order of the keys."""
        if self.folder is None or self.memory is None:
            yield _sum_in_memory(self._counted())
            return
        runs = SortedRuns(self.folder, self.memory)
        for counts in self._counted():
            runs.add(counts)
        yield from runs.merged()

    def _counted(self) -> Iterator[Counts]:
        words_in_all = self.corpus.running_words
        with progress_bar("counting", "words", self.progress, words_in_all) as bar:
            for words, counts in self.counter.count(self.corpus, self.ids):
                yield counts
                bar.update(words)


@contextmanager
def counting(
    sentences: Iterable[Sequence[str]],
    given: Sequence[str] | None,
    settings: CooccurrenceSettings,
    progress: bool,
    folder: Path | None = None,
) -> Iterator[Counting]:
    """Read a corpus and prepare its count. Files on disk are removed at the end of the block.

    Args:
        sentences: The corpus.
        given: The vocabulary; None chooses it by the settings.
        settings: What to count, and how much memory to use.
        progress: Whether to show bars on a terminal.
        folder: Where to put temporary files; None for the temporary folder.
    """
    if given is not None and len(set(given)) < len(given):
        raise ValueError("words holds a word twice, expected each word once.")
    memory = None if settings.memory is None else parse_memory(settings.memory)
    with ExitStack() as stack:
        place = None
        if memory is not None:
            parent = folder or Path(tempfile.gettempdir())
            choice = "write to another folder" if folder else "name another by TMPDIR"
            stack.enter_context(full_disk_named(parent, f"{choice}, or raise min_count"))
            made = tempfile.TemporaryDirectory(prefix=".hf-recurrent-counts-", dir=parent)
            place = Path(stack.enter_context(made))
        corpus = encode(sentences, given, place and place / "corpus.bin", progress)
        chosen = (
            np.arange(len(given)) if given is not None
            else chosen_rows(corpus.words, corpus.counts, settings)
        )  # fmt: skip
        counts = corpus.counts[chosen]
        if not counts.any():
            raise ValueError("None of the words that were given comes in the corpus.")
        ids = np.full(len(corpus.words), -1, dtype=np.int32)
        ids[chosen] = np.arange(len(chosen), dtype=np.int32)
        counter = WindowCounter(
            len(chosen),
            usable_window(settings.window, corpus.longest),
            settings.weighting == "harmonic",
            settings.symmetric,
            memory or _PART_MEMORY,
        )
        words = [corpus.words[i] for i in chosen]
        yield Counting(words, counts, counter, place, memory, corpus, ids, progress)


def _sum_in_memory(parts: Iterable[Counts]) -> Counts:
    """Add counts up, those of similar size first, so that none is copied often."""
    sums: list[Counts] = []
    for part in parts:
        sums.append(part)
        while len(sums) > 1 and len(sums[-2].keys) < 2 * len(sums[-1].keys):
            sums[-2:] = [merge(sums[-2:])]
    return merge(sums)
