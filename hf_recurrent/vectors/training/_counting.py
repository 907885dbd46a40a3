"""Count a corpus once: from its sentences to the sums of its pairs, in memory or on disk."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from ._count_files import SortedRuns, full_disk_named, parse_memory
from ._encoded_corpus import encode
from ._window_counts import Counts, WindowCounter, merge, usable_window

__all__ = ["CountOptions", "Counting"]

_WEIGHTINGS = ("harmonic", "flat")
# One count where memory is not limited: larger ones fall out of the processor's cache.
_PART_MEMORY = 50 * 10**6


@dataclass(frozen=True)
class CountOptions:
    """The options of ``count_cooccurrences``.

    Raises:
        ValueError: If an option is out of range.
    """

    window: int
    min_count: int
    max_vocabulary: int | None
    weighting: str
    symmetric: bool
    memory: int | str | None
    progress: bool

    def __post_init__(self) -> None:
        least = {"window": 1, "min_count": 1, "max_vocabulary": 1}
        for name, smallest in least.items():
            value = getattr(self, name)
            if value is not None and value < smallest:
                raise ValueError(f"{name} is {value}, expected at least {smallest}.")
        if self.weighting not in _WEIGHTINGS:
            raise ValueError(
                f"weighting is {self.weighting!r}, expected {' or '.join(map(repr, _WEIGHTINGS))}."
            )


class Counting:
    """One count of a corpus. Its files on disk are removed at the end, also after an error.

    Attributes:
        folder: A folder for temporary files; it exists only if memory is limited.
        words: The vocabulary.
        counts: How often each word occurs.
        counter: The object that counts the pairs.
    """

    def __init__(
        self,
        sentences: Iterable[Sequence[str]],
        words: Sequence[str] | None,
        options: CountOptions,
        folder: Path | None = None,
    ) -> None:
        self._sentences = sentences
        self._given = None if words is None else list(words)
        if self._given is not None and len(set(self._given)) < len(self._given):
            raise ValueError("words holds a word twice, expected each word once.")
        self._options = options
        self._memory = None if options.memory is None else parse_memory(options.memory)
        self._parent = folder
        self._stack = ExitStack()

    def __enter__(self) -> "Counting":
        with self._stack:
            if self._memory is not None:
                parent = self._parent or Path(tempfile.gettempdir())
                choice = "write to another folder" if self._parent else "name another by TMPDIR"
                self._stack.enter_context(full_disk_named(parent, f"{choice}, or raise min_count"))
                name = self._stack.enter_context(
                    tempfile.TemporaryDirectory(prefix=".hf-recurrent-counts-", dir=parent)
                )
                self.folder = Path(name)
            self._read()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *error: object) -> bool | None:
        return self._stack.__exit__(*error)  # type: ignore[arg-type]

    def parts(self) -> Iterator[Counts]:
        """Yield the counts of the whole corpus, part by part, in the order of the keys."""
        if self._memory is None:
            yield _sum_in_memory(self._counted())
            return
        runs = SortedRuns(self.folder, self._memory)
        for counts in self._counted():
            runs.add(counts)
        yield from runs.merged()

    def _read(self) -> None:
        options = self._options
        on_disk = None if self._memory is None else self.folder / "corpus.bin"
        self._corpus = encode(self._sentences, self._given, on_disk, options.progress)
        chosen = (
            np.arange(len(self._given)) if self._given is not None
            else self._corpus.frequent(options.min_count, options.max_vocabulary)
        )  # fmt: skip
        self.words = [self._corpus.words[i] for i in chosen]
        self.counts = self._corpus.counts[chosen]
        if not self.counts.any():
            raise ValueError("None of the words that were given comes in the corpus.")
        self._ids = np.full(len(self._corpus.words), -1, dtype=np.int32)
        self._ids[chosen] = np.arange(len(chosen), dtype=np.int32)
        self.counter = WindowCounter(
            len(self.words),
            usable_window(options.window, self._corpus.longest),
            options.weighting == "harmonic",
            options.symmetric,
            self._memory or _PART_MEMORY,
        )

    def _counted(self) -> Iterator[Counts]:
        bar = tqdm(
            total=self._corpus.running_words, desc="counting", unit=" words", unit_scale=True,
            disable=None if self._options.progress else True, leave=False,
        )  # fmt: skip
        with bar:
            for words, counts in self.counter.count(self._corpus, self._ids):
                yield counts
                bar.update(words)


def _sum_in_memory(parts: Iterable[Counts]) -> Counts:
    """Add counts up, those of similar size first, so that none is copied often."""
    sums: list[Counts] = []
    for part in parts:
        sums.append(part)
        while len(sums) > 1 and len(sums[-2].keys) < 2 * len(sums[-1].keys):
            sums[-2:] = [merge(sums[-2:])]
    return merge(sums)
