"""The honest floors of tagging: the most frequent tag, and a CRF over hand-made features."""

import struct
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

from ..._extras import require
from ..floors import save_floor
from .word_features import sentence_features

Sequences: TypeAlias = Sequence[Sequence[str]]

# Factors of the penalties on the absolute and the squared weights of a CRF: weak, medium and
# strong; the best one depends on the amount of text.
PENALTIES = ({"c1": 0.02, "c2": 0.01}, {"c1": 0.1, "c2": 0.03}, {"c1": 0.3, "c2": 0.1})
_WEIGHTS = "weights.crfsuite"


class MostFrequentTag:
    """A tagger with the most frequent tag of each word, and of all words for unknown words.

    Args:
        sentences: The words of each sentence.
        tags: Their tags.
        labels: All tags; of equally frequent tags the earlier one is chosen.

    Example:
        >>> floor = MostFrequentTag([["the", "run"], ["the"]], [["D", "V"], ["D"]], ["D", "V"])
        >>> floor.predict([["the", "unknown", "run"]])
        [['D', 'D', 'V']]
    """

    def __init__(self, sentences: Sequences, tags: Sequences, labels: Sequence[str]) -> None:
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        total: Counter[str] = Counter()
        for words, own in zip(sentences, tags, strict=True):
            for word, tag in zip(words, own, strict=True):
                counts[word][tag] += 1
            total.update(own)
        self.labels = list(labels)
        place = {label: i for i, label in enumerate(labels)}
        # Indices of labels, as they are saved; max returns the first of equally frequent ones.
        self._of_word = {
            word: place[max(labels, key=of_word.__getitem__)] for word, of_word in counts.items()
        }
        self._of_others = place[max(labels, key=total.__getitem__)]

    @property
    def number_of_parameters(self) -> int:
        """The number of words with a tag, plus one for the tag of unknown words."""
        return len(self._of_word) + 1

    def predict(self, sentences: Sequences) -> list[list[str]]:
        """Return a tag for each word of each sentence."""
        get, others, labels = self._of_word.get, self._of_others, self.labels
        return [[labels[get(word, others)] for word in words] for words in sentences]

    def save(self, folder: Path) -> None:
        """Write the tags of the words into a folder."""
        save_floor(folder, labels=self.labels, of_word=self._of_word, of_others=self._of_others)


class FeatureCrf:
    """A linear-chain CRF (Lafferty et al., 2001) over hand-made features, as used before networks.

    Args:
        model: The model file of CRFsuite, as bytes.
        labels: All tags, in the order of their numbers in the model.
    """

    def __init__(self, model: bytes, labels: Sequence[str]) -> None:
        # The tagger reads from these bytes as long as it exists.
        self.model, self.labels = model, list(labels)
        self._tagger = _crfsuite().Tagger()
        self._tagger.open_inmemory(model)

    @property
    def number_of_parameters(self) -> int:
        """The number of weights that are not zero: of features with tags, and of pairs of tags."""
        # The eighth number in a model's header is the offset of the chunk with its weights, and the
        # third number of this chunk is the number of weights.
        (place,) = struct.unpack_from("<I", self.model, 28)
        return int(struct.unpack_from("<I", self.model, place + 8)[0])

    def predict(self, sentences: Sequences) -> list[list[str]]:
        """Return the Viterbi path of each sentence."""
        return [self._tag(words) if words else [] for words in sentences]

    def _tag(self, words: Sequence[str]) -> list[str]:
        return [self.labels[int(tag)] for tag in self._tagger.tag(_items(words))]

    def save(self, folder: Path) -> None:
        """Write the labels and the weights into a folder."""
        save_floor(folder, labels=self.labels)
        (folder / _WEIGHTS).write_bytes(self.model)


class FeatureCrfTrainer:
    """Trains CRFs with several penalties on the same features, which are computed once.

    It uses the library CRFsuite through its own binding ``python-crfsuite``, which has wheels for
    each Python and system. ``sklearn-crfsuite`` only wraps that, and saves models as pickles.

    Args:
        sentences: The words of each sentence.
        tags: Their tags.
        labels: All tags.

    Raises:
        ImportError: If ``python-crfsuite`` is not installed.
    """

    def __init__(self, sentences: Sequences, tags: Sequences, labels: Sequence[str]) -> None:
        self.labels = labels
        self._trainer = _crfsuite().Trainer(algorithm="lbfgs", verbose=False)
        # The library gets the numbers of labels, so that any text can be a label.
        place = {label: str(i) for i, label in enumerate(labels)}
        for words, own in zip(sentences, tags, strict=True):
            if words:
                self._trainer.append(_items(words), [place[tag] for tag in own])

    def train(self, c1: float, c2: float, max_iterations: int = 100) -> FeatureCrf:
        """Train by L-BFGS.

        Args:
            c1: Factor of the penalty on absolute weights.
            c2: Factor of the penalty on squared weights.
            max_iterations: Number of iterations after which training stops in any case.
        """
        self._trainer.set_params({"c1": c1, "c2": c2, "max_iterations": max_iterations})
        with tempfile.TemporaryDirectory(prefix="hf-recurrent-") as folder:
            path = Path(folder, _WEIGHTS)
            self._trainer.train(str(path))
            return FeatureCrf(path.read_bytes(), self.labels)


def _crfsuite() -> Any:
    return require("pycrfsuite", "crf-features", "A CRF over hand-made features")


def _items(words: Sequence[str]) -> Any:
    return _crfsuite().ItemSequence(sentence_features(words))
