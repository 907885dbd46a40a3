"""Join pairs of words that occur together more often than by chance into one word."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gensim.models.phrases import FrozenPhrases
from gensim.models.phrases import Phrases as Counter
from tqdm.auto import tqdm

from ._words import check_sentence, check_words

# gensim counts a pair under one string, which must not be that of a word, as "new_york" may be.
_JOINT = "\x1f"


@dataclass(frozen=True)
class PhraseOptions:
    """The options for finding phrases.

    Attributes:
        min_count: How often a pair must occur.
        threshold: The least score of a phrase: the higher, the fewer phrases.

    Raises:
        ValueError: If an option is out of range.
    """

    min_count: int = 5
    threshold: float = 10.0

    def __post_init__(self) -> None:
        if self.min_count < 1:
            raise ValueError(f"min_count of phrases is {self.min_count}, expected at least 1.")
        if not self.threshold > 0:
            raise ValueError(f"threshold of phrases is {self.threshold}, expected more than 0.")


class Phrases:
    """A corpus whose phrases are joined while it is read, as in "new_york".

    Attributes:
        found: The score of each phrase.
    """

    def __init__(self, sentences: Iterable[Sequence[str]], phrases: FrozenPhrases) -> None:
        self.found: dict[str, float] = {
            _joined(pair): score for pair, score in phrases.phrasegrams.items()
        }
        self._sentences = sentences
        self._phrases = phrases

    def __iter__(self) -> Iterator[list[str]]:
        analyze = self._phrases.analyze_sentence
        for sentence in self._sentences:
            yield [word if score is None else _joined(word) for word, score in analyze(sentence)]


def _joined(pair: str) -> str:
    return pair.replace(_JOINT, "_")


def find_phrases(
    sentences: Iterable[Sequence[str]],
    options: PhraseOptions | None = None,
    *,
    progress: bool = True,
) -> Phrases:
    """Find the phrases of two words by the score of Mikolov et al. (2013), and join them.

    The score of a pair is (its count - min_count) * types / (count of one word * count of the
    other). As in gensim, types is the number of different words and pairs of the corpus.

    Args:
        sentences: The corpus, read once here and once for each reading of the result.
        options: How to find phrases.
        progress: Whether to show a bar on a terminal.

    Raises:
        ValueError: If a sentence is not a sequence of words, or a word is not a string.
    """
    options = options or PhraseOptions()
    bar = tqdm(
        _checked(sentences), desc="finding phrases", unit=" sentences", unit_scale=True,
        disable=None if progress else True, leave=False,
    )  # fmt: skip
    counter = Counter(
        bar, min_count=options.min_count, threshold=options.threshold, delimiter=_JOINT
    )
    return Phrases(sentences, counter.freeze())


def _checked(sentences: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    for number, sentence in enumerate(sentences, 1):
        check_sentence(sentence, number)
        check_words(sentence)
        yield sentence
