"""The honest floors of tagging: the most frequent tag, and a CRF over hand-made features."""

import hashlib
import json
import struct
import tempfile
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeAlias

from ..._extras import require
from ..._whole import whole_folder
from ..._wording import counted
from .word_features import sentence_features

__all__ = ["PENALTIES", "FeatureCrf", "MostFrequentTag", "TaggingMetric"]

Sequences: TypeAlias = Sequence[Sequence[str]]
# Takes the tags that are right and those that were predicted; more is better.
TaggingMetric: TypeAlias = Callable[[Sequences, Sequences], float]

_SETTINGS = "floor.json"
_WEIGHTS = "weights.crfsuite"


class Penalties(NamedTuple):
    """The weights of the penalties on the absolute and the squared weights of a CRF."""

    c1: float
    c2: float


# Weak, medium and strong; which fits depends on how much text there is.
PENALTIES = (Penalties(0.02, 0.01), Penalties(0.1, 0.03), Penalties(0.3, 0.1))


class _Floor(ABC):
    """A tagger without a network. Subclasses say how they are fitted, used and stored."""

    labels: list[str]

    @property
    @abstractmethod
    def number_of_parameters(self) -> int:
        """How many numbers or entries were fitted."""

    @abstractmethod
    def predict(self, sentences: Sequences) -> list[list[str]]:
        """Return a tag for each word of each sentence."""

    def save(self, folder: str | Path) -> None:
        """Write the floor into a folder, whole or not at all.

        Raises:
            OSError: If the folder cannot be written.
        """
        with whole_folder(Path(folder)) as staged:
            settings = {"class": type(self).__name__, "labels": self.labels, **self._write(staged)}
            text = json.dumps(settings, indent=1, ensure_ascii=True)
            (staged / _SETTINGS).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read a floor that ``save`` wrote; nothing is unpickled.

        Raises:
            ValueError: If the folder holds something else, or a file is damaged.
            OSError: If a file cannot be read.
        """
        path = Path(folder) / _SETTINGS
        try:
            settings = json.loads(path.read_text(encoding="utf-8"))
            if settings["class"] != cls.__name__:
                raise ValueError
            floor = cls()
            floor.labels = [str(label) for label in settings["labels"]]
            floor._read(Path(folder), settings)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"{path}: expected a {cls.__name__} as its save() writes it"
                f"{f' ({error})' if isinstance(error, _DamagedError) else ''}."
            ) from None
        return floor

    @abstractmethod
    def _write(self, folder: Path) -> dict[str, Any]:
        """Write side files, and return what else is to be stored."""

    @abstractmethod
    def _read(self, folder: Path, settings: dict[str, Any]) -> None:
        """Take up what ``_write`` stored."""


class _DamagedError(ValueError):
    pass


class MostFrequentTag(_Floor):
    """Each word gets its most frequent tag, and an unknown word the most frequent tag of all.

    Example:
        >>> floor = MostFrequentTag().fit([["the", "run"], ["the"]], [["D", "V"], ["D"]])
        >>> floor.predict([["the", "unknown", "run"]])
        [['D', 'D', 'V']]
    """

    def __init__(self) -> None:
        self.labels = []
        self._of_word: dict[str, int] = {}
        self._of_others = 0

    def fit(
        self, sentences: Sequences, tags: Sequences, *, labels: Sequence[str] | None = None
    ) -> Self:
        """Count the tags of each word.

        Args:
            sentences: The words of each sentence.
            tags: Their tags.
            labels: All tags, of which the earlier one wins a tie; as sorted if not given.

        Returns:
            The floor itself.

        Raises:
            ValueError: If there is no word, words and tags differ in number, or a tag is no label.
        """
        self.labels = _check(sentences, tags, labels)
        place = {label: i for i, label in enumerate(self.labels)}
        counts: dict[str, Counter[int]] = {}
        for words, own in zip(sentences, tags, strict=True):
            for word, tag in zip(words, own, strict=True):
                counts.setdefault(word, Counter())[place[tag]] += 1
        self._of_word = {word: _most_frequent(of_word) for word, of_word in counts.items()}
        total: Counter[int] = Counter()
        for of_word in counts.values():
            total.update(of_word)
        self._of_others = _most_frequent(total)
        return self

    def predict(self, sentences: Sequences) -> list[list[str]]:
        """Return a tag for each word of each sentence.

        Raises:
            ValueError: If nothing has been fitted.
        """
        if not self.labels:
            raise ValueError(_NOT_FITTED)
        get, others, labels = self._of_word.get, self._of_others, self.labels
        return [[labels[get(word, others)] for word in words] for words in sentences]

    @property
    def number_of_parameters(self) -> int:
        """How many words have a tag, and one more: the tag of unknown words."""
        return len(self._of_word) + 1

    def _write(self, folder: Path) -> dict[str, Any]:
        return {"of_word": self._of_word, "of_others": self._of_others}

    def _read(self, folder: Path, settings: dict[str, Any]) -> None:
        self._of_word = {str(word): int(i) for word, i in settings["of_word"].items()}
        self._of_others = int(settings["of_others"])
        if not {self._of_others, *self._of_word.values()} <= set(range(len(self.labels))):
            raise _DamagedError("a tag has no label")


class FeatureCrf(_Floor):
    """A linear-chain CRF (Lafferty et al., 2001) over hand-made features, as before networks.

    The library is CRFsuite in its own binding, ``python-crfsuite``: it has wheels for each Python
    and system, and ``sklearn-crfsuite`` only wraps it, and keeps models as pickles.

    Attributes:
        penalties: The penalties of the weights that were kept.
        scores: The metric on validation of each pair of penalties that was tried.
    """

    def __init__(self) -> None:
        self.labels = []
        self.penalties: Penalties | None = None
        self.scores: dict[Penalties, float] = {}
        self._model = b""
        self._tagger: Any = None

    def fit(
        self,
        sentences: Sequences,
        tags: Sequences,
        *,
        labels: Sequence[str] | None = None,
        validation: tuple[Sequences, Sequences] | None = None,
        metric: TaggingMetric | None = None,
        penalties: Sequence[tuple[float, float]] = PENALTIES,
        max_iterations: int = 100,
        min_count: int = 1,
    ) -> Self:
        """Train by L-BFGS once for each pair of penalties, and keep the best on validation.

        Args:
            sentences: The words of each sentence.
            tags: Their tags.
            labels: All tags; those of the sentences, sorted, if not given.
            validation: Sentences and tags to choose the penalties on. Without them the first pair
                is taken.
            metric: Takes the right and the predicted tags of the validation part; more is better.
                The first of equal pairs is kept.
            penalties: Pairs of ``c1`` (on absolute weights) and ``c2`` (on squared weights).
            max_iterations: When to stop a training that has not converged.
            min_count: How often a feature must occur with a tag.

        Returns:
            The floor itself.

        Raises:
            ImportError: If ``python-crfsuite`` is not installed.
            ValueError: If there is no word, words and tags differ in number, a tag is no label, or
                a validation part has no metric.
        """
        crfsuite = _crfsuite()
        if not penalties:
            raise ValueError("penalties is empty: expected at least one pair of c1 and c2.")
        if validation is not None and metric is None:
            raise ValueError("metric is missing: it chooses the penalties on the validation part.")
        self.labels = _check(sentences, tags, labels)
        place = {label: str(i) for i, label in enumerate(self.labels)}
        trainer = crfsuite.Trainer(algorithm="lbfgs", verbose=False)
        for words, own in zip(sentences, tags, strict=True):
            if words:
                trainer.append(_items(crfsuite, words), [place[tag] for tag in own])
        checked: list[Any] = []
        if validation is not None:
            _check_numbers(*validation)
            checked = [_items(crfsuite, words) for words in validation[0]]
        self.scores, best = {}, b""
        for pair in map(Penalties._make, penalties if validation else penalties[:1]):
            model = _train(trainer, pair, max_iterations, min_count)
            if validation is None or metric is None:
                self.penalties, best = pair, model
                break
            self._open(model)
            self.scores[pair] = float(metric(validation[1], [*map(self._tag, checked)]))
            # The first score that is a number wins over those that are not.
            if not best or self.scores[pair] > self.scores[self.penalties or pair]:
                self.penalties, best = pair, model
        self._open(best)
        return self

    def predict(self, sentences: Sequences) -> list[list[str]]:
        """Return the Viterbi path of each sentence.

        Raises:
            ValueError: If nothing has been fitted.
        """
        if self._tagger is None:
            raise ValueError(_NOT_FITTED)
        crfsuite = _crfsuite()
        return [self._tag(_items(crfsuite, words)) for words in sentences]

    @property
    def number_of_parameters(self) -> int:
        """How many weights are not zero: of features with tags, and of pairs of tags."""
        if not self._model:
            return 0
        # The eighth number of a model's header is where its weights lie, of which the chunk's third
        # number says how many there are.
        (place,) = struct.unpack_from("<I", self._model, 28)
        return int(struct.unpack_from("<I", self._model, place + 8)[0])

    def _open(self, model: bytes) -> None:
        # The tagger reads in these bytes as long as it lives.
        self._model, self._tagger = model, _crfsuite().Tagger()
        self._tagger.open_inmemory(model)

    def _tag(self, items: Any) -> list[str]:
        # The library knows labels by their numbers, so that any text can be one.
        return [self.labels[int(tag)] for tag in self._tagger.tag(items)] if len(items) else []

    def _write(self, folder: Path) -> dict[str, Any]:
        (folder / _WEIGHTS).write_bytes(self._model)
        return {
            "penalties": self.penalties,
            "scores": [[*pair, score] for pair, score in self.scores.items()],
            "sha256": hashlib.sha256(self._model).hexdigest(),
        }

    def _read(self, folder: Path, settings: dict[str, Any]) -> None:
        model = (folder / _WEIGHTS).read_bytes()
        # The library trusts what it opens: a file that was cut off would end the process.
        if hashlib.sha256(model).hexdigest() != settings["sha256"]:
            raise _DamagedError(f"{_WEIGHTS} is damaged")
        self.penalties = Penalties(*settings["penalties"])
        self.scores = {Penalties(c1, c2): score for c1, c2, score in settings["scores"]}
        self._open(model)


_NOT_FITTED = "Nothing has been fitted: call fit() or load() first."


def _crfsuite() -> Any:
    return require("pycrfsuite", "crf-features", "A CRF over hand-made features")


def _items(crfsuite: Any, words: Sequence[str]) -> Any:
    return crfsuite.ItemSequence(sentence_features(words))


def _train(trainer: Any, penalties: Penalties, max_iterations: int, min_count: int) -> bytes:
    """Train on what the trainer holds, and return the model as the library writes it."""
    trainer.set_params(
        {
            "c1": penalties.c1,
            "c2": penalties.c2,
            "max_iterations": max_iterations,
            "feature.minfreq": min_count,
            # Pairs of tags that training lacks get a weight too, and may be predicted.
            "feature.possible_transitions": True,
        }
    )
    with tempfile.TemporaryDirectory(prefix="hf-recurrent-") as folder:
        path = Path(folder, _WEIGHTS)
        trainer.train(str(path))
        return path.read_bytes()


def _most_frequent(counts: Counter[int]) -> int:
    """Return what occurs most, of several the smallest."""
    return min(counts, key=lambda i: (-counts[i], i))


def _check_numbers(sentences: Sequences, tags: Sequences) -> None:
    if len(sentences) != len(tags):
        raise ValueError(
            f"There are {counted(len(sentences), 'sentence')} and tags of "
            f"{len(tags):,}: expected as many."
        )
    for number, (words, own) in enumerate(zip(sentences, tags, strict=True), 1):
        if len(words) != len(own):
            raise ValueError(
                f"Sentence {number:,} has {counted(len(words), 'word')} and "
                f"{counted(len(own), 'tag')}: expected as many."
            )


def _check(sentences: Sequences, tags: Sequences, labels: Sequence[str] | None) -> list[str]:
    """Check the training part, and return the labels in their order."""
    _check_numbers(sentences, tags)
    found = {tag for own in tags for tag in own}
    if not found:
        raise ValueError("There is no word to learn from: all sentences are empty.")
    if labels is None:
        return sorted(found)
    if unknown := sorted(found.difference(labels)):
        raise ValueError(f"labels lacks a tag of the training part: {unknown[0]!r}.")
    return list(dict.fromkeys(labels))
