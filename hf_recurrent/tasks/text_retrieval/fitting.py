"""The systems of the comparison: floors by words, encoders as they are, and trained encoders."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from transformers import AutoModel, set_seed

from ... import RecurrentConfig, StaticEmbeddingConfig
from ...retrieval.bm25 import Bm25
from ...retrieval.sentence_transformer import save_sentence_transformer, to_sentence_transformer
from ...retrieval.training import ANCHOR, POSITIVE, TrainingCurve, train_encoder
from ..encoders import embed_batch, embed_texts, encoder_length, load_encoder
from ..fitted import Fitted, truncation
from ..floors import save_floor
from ..input_layers import frozen_fields, load_inputs
from ..model_rows import Work
from ..networks import config_values
from ..threads import use_threads
from .data import CORPUS, contents
from .search import Encode, Searcher, choose_weight, dense_search

_BATCH = 64
_MEBIBYTE = 1 << 20


def fit_bm25(work: Work) -> Fitted:
    """Index the documents by BM25 with stemmed words."""
    bm25 = Bm25(contents(work.data[CORPUS]), **work.row.choices)

    def scores(queries: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([bm25.scores(query) for query in queries])

    return _floor(work, Searcher(scores), bm25.size_in_bytes)


def fit_tfidf(work: Work) -> Fitted:
    """Index the documents by the cosine of tf-idf vectors."""
    vectorizer = TfidfVectorizer(**work.row.choices, sublinear_tf=True)
    matrix = vectorizer.fit_transform(contents(work.data[CORPUS]))

    def scores(queries: Sequence[str]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = (vectorizer.transform(queries) @ matrix.T).toarray()
        return found

    held = matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes
    return _floor(work, Searcher(scores), held)


def _floor(work: Work, searcher: Searcher, index_bytes: int) -> Fitted:
    save = partial(save_floor, model=work.row.title, **work.row.choices)
    return _fitted(work, searcher, save, parameters=0, index_bytes=index_bytes)


def fit_vectors(work: Work) -> Fitted:
    """Encode by the mean of word vectors, plain or weighted by SIF."""
    model, tokenizer = _network(work, StaticEmbeddingConfig)
    weighting = work.row.config["weighting"]
    if weighting != "mean":
        model.fit_weights(
            [text for text in contents(work.data[CORPUS]) if text], tokenizer, weighting
        )

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        vectors: NDArray[np.float32] = model.encode(list(texts), tokenizer, weighting)
        return vectors

    def save(folder: Path) -> None:
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)

    return _encoder(work, encode, save, parameters=model.num_parameters(), cut="not cut")


def fit_static(work: Work) -> Fitted:
    """Train word vectors whose mean is the vector of a text."""
    return _trained(work, StaticEmbeddingConfig)


def fit_recurrent(work: Work) -> Fitted:
    """Train a recurrent network whose mean state is the vector of a text."""
    return _trained(work, RecurrentConfig)


def fit_encoder(work: Work) -> Fitted:
    """Encode by a pretrained encoder as it is."""
    encoder, tokenizer = load_encoder(work.baseline, work.trust_remote_code)
    most = encoder_length(encoder, tokenizer, work.max_length)

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        if len(texts) > _BATCH:
            return embed_texts(encoder, tokenizer, texts, most)
        return embed_batch(encoder, tokenizer, texts, most)

    def save(folder: Path) -> None:
        encoder.save_pretrained(folder)
        tokenizer.save_pretrained(folder)

    lengths = [
        len(ids) for ids in tokenizer(contents(work.data[CORPUS]), verbose=False)["input_ids"]
    ]
    cut = truncation(lengths, most, "word pieces", "documents")
    return _encoder(work, encode, save, parameters=encoder.num_parameters(), cut=cut)


def _network(work: Work, config_class: Any) -> tuple[Any, Any]:
    """Make a base model over the word vectors, and its tokenizer."""
    assert work.inputs is not None
    assert work.embedding is not None
    set_seed(work.seed)
    inputs = load_inputs(work.inputs)
    left_out = ("hidden_size", "weighting") if config_class is StaticEmbeddingConfig else ()
    values = config_values(work, config_class, left_out)
    values |= inputs.config | frozen_fields(inputs.config, not work.embedding.tuned)
    model = AutoModel.from_config(config_class(**values))
    inputs.fill(model)
    return model, inputs.tokenizer


def _trained(work: Work, config_class: Any) -> Fitted:
    """Train an encoder on the pairs by sentence-transformers, and keep its best epoch."""
    model, tokenizer = _network(work, config_class)
    encoder = to_sentence_transformer(model, tokenizer, max_length=work.max_length)
    use_threads(work.threads or 1)
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        vectors: NDArray[np.float32] = encoder.encode(
            list(texts), batch_size=_BATCH, show_progress_bar=False
        )
        return vectors

    def evaluate() -> float:
        return work.score(_dense(work, encode).predict)

    rows = work.data["train"]
    pairs = rows.rename_columns({"query": ANCHOR, "passage": POSITIVE})
    pairs = pairs.select_columns([ANCHOR, POSITIVE])
    curve = train_encoder(encoder, pairs, work.values, seed=work.seed, evaluate=evaluate)
    lengths = [len(ids) for ids in tokenizer(contents(work.data[CORPUS]))["input_ids"]]
    return _encoder(
        work,
        encode,
        lambda folder: save_sentence_transformer(
            model, tokenizer, folder, max_length=work.max_length
        ),
        parameters=model.num_parameters(),
        trainable=trainable,
        cut=truncation(lengths, work.max_length, work.task.units.token, "documents"),
        curve=curve,
        rate=len(pairs) * curve.epochs / curve.seconds,
    )


def _dense(work: Work, encode: Encode) -> Searcher:
    return dense_search(contents(work.data[CORPUS]), encode)


def _encoder(
    work: Work,
    encode: Encode,
    save: Callable[[Path], None],
    *,
    parameters: int,
    cut: str,
    trainable: int = 0,
    curve: TrainingCurve | None = None,
    rate: float = 0.0,
) -> Fitted:
    searcher = _dense(work, encode)
    bm25 = Bm25(contents(work.data[CORPUS]))
    weight = choose_weight(searcher, bm25, work.data["validation"])
    fused = searcher.with_bm25(bm25, weight)
    note = f"weight of BM25 in fused scores: {1 - weight:.1f}"
    return _fitted(
        work,
        fused,
        save,
        parameters=parameters,
        index_bytes=searcher.index_bytes,
        trainable=trainable,
        cut=cut,
        curve=curve,
        rate=rate,
        note=note,
    )


def _fitted(
    work: Work,
    searcher: Searcher,
    save: Callable[[Path], None],
    *,
    parameters: int,
    index_bytes: int,
    trainable: int = 0,
    cut: str = "not cut",
    curve: TrainingCurve | None = None,
    rate: float = 0.0,
    note: str = "",
) -> Fitted:
    course = curve or TrainingCurve()
    queries = work.task.inputs(work.data["test"])

    def measure() -> dict[str, float]:
        start = time.perf_counter()
        for query in queries:
            searcher.alone(query)
        seconds = time.perf_counter() - start
        return {
            "queries_per_second": len(queries) / seconds,
            "index_size": index_bytes / _MEBIBYTE,
        }

    return Fitted(
        predict=searcher.predict,
        save=save,
        validation=work.score(searcher.predict),
        parameters=parameters,
        trainable_parameters=trainable,
        training_seconds=course.seconds,
        training_rate=rate,
        truncation=cut,
        epochs=course.epochs or None,
        curve=course.values,
        curve_steps=course.steps,
        note=note,
        threads=torch.get_num_threads(),
        respond=searcher.alone,
        measure=measure,
    )
