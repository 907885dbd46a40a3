"""Answers of models to a text: labels or tags, the time, and the attention on each word."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel

from .._pretrained import longest_text
from .._wording import capital, counted, first_line
from ..hub.record import RECORD_FILE, Record
from ..hub.small_files import small_files
from ..hub.summary import purpose
from ..tasks import all_tasks
from ..tasks.base import Answerer
from ..tasks.of_model import OtherTaskError, task_of_model

MOST_CHARACTERS = 20_000
_MARKS = (",", ";", ":", "!", "?")
_RUNS = 9
_MOST_SECONDS = 1.0
_WITHOUT_WEIGHTS = {
    "last": "it reads its answer off the last state",
    "max": "it takes the largest value of each feature over all words",
    "mean": "every word counts the same",
}
# Errors that running a model on a text may raise.
_WRONG = (IndexError, KeyError, RuntimeError, TypeError, ValueError)


@dataclass(frozen=True)
class Word:
    """A token and its place in the text.

    Attributes:
        start: Offset of its first character.
        end: Offset after its last character.
        known: Whether the model has a vector for it.
        weight: Its attention weight if the model has attention pooling; they sum to 1.
        tag: Its tag from a tagger; else empty.
    """

    start: int
    end: int
    known: bool
    weight: float | None = None
    tag: str = ""


@dataclass(frozen=True)
class Answer:
    """The answer of a model.

    Attributes:
        labels: Names with their probabilities, the most probable first.
        milliseconds: Median time from text to answer at batch 1.
        runs: Number of runs behind the median.
        words: The tokens; none if the tokenizer does not give their places.
        notes: Sentences on what is missing or was cut.
        error: Why there is no answer; else empty.
    """

    labels: Sequence[tuple[str, float]] = ()
    milliseconds: float = 0.0
    runs: int = 0
    words: Sequence[Word] = ()
    notes: Sequence[str] = ()
    error: str = ""


class Classifier:
    """A model that labels or tags texts, as the page shows it.

    Attributes:
        source: Its folder, or its id on the Hub.
        name: Its name on the page.
        about: What it was trained for, and its size.
        examples: Texts to try it on, from its record.
        timed: What the time spans, such as "from text to label".
    """

    def __init__(self, source: str, answerer: Answerer, timed: str) -> None:
        self.source, self.name = source, _name(source)
        self.model, self.tokenizer = answerer.model, answerer.tokenizer
        self._answerer, self.timed = answerer, timed
        record = Record.load(small_files(source, [RECORD_FILE, "config.json"]))
        self.about = _about(record, self.model)
        texts = [record.example, *(answer.text for answer in record.answers)]
        self.examples = [text for text in texts if text]

    @cached_property
    def vocabulary(self) -> list[str]:
        """The tokens that the model knows, in the order of their ids."""
        known: dict[str, int] = self.tokenizer.get_vocab()
        return sorted(set(known) - set(self.tokenizer.all_special_tokens), key=known.__getitem__)

    @property
    def label_order(self) -> list[str]:
        """The labels in the order of the model's outputs."""
        return list(self.model.config.id2label.values())

    @property
    def pooling(self) -> str | None:
        """The pooling of a model of this package; "mean" for a bag of vectors."""
        config: Any = self.model.config
        if config.model_type == "static_embedding":
            return "mean"
        return getattr(config, "pooling", None) if config.model_type == "recurrent" else None

    @property
    def most_tokens(self) -> int | None:
        """Number of tokens after which a text is cut; ``None`` if there is no limit."""
        if getattr(self.model.config, "max_position_embeddings", None) is None:
            return None
        return longest_text(self.model, self.tokenizer)

    def answer(self, text: str) -> Answer:
        """Answer a text; an error becomes a sentence of the answer."""
        try:
            return self._answer(text)
        except _WRONG as error:
            return Answer(error=f"The model cannot read this text ({_first_line(error)}).")

    def _answer(self, text: str) -> Answer:
        labels, tags = self._ask(text)  # also warms up for the timed runs
        seconds: list[float] = []
        started = time.perf_counter()
        while len(seconds) < _RUNS and time.perf_counter() - started < _MOST_SECONDS:
            start = time.perf_counter()
            self._ask(text)
            seconds.append(time.perf_counter() - start)
        words, notes = self._words(text, tags)
        return Answer(labels, statistics.median(seconds) * 1000, len(seconds), words, notes)

    def _ask(self, text: str) -> tuple[list[tuple[str, float]], list[str]]:
        """Return the labels of a classifier and the tags of a tagger; the other list is empty."""
        most = self.most_tokens
        return self._answerer.labels(text, most), self._answerer.tags(text, most)

    def _words(self, text: str, tags: list[str]) -> tuple[list[Word], list[str]]:
        """Return the tokens of a text, and sentences on what is missing."""
        most = self.most_tokens
        notes = []
        if most is not None and len(self.tokenizer(text)["input_ids"]) > most:
            notes.append(
                f"It reads the first {counted(most, 'token')} only; the text was cut there."
            )
        has_weights = self.pooling == "attention" and not tags
        notes += [] if has_weights or tags else [self._why_no_weights()]
        if not self.tokenizer.is_fast:
            return [], [*notes, "Its tokenizer does not say where tokens stand in the text."]
        encoded = self.tokenizer(
            [text], truncation=most is not None, max_length=most, return_offsets_mapping=True
        )
        ids, spans = encoded["input_ids"][0], encoded["offset_mapping"][0]
        # Where vectors are made of n-grams, an unknown word has one too.
        composed = encoded["ngram_ids"][0] if "ngram_ids" in encoded else [()] * len(ids)
        unknown = self.tokenizer.unk_token_id
        known = [i != unknown or len(grams) > 0 for i, grams in zip(ids, composed, strict=True)]
        weights: list[float | None] = [None] * len(ids)
        if has_weights:
            found = self._answerer.word_weights(text, most)
            weights = [weight for _, weight in found]
        if tags and any(_ends_in_a_mark(text[slice(*span)]) for span in spans):
            notes.append("It splits text at spaces: put a space before punctuation.")
        words = [
            Word(start, end, is_known, weight, tag)
            for (start, end), is_known, weight, tag in zip(
                spans, known, weights, tags or [""] * len(ids), strict=True
            )
            if end > start
        ]
        return words, notes

    def _why_no_weights(self) -> str:
        if self.pooling is None:
            return (
                f"A model of the family {self.model.config.model_type} has no attention pooling, "
                "so it has no one weight for each word."
            )
        return f"It has no weights of words: {_WITHOUT_WEIGHTS[self.pooling]}."


