"""The card of trained vectors: what is known of them, and nothing else."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import numpy as np
from gensim.models import KeyedVectors
from huggingface_hub import ModelCardData

from ..._templates import render
from ..evaluation import SimilarityScore, WordPairs, evaluate_similarity, load_word_set
from .result import TrainedVectors, rows_as_vectors
from .vocabulary import OneHotVocabulary

__all__ = ["library_versions", "make_card", "similarity_scores"]

_SETS = ("ws353", "simlex999")
_TITLES = {"ws353": "WordSim-353", "simlex999": "SimLex-999"}
_EPOCHS_TOLD = 25
_LOSS_OF_GENSIM = (
    "The loss is the sum of -log sigmoid over a word's pairs and negatives (or nodes of the tree), "
    "the mean of the words trained on; gensim leaves out what is beyond 6."
)
_LOSSES = {
    "glove": "The loss is the mean of weight / 2 * error^2 over the counts.",
    "skip-gram-shared": "The loss is the sum of -log sigmoid over a pair and its negatives, the "
    "mean of the pairs.",
}
_LIBRARIES = ("hf-recurrent", "gensim", "numpy")


def similarity_scores(result: TrainedVectors) -> list[SimilarityScore]:
    """Judges vectors by WordSim-353 and SimLex-999, which gensim brings.

    Sparse rows are judged by their cosines as well. One-hot vectors have no similarity, and a set
    of which fewer than two pairs are known is left out.
    """
    if isinstance(result.vectors, OneHotVocabulary):
        return []
    scores = []
    for name in _SETS:
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
    """Gives the versions that a result depends on."""
    return {"Python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}


def make_card(
    result: TrainedVectors,
    name: str,
    scores: Sequence[SimilarityScore],
    versions: Mapping[str, str],
    file: str | None = None,
) -> str:
    """Makes the card.

    Args:
        result: The vectors and how they came about.
        name: What to call them: the name of their folder.
        scores: What `similarity_scores` gave.
        versions: What `library_versions` gave.
        file: The file that holds them; None where the folder as a whole does.
    """
    dense = result.vectors if isinstance(result.vectors, KeyedVectors) else None
    text = render(
        __package__,
        "vectors_card.md.j2",
        name=name,
        result=result,
        settings=_told(result),
        scores=scores,
        titles=_TITLES,
        versions=versions,
        losses=_losses(result),
        loss_meaning=_LOSSES.get(result.kind, _LOSS_OF_GENSIM),
        file=file,
        dimension=None if dense is None else dense.vector_size,
        example=None if dense is None else dense.index_to_key[0],
    )
    metadata = ModelCardData(library_name="hf-recurrent", tags=["word-vectors", result.kind])
    return f"---\n{metadata.to_yaml()}\n---\n\n{text}"


def _losses(result: TrainedVectors) -> list[tuple[int, float]]:
    """Gives the losses of some epochs, evenly spread, with the last one."""
    step = -(-len(result.losses) // _EPOCHS_TOLD)
    numbered = list(enumerate(result.losses, 1))
    return numbered[::-1][::step][::-1] if step else []


def _told(result: TrainedVectors) -> dict[str, Any]:
    return {name: value for name, value in asdict(result.settings).items() if value is not None}
