"""The honest floors: the source itself, and word by word."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from gensim.models import KeyedVectors

from ..._whole import write_whole
from ..._wording import counted
from ...vectors.alignment import align
from ...vectors.training import train_vectors
from ..fitted import Fitted
from ..model_rows import Work
from .lexicon import joined, learn_lexicon, translated, words_of
from .readers import SOURCE, TARGET

# Words that are spelled alike in both languages, such as names, are the dictionary of an alignment.
_FEWEST_ALIKE = 50


def fit_copy(work: Work) -> Fitted:
    """Translate nothing: the source is the translation."""
    return _fitted(work, list, 0, 0.0, {})


def fit_lexicon(work: Work) -> Fitted:
    """Translate word by word, by the lexicon of IBM model 1 of the training pairs."""
    start = time.perf_counter()
    lexicon = learn_lexicon(*_sides(work), iterations=work.row.config["iterations"])
    best = lexicon.best()
    seconds = time.perf_counter() - start
    return _fitted(work, _word_by_word(best), len(lexicon.cells), seconds, best)


def fit_aligned_vectors(work: Work) -> Fitted:
    """Translate word by word, to the nearest word of vectors of both languages in one space.

    The vectors are trained on the training part, each language alone, and aligned by the words that
    are spelled alike, so that no pair of sentences is used.

    Raises:
        ValueError: If few words are spelled alike.
    """
    start = time.perf_counter()
    settings = {"seed": work.seed, "workers": 1, "progress": False, **work.row.config}
    one, other = (
        cast(KeyedVectors, train_vectors(side, "skip-gram", **settings).vectors)
        for side in _sides(work)
    )
    alike = [
        (word, word) for word in one.index_to_key if word in other.key_to_index and len(word) > 2
    ]
    if len(alike) < _FEWEST_ALIKE:
        told = counted(len(alike), "word", "is", "are")
        raise ValueError(
            f"{told} spelled alike on both sides, of 3 letters or more, and vectors are aligned by "
            f"at least {_FEWEST_ALIKE}: leave this model out."
        )
    aligned = align(one, other, alike)
    best = aligned.dictionary()
    numbers = aligned.source.vectors.size + aligned.target.vectors.size
    seconds = time.perf_counter() - start
    return _fitted(work, _word_by_word(best), numbers, seconds, best)


def _sides(work: Work) -> tuple[list[list[str]], list[list[str]]]:
    """Return the words of the training part in both languages, in lower case."""
    train = work.data["train"]
    one, other = (
        [words_of(text.lower()) for text in train[column][:]] for column in (SOURCE, TARGET)
    )
    return one, other


def _word_by_word(best: Mapping[str, str]) -> Callable[[Sequence[Any]], list[Any]]:
    def predict(texts: Sequence[Any]) -> list[Any]:
        return [joined(translated(words_of(text), best)) for text in texts]

    return predict


def _fitted(
    work: Work,
    predict: Callable[[Sequence[Any]], Sequence[Any]],
    parameters: int,
    seconds: float,
    best: Mapping[str, str],
) -> Fitted:
    def save(folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        # With a head, so that no model is of size 0, which no plot of sizes has a place for.
        pairs = [("source", "translation"), *best.items()]
        write_whole(folder / "lexicon.tsv", "".join(f"{a}\t{b}\n" for a, b in pairs))

    return Fitted(
        predict=predict,
        save=save,
        validation=work.score(predict),
        parameters=parameters,
        trainable_parameters=parameters,
        training_seconds=max(seconds, 1e-6),
        training_rate=len(work.data["train"]) / max(seconds, 1e-9),
        truncation="none",
        note=counted(len(best), "word") if best else "",
    )
