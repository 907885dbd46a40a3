"""Taggers trained: the floors, networks over word vectors, and the fine-tuned encoder."""

import time
from collections.abc import Sequence
from typing import Any

from transformers import (
    AutoModelForTokenClassification,
    DataCollatorForTokenClassification,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    set_seed,
)

from ... import RecurrentConfig, RecurrentForTokenClassification
from ..._tasks import get_task
from ...metrics.spans import span_scores, tagging_metrics
from ...metrics.tagging import tag_accuracy
from ..encoders import encoder_length, load_encoder
from ..fitted import Fitted
from ..model_rows import Work
from ..networks import Encoded, fit_network, word_network
from .data import has_spans, tag_names
from .encoding import (
    encode_sentences,
    label_names,
    scheme_of_rows,
    sentences_and_tags,
    tag,
)
from .floors import FeatureCrf, MostFrequentTag

# What a CRF is held to, by the scheme of the training tags; of others it learns what follows what.
_CONSTRAINTS = {"IOB2": "BIO", "IOBES": "BIOES"}

__all__ = ["fit_encoder", "fit_feature_crf", "fit_most_frequent", "fit_recurrent"]


def fit_most_frequent(work: Work) -> Fitted:
    """Count the tags of each word."""
    return _floor(work, MostFrequentTag(), {})


def fit_feature_crf(work: Work) -> Fitted:
    """Train a CRF over hand-made features; its penalties are chosen on validation."""
    options = {"validation": sentences_and_tags(work.data["validation"]), "metric": _metric(work)}
    return _floor(work, FeatureCrf(), options)


def _floor(work: Work, floor: Any, options: dict[str, Any]) -> Fitted:
    sentences, tags = sentences_and_tags(work.data["train"])
    start = time.perf_counter()
    floor.fit(sentences, tags, labels=tag_names(work.data["train"]), **options)
    seconds = time.perf_counter() - start
    held, right = sentences_and_tags(work.data["validation"])
    scores = getattr(floor, "scores", {})
    return Fitted(
        predict=floor.predict,
        save=floor.save,
        validation=_metric(work)(right, floor.predict(held)),
        parameters=floor.number_of_parameters,
        trainable_parameters=floor.number_of_parameters,
        training_seconds=seconds,
        training_rate=len(sentences) / max(seconds, 1e-9),
        truncation="not cut",
        trials=[{"values": pair._asdict(), "validation": score} for pair, score in scores.items()],
    )


def _metric(work: Work) -> Any:
    """Return what chooses on validation, of right and of predicted tags."""

    def f1(right: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> float:
        return float(span_scores(right, predicted).f1)

    def accuracy(right: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> float:
        return tag_accuracy(right, predicted)["accuracy"]

    return f1 if has_spans(tag_names(work.data["train"])) else accuracy


def fit_recurrent(work: Work) -> Fitted:
    """Train a recurrent tagger over word vectors, with a CRF where the row has one."""
    set_seed(work.seed)
    fields: dict[str, Any] = {**label_names(work.data["train"])}
    if work.values.get("crf"):
        fields["tag_scheme"] = _CONSTRAINTS.get(scheme_of_rows(work.data["train"]) or "")
    model, tokenizer = word_network(work, RecurrentConfig, RecurrentForTokenClassification, fields)
    return _fit(work, model, tokenizer, work.max_length, "words")


def fit_encoder(work: Work) -> Fitted:
    """Fine-tune a pretrained encoder, all its parameters and a fresh classifier."""
    set_seed(work.seed)
    model, tokenizer = load_encoder(
        work.baseline,
        work.trust_remote_code,
        AutoModelForTokenClassification,
        **label_names(work.data["train"]),
    )
    max_length = encoder_length(model, tokenizer, work.max_length)
    return _fit(work, model, tokenizer, max_length, "word pieces")


def _fit(
    work: Work,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    max_length: int,
    token: str,
) -> Fitted:
    train = work.data["train"]
    names = tag_names(train)
    rows = [
        encode_sentences(work.data[part], tokenizer, max_length) for part in ("train", "validation")
    ]
    task = get_task("token-classification").for_data(train)
    encoded = Encoded(
        rows[0],
        rows[1],
        DataCollatorForTokenClassification(tokenizer),
        tagging_metrics(names, has_spans(names), scheme_of_rows(train)),
        max_length,
        token,
        "sentences",
    )

    def predict(batch: Sequence[Any]) -> Sequence[Any]:
        return tag(model, tokenizer, batch, max_length)

    return fit_network(work, model, tokenizer, encoded, task.chooser, predict)
