"""Training of taggers: the floors, networks over word vectors, and the fine-tuned encoder."""

import time
from collections.abc import Callable
from typing import Any

from datasets import Dataset
from transformers import DataCollatorForTokenClassification

from ... import RecurrentConfig
from ...metrics.spans import tagging_metrics
from .. import networks
from ..choosing import choose
from ..elmo_networks import fit_over_elmo
from ..fitted import Fitted
from ..model_rows import Work
from .data import has_spans, tag_names
from .encoding import encode_sentences, scheme_of_rows, sentences_and_tags, tag
from .floors import PENALTIES, FeatureCrf, FeatureCrfTrainer, MostFrequentTag

# The constraints of a CRF by the scheme of the training tags; without one it learns transitions.
_CONSTRAINTS = {"IOB2": "BIO", "IOBES": "BIOES"}


def fit_most_frequent(work: Work) -> Fitted:
    """Count the tags of each word."""
    train = work.data["train"]
    sentences, tags = sentences_and_tags(train)
    start = time.perf_counter()
    floor = MostFrequentTag(sentences, tags, tag_names(train))
    return _floor(floor, len(sentences), time.perf_counter() - start, work.score(floor.predict))


def fit_feature_crf(work: Work) -> Fitted:
    """Train a CRF over hand-made features; its penalties are chosen on validation."""
    train = work.data["train"]
    sentences, tags = sentences_and_tags(train)

    def score(floor: FeatureCrf) -> float:
        return work.score(floor.predict)

    start = time.perf_counter()
    trainer = FeatureCrfTrainer(sentences, tags, tag_names(train))
    seconds = time.perf_counter() - start
    chosen = choose(PENALTIES, trainer.train, score, work.task.chooser, "CRF")
    seconds += chosen.seconds
    return _floor(chosen.model, len(sentences), seconds, chosen.validation, chosen.trials)


def _floor(
    floor: MostFrequentTag | FeatureCrf,
    rows: int,
    seconds: float,
    validation: float,
    trials: list[dict[str, Any]] | None = None,
) -> Fitted:
    return Fitted(
        predict=floor.predict,
        save=floor.save,
        validation=validation,
        parameters=floor.number_of_parameters,
        trainable_parameters=floor.number_of_parameters,
        training_seconds=seconds,
        training_rate=rows / max(seconds, 1e-9),
        truncation="not cut",
        trials=trials or [],
    )


def fit_recurrent(work: Work) -> Fitted:
    """Train a recurrent tagger over word vectors, with a CRF if the row has one."""
    held: dict[str, Any] = {}
    if work.values.get("crf"):
        held["tag_scheme"] = _CONSTRAINTS.get(scheme_of_rows(work.data["train"]) or "")
    model, tokenizer = networks.word_network(work, NETWORK_RECIPE, RecurrentConfig, **held)
    return networks.fit_network(work, NETWORK_RECIPE, model, tokenizer)


def fit_elmo(work: Work) -> Fitted:
    """Train a recurrent network over ELMo's vectors, with ELMo or over it as it is."""
    return fit_over_elmo(work, NETWORK_RECIPE)


def fit_encoder(work: Work) -> Fitted:
    """Train a fresh classifier on a pretrained encoder, with it or on it as it is."""
    return networks.fit_encoder(work, NETWORK_RECIPE)


def _metrics(train: Dataset) -> Callable[[Any], dict[str, float]]:
    names = tag_names(train)
    return tagging_metrics(names, has_spans(names), scheme_of_rows(train))


NETWORK_RECIPE = networks.NetworkRecipe(
    labels=tag_names,
    encode=encode_sentences,
    collator=DataCollatorForTokenClassification,
    metrics=_metrics,
    answer=tag,
)
