"""Logistic regression over tf-idf features, or over a frozen encoder."""

import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import joblib  # type: ignore[import-untyped]
import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from ...models.tokenization_elmo import ElmoTokenizer
from ...vectors._pre_tokenizers import fitting_texts
from ..choosing import Chosen, choose
from ..encoders import EMBEDDING_BATCH, embed_batch, embed_texts, encoder_length, load_encoder
from ..fitted import Fitted, truncation
from ..metric import Metric
from ..model_rows import Work
from ..threads import fastest, typical
from .encoding import texts_and_labels

_MOST_ITERATIONS = 300
# Features of unit variance need a far stronger penalty than tf-idf weights of unit length.
_FEATURE_STRENGTH = 1e-3


def fit_tfidf(work: Work) -> Fitted:
    """Train logistic regression on tf-idf weights of words and pairs of words.

    With more than two classes, there is one classifier for each class against the rest. With
    hundreds of thousands of features this is many times faster than one classifier for all classes,
    and as good. Chinese is written without spaces, so there the features are characters and pairs
    of characters.
    """
    texts, labels = texts_and_labels(work.data["train"])
    by_character = fitting_texts(texts) == "chinese"
    forms: dict[str, Any] = (
        {"analyzer": "char"} if by_character else {"token_pattern": r"\w+|[^\w\s]"}
    )
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, **forms)

    def make(c: float) -> Any:
        one = LogisticRegression(C=c, solver="liblinear", dual=True, random_state=0)
        return one if len(np.unique(labels)) == 2 else OneVsRestClassifier(one)

    start = time.perf_counter()
    features = vectorizer.fit_transform(texts)
    seconds = time.perf_counter() - start
    validation_texts, validation_labels = texts_and_labels(work.data["validation"])
    held = vectorizer.transform(validation_texts), validation_labels
    chosen = _choose(work.values["C"], make, (features, labels), held, work.task.chooser)
    classifier, seconds = chosen.model, seconds + chosen.seconds
    parts = getattr(classifier, "estimators_", [classifier])
    # In the layout that the sparse product needs; otherwise it would copy it for every text.
    weights = np.ascontiguousarray(np.concatenate([part.coef_ for part in parts]).T)
    biases = np.concatenate([part.intercept_ for part in parts])

    def predict(batch: Sequence[str]) -> Sequence[int]:
        scores = vectorizer.transform(batch) @ weights + biases
        best = scores.argmax(axis=1) if len(biases) > 1 else (scores[:, 0] > 0).astype(int)
        return classifier.classes_[best]

    def save(folder: Path) -> None:
        joblib.dump((vectorizer, weights, biases, classifier.classes_), folder / "model.joblib")

    return Fitted(
        predict=predict,
        save=save,
        validation=chosen.validation,
        parameters=weights.size + biases.size,
        trainable_parameters=weights.size + biases.size,
        training_seconds=seconds,
        training_rate=len(texts) / seconds,
        truncation="not cut",
        trials=chosen.trials,
        note="characters and pairs of them" if by_character else "",
    )


def fit_frozen_encoder(work: Work) -> Fitted:
    """Train logistic regression on the mean of a frozen encoder's last states.

    The states are computed once, and scaled to unit length, and then each feature to unit variance.
    """
    encoder, tokenizer = load_encoder(work.baseline, work.trust_remote_code)
    max_length = encoder_length(encoder, tokenizer, work.max_length)
    texts, labels = texts_and_labels(work.data["train"])
    batch = typical(texts, EMBEDDING_BATCH)
    threads = fastest(lambda: embed_batch(encoder, tokenizer, batch, max_length), work.threads)
    start = time.perf_counter()
    features = embed_texts(encoder, tokenizer, texts, max_length)
    mean, deviation = features.mean(axis=0), features.std(axis=0) + 1e-9
    seconds = time.perf_counter() - start
    validation_texts, validation_labels = texts_and_labels(work.data["validation"])
    validation_features = embed_texts(encoder, tokenizer, validation_texts, max_length)
    chosen = _choose(
        [c * _FEATURE_STRENGTH for c in work.values["C"]],
        lambda c: LogisticRegression(C=c, max_iter=_MOST_ITERATIONS),
        ((features - mean) / deviation, labels),
        ((validation_features - mean) / deviation, validation_labels),
        work.task.chooser,
    )
    classifier, seconds = chosen.model, seconds + chosen.seconds
    ids = tokenizer(texts, truncation=True, max_length=max_length)["input_ids"]
    unit = "words" if isinstance(tokenizer, ElmoTokenizer) else "word pieces"
    head = classifier.coef_.size + classifier.intercept_.size

    def predict(batch: Sequence[str]) -> Sequence[int]:
        states = embed_batch(encoder, tokenizer, batch, max_length)
        return classifier.predict((states - mean) / deviation)

    def save(folder: Path) -> None:
        encoder.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        joblib.dump((mean, deviation, classifier), folder / "head.joblib")

    return Fitted(
        predict=predict,
        save=save,
        validation=chosen.validation,
        parameters=encoder.num_parameters() + head,
        trainable_parameters=head,
        training_seconds=seconds,
        training_rate=len(texts) / seconds,
        truncation=truncation(map(len, ids), max_length, unit, "texts"),
        trials=chosen.trials,
        note="features computed once; the head is logistic regression",
        threads=threads,
    )


def _choose(
    strengths: Sequence[float],
    make: Callable[[float], Any],
    train: tuple[Any, np.ndarray],
    held: tuple[Any, np.ndarray],
    metric: Metric,
) -> Chosen[Any]:
    """Fit a classifier for each C, and keep the best on validation."""

    def fit(C: float) -> Any:  # noqa: N803 - as the library calls it
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return make(C).fit(*train)

    def score(classifier: Any) -> float:
        return float(classifier.score(*held))

    choices = [{"C": strength} for strength in strengths]
    return choose(choices, fit, score, metric, "Logistic regression")