def open_classifier(source: str, trust_remote_code: bool = False) -> Classifier:
    """Load a model that labels or tags texts.

    Args:
        source: A folder, or an id on the Hub.
        trust_remote_code: Whether code from the model's folder may run.

    Raises:
        OSError: If there is no such model, or it cannot be read.
        ValueError: If the page does not show its task, or its outputs are not labels.
    """
    try:
        task = task_of_model(source, among=[each for each in all_tasks() if each.on_page])
    except OtherTaskError as error:
        raise ValueError(
            f"{error} Try a model of another task by `hf-recurrent predict`, and name word vectors "
            "by --vectors."
        ) from error
    return Classifier(source, task.answerer(source, trust_remote_code), task.units.answer)


def open_classifiers(sources: Sequence[str], trust_remote_code: bool = False) -> list[Classifier]:
    """Load several models, and give each a name of its own.

    Raises:
        OSError: As ``open_classifier``.
        ValueError: As ``open_classifier``, or if one is named twice.
    """
    twice = {source for source in sources if sources.count(source) > 1}
    if twice:
        raise ValueError(f"The model '{min(twice)}' is named twice.")
    classifiers = [open_classifier(source, trust_remote_code) for source in sources]
    names = [classifier.name for classifier in classifiers]
    for classifier in classifiers:
        if names.count(classifier.name) > 1:
            classifier.name = classifier.source
    return classifiers


def threads() -> int:
    """Return the number of threads that models run on."""
    return torch.get_num_threads()


def _name(source: str) -> str:
    """Return the last part of a model's path, or two if the last says too little."""
    path = Path(source)
    if not path.is_dir():
        return source
    parts = path.resolve().parts
    return "/".join(parts[-2:]) if parts[-1] in ("best", "model", "output") else parts[-1]


def _about(record: Record, model: PreTrainedModel) -> str:
    config: Any = model.config
    kind = " ".join(filter(None, [config.model_type, getattr(config, "cell_type", "")]))
    trained_for = purpose(record, type(model).__name__)
    known = [capital(trained_for), record.title or kind]
    return " · ".join([*filter(None, known), f"{model.num_parameters():,} parameters"])


def _ends_in_a_mark(word: str) -> bool:
    """Return whether punctuation is joined to a word, as in "film," but not in "Mr."."""
    return word[:1].isalnum() and word[-1:] in _MARKS


def _first_line(error: Exception) -> str:
    return first_line(error) or type(error).__name__
