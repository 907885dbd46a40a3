"""Models with logistic regression on top: tf-idf, and a frozen encoder."""

import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import joblib  # type: ignore[import-untyped]
import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from tqdm import tqdm
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from ...vectors.vocabulary import word_form
from ..encoders import encoder_length, load_encoder
from ..fitted import Fitted, truncation
from ..model_rows import Work
from ..threads import fastest, typical
from .encoding import texts_and_labels

__all__ = ["fit_frozen_encoder", "fit_tfidf"]

_MOST_ITERATIONS = 300
# Features of unit variance want a far stronger penalty than tf-idf weights of unit length.
_FEATURE_STRENGTH = 1e-3
_BATCH = 32


def fit_tfidf(work: Work) -> Fitted:
    """Train logistic regression on tf-idf weights of words and pairs of words.

    Of more than two classes each is told from the rest: with hundreds of thousands of features that
    is many times faster than all of them at once, and as good. Chinese is written without spaces:
    there the features are characters and pairs of characters.
    """
    texts, labels = texts_and_labels(work.data["train"])
    by_character = word_form(texts) == "chinese"
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
    validation_features = vectorizer.transform(validation_texts)
    classifier, trials, fit_seconds = _choose(
        work.values["C"], make, features, labels, validation_features, validation_labels
    )
    parts = getattr(classifier, "estimators_", [classifier])
    # In the layout of the sparse product, which would otherwise copy it for every text.
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
        validation=max(trial["validation"] for trial in trials),
        parameters=weights.size + biases.size,
        trainable_parameters=weights.size + biases.size,
        training_seconds=seconds + fit_seconds,
        training_rate=len(texts) / (seconds + fit_seconds),
        truncation="not cut",
        trials=trials,
        note="characters and pairs of them" if by_character else "",
    )


def fit_frozen_encoder(work: Work) -> Fitted:
    """Train logistic regression on the mean of a frozen encoder's last states.

    The states are computed once. They are brought to unit length and each feature to unit variance.
    """
    encoder, tokenizer = load_encoder(work.baseline, work.trust_remote_code)
    max_length = encoder_length(encoder, tokenizer, work.max_length)
    texts, labels = texts_and_labels(work.data["train"])
    batch = typical(texts, _BATCH)
    threads = fastest(lambda: _pooled(encoder, tokenizer, batch, max_length), work.threads)
    start = time.perf_counter()
    features = _features(encoder, tokenizer, texts, max_length)
    mean, deviation = features.mean(axis=0), features.std(axis=0) + 1e-9
    seconds = time.perf_counter() - start
    validation_texts, validation_labels = texts_and_labels(work.data["validation"])
    validation_features = _features(encoder, tokenizer, validation_texts, max_length)
    classifier, trials, fit_seconds = _choose(
        [c * _FEATURE_STRENGTH for c in work.values["C"]],
        lambda c: LogisticRegression(C=c, max_iter=_MOST_ITERATIONS),
        (features - mean) / deviation,
        labels,
        (validation_features - mean) / deviation,
        validation_labels,
    )
    ids = tokenizer(texts, truncation=True, max_length=max_length)["input_ids"]
    head = classifier.coef_.size + classifier.intercept_.size

    def predict(batch: Sequence[str]) -> Sequence[int]:
        states = _pooled(encoder, tokenizer, batch, max_length)
        return classifier.predict((states - mean) / deviation)

    def save(folder: Path) -> None:
        encoder.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        joblib.dump((mean, deviation, classifier), folder / "head.joblib")

    return Fitted(
        predict=predict,
        save=save,
        validation=max(trial["validation"] for trial in trials),
        parameters=encoder.num_parameters() + head,
        trainable_parameters=head,
        training_seconds=seconds + fit_seconds,
        training_rate=len(texts) / (seconds + fit_seconds),
        truncation=truncation(ids, max_length, "word pieces", "texts"),
        trials=trials,
        note="features computed once; the head is logistic regression",
        threads=threads,
    )


def _choose(
    strengths: Sequence[float],
    make: Callable[[float], Any],
    features: Any,
    labels: np.ndarray,
    validation_features: Any,
    validation_labels: np.ndarray,
) -> tuple[Any, list[dict[str, Any]], float]:
    """Fit one classifier for each C and keeps the best on validation.

    Return the best, all trials, and the seconds that fitting the best took.
    """
    best: tuple[float, Any, float] | None = None
    trials = []
    for c in tqdm(strengths, desc="Logistic regression", disable=None, leave=False):
        classifier = make(c)
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            classifier.fit(features, labels)
        seconds = time.perf_counter() - start
        accuracy = float(classifier.score(validation_features, validation_labels))
        trials.append({"values": {"C": c}, "validation": accuracy})
        if best is None or accuracy > best[0]:
            best = accuracy, classifier, seconds
    assert best is not None
    return best[1], trials, best[2]


def _features(
    encoder: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    max_length: int,
    batch_size: int = _BATCH,
) -> np.ndarray:
    """Return the pooled states of texts `(texts, width)`, batches of like lengths."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    features = np.empty((len(texts), encoder.config.hidden_size), dtype=np.float32)
    starts = range(0, len(order), batch_size)
    for first in tqdm(starts, desc="Encoding", disable=None, leave=False):
        batch = order[first : first + batch_size]
        features[batch] = _pooled(encoder, tokenizer, [texts[i] for i in batch], max_length)
    return features


@torch.inference_mode()
def _pooled(
    encoder: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    max_length: int,
) -> np.ndarray:
    inputs = tokenizer(
        list(texts), truncation=True, max_length=max_length, padding=True, return_tensors="pt"
    )
    states = encoder(**inputs).last_hidden_state
    mask = inputs["attention_mask"].unsqueeze(-1)
    pooled = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
    return torch.nn.functional.normalize(pooled, dim=-1).float().numpy()
