"""Make the record and the card of trained vectors from what is known about them."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import numpy as np
from gensim.models import KeyedVectors
from gensim.parsing.preprocessing import STOPWORDS

from ..._wording import counted
from ...data import TEXT_DATASETS
from ...hub.cards import made_card
from ...hub.citations import citations
from ...hub.record import DataRecord, Plot, Record, RecordedResult
from ...hub.usage import quoted
from ..evaluation import SimilarityScore, WordPairs, evaluate_similarity, load_word_set
from .result import TrainedVectors, rows_as_vectors
from .vocabulary import OneHotVocabulary

_TITLES = {"ws353": "WordSim-353", "simlex999": "SimLex-999"}
_LOSS_OF_GENSIM = (
    "The loss is the sum of -log sigmoid over a word's pairs and negatives (or nodes of the tree), "
    "the mean of the words trained on; gensim leaves out what is beyond 6. It is measured in "
    "training, before each step. It can rise in the last epochs because the learning rate falls: a "
    "step then helps the next pairs of the same word less."
)
_LOSSES = {
    "glove": "The loss is the mean of weight / 2 * error^2 over the counts.",
    "skip-gram-shared": "The loss is the sum of -log sigmoid over a pair and its negatives, the "
    "mean of the pairs.",
}
_LIBRARIES = ("hf-recurrent", "gensim", "numpy")
# The most frequent words are those of grammar, in every language.
_WORDS_OF_GRAMMAR = 100
_SHORTEST_EXAMPLE = 4
_NAMELESS = "A corpus without a name"
_BROWN = "Brown corpus"
_TRAINING_PART = ", training part"


def similarity_scores(result: TrainedVectors) -> list[SimilarityScore]:
    """Evaluate vectors by WordSim-353 and SimLex-999, which gensim includes.

    Sparse rows are compared by their cosines, too. One-hot vectors have no similarity. A set with
    fewer than two known pairs is left out.
    """
    if isinstance(result.vectors, OneHotVocabulary):
        return []
    scores = []
    for name in _TITLES:
        pairs = load_word_set(name)
        assert isinstance(pairs, WordPairs)
        vectors = result.vectors
        if not isinstance(vectors, KeyedVectors):
            words = {word for pair in pairs.pairs for word in pair}
            vectors = rows_as_vectors(vectors, words)
        if len(vectors):
            scores.append(evaluate_similarity(vectors, pairs))
    return [score for score in scores if not np.isnan(score.spearman)]


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries on which a result depends."""
    return {"Python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}


def vectors_record(
    result: TrainedVectors,
    scores: Sequence[SimilarityScore],
    versions: Mapping[str, str],
    *,
    is_model: bool,
) -> Record:
    """Return the record of trained vectors.

    Args:
        result: The vectors and how they were trained.
        scores: The result of ``similarity_scores``.
        versions: The result of ``library_versions``.
        is_model: Whether an Auto class loads them, so that a pipeline accepts them.
    """
    size = result.vocabulary_size
    dense = result.vectors if isinstance(result.vectors, KeyedVectors) else None
    numbers = "" if dense is None else f" of {counted(dense.vector_size, 'number')}"
    data = _data(result)
    planned = getattr(result.settings, "epochs", None)
    stopped = f"The training was stopped after {result.epochs} of {counted(planned or 0, 'epoch')}."
    return Record(
        title=f"Word vectors of the kind {result.kind}, {counted(size, 'word')}{numbers}",
        task="feature-extraction" if is_model else None,
        data=data,
        settings={k: v for k, v in asdict(result.settings).items() if v is not None},
        seed=result.seed,
        seconds=result.seconds,
        machine={
            "cpus": os.cpu_count(),
            "threads": result.workers,
            "processor": platform.machine(),
            "system": platform.system(),
            **versions,
        },
        results=tuple(map(_result, scores)),
        parameters=None if dense is None else size * dense.vector_size,
        plots=Plot.curve(
            "training_loss.svg",
            "Mean loss of each epoch",
            ("epoch", "loss"),
            result.losses,
            note=_LOSSES.get(result.kind, _LOSS_OF_GENSIM),
        ),
        warnings=(stopped,) if result.stopped else (),
        limits=tuple(_limits(result, scores, data)),
        citations=citations([result.kind, data.name, data.name.removesuffix(_TRAINING_PART)]),
        tags=("word-vectors", result.kind),
        example=None if dense is None else example_word(dense),
    )


def make_card(record: Record, kind: str, name: str, file: str | None = None) -> str:
    """Return the card of vectors that no Auto class loads.

    Args:
        record: The result of ``vectors_record``.
        kind: The kind.
        name: The name of their folder, which is the title of the card.
        file: The file with the vectors; None for the kinds that are a vocabulary or counts, and for
            the formats that are a folder.
    """
    return str(made_card(record, name, _code(kind, name, file, record.example), tags=[]))


def _code(kind: str, name: str, file: str | None, example: str | None) -> str:
    if kind == "one-hot":
        return (
            "from hf_recurrent.vectors.training import load_vocabulary\n\n"
            f"vocabulary = load_vocabulary({quoted(name)})"
        )
    if kind in ("cooccurrence", "ppmi"):
        return (
            "from hf_recurrent.vectors.training import load_counts\n\n"
            f"counts = load_counts({quoted(name)})  # .words, and .matrix, which is sparse"
        )
    place = f"{name}/{file}" if file else name
    pickle = ", allow_pickle=True" if file == "vectors.kv" else ""
    return (
        "from hf_recurrent.vectors import load_vectors\n\n"
        f"vectors = load_vectors({quoted(place)}{pickle})\nvectors.most_similar({example!r})"
    )


def _data(result: TrainedVectors) -> DataRecord:
    corpus = result.corpus
    spec = TEXT_DATASETS.get((corpus.name or "").removesuffix(_TRAINING_PART))
    language = "en" if corpus.name == _BROWN else spec.language if spec else None
    told = [f"{counted(corpus.words, 'word')} in {counted(corpus.sentences, 'sentence')}"]
    if corpus.preparation:
        told.append(f"prepared: {corpus.preparation}")
    if corpus.phrases is not None:
        told.append(f"{corpus.phrases:,} different phrases joined")
    return DataRecord(
        name=corpus.name or _NAMELESS,
        language=language,
        license=spec.license if spec else None,
        note=f"{'; '.join(told)}.",
    )


def _result(score: SimilarityScore) -> RecordedResult:
    return RecordedResult(
        "spearmanr",
        score.spearman,
        dataset=_TITLES.get(score.name, score.name),
        note=f"{score.known:,} of {counted(score.pairs, 'pair')} known; "
        f"{score.spearman_all:.3f} with the unknown pairs in the middle",
    )


def _limits(
    result: TrainedVectors, scores: Sequence[SimilarityScore], data: DataRecord
) -> list[str]:
    told = [
        f"The {counted(result.vocabulary_size, 'word', 'is that', 'are those')} of one corpus, "
        "with its topics, its time and its prejudices."
    ]
    if data.language is not None:
        told.append(f"One language only ({data.language}).")
    if result.kind != "fasttext":
        told.append("Other words have no vector.")
    told += [
        f"{score.unknown_share:.1%} of the pairs of {_TITLES.get(score.name, score.name)} hold a "
        "word without a vector."
        for score in scores
        if score.known < score.pairs
    ]
    if scores:
        told.append("Judged by the similarity of single words, and in no task.")
    return told


def example_word(vectors: Any) -> str:
    """Return a frequent word with a meaning: long enough, and not a word of grammar."""
    words = vectors.index_to_key
    long = [w for w in words if w.isalpha() and len(w) >= _SHORTEST_EXAMPLE and w not in STOPWORDS]
    frequent = set(words[:_WORDS_OF_GRAMMAR])
    return next((w for w in long if w not in frequent), (long or words)[0])
