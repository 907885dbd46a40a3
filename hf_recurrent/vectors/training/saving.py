"""Save trained vectors as a folder: the vectors, how they were trained, and their card."""

import json
import os
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import KeyedVectors
from gensim.models.fasttext import FastTextKeyedVectors
from scipy.sparse import csr_array, load_npz, save_npz

from ..._whole import whole_folder
from ..._wording import counted
from ...hub.cards import write_card
from ...hub.plots import svg_file
from ...models.ngram_rows import hashing_of
from ...models.tokenization_ngrams import NgramTokenizer
from .._preparation import guessed
from ..evaluation import SimilarityScore
from ..formats import save_vectors
from ..formats._recorded import RECORD, recorded_preparation
from ..formats._tokens import TOKENIZER
from ..tokenizer import tokenizer_of_words
from .card import library_versions, make_card, similarity_scores, vectors_record
from .cooccurrence import Cooccurrences
from .result import CorpusFacts, TrainedVectors
from .vocabulary import OneHotVocabulary

CARD = "README.md"
MATRIX = "counts.npz"
VOCABULARY = "vocabulary.json"
_MODEL_TYPE = "static_embedding"
# The errors of scipy for files that are no matrix, also for a header that asks for too much.
_DAMAGE = (
    *(ValueError, KeyError, TypeError, EOFError, AttributeError, NotImplementedError),
    *(MemoryError, zipfile.BadZipFile, zlib.error),
)
# The name of the file in the formats that are one file.
_FILES = {
    "glove": "vectors.txt",
    "word2vec": "vectors.vec",
    "word2vec-binary": "vectors.bin",
    "fasttext": "vectors.bin",
    "gensim": "vectors.kv",
}


def check_output(folder: str | os.PathLike[str], overwrite: bool = False) -> Path:
    """Check that trained vectors can be saved at a path, before they are trained.

    Raises:
        OSError: If something is there already and ``overwrite`` is false, or it is not the result
            of a training, or the folder around it is missing.
    """
    folder = Path(folder)
    if not folder.absolute().parent.is_dir():
        raise FileNotFoundError(f"There is no folder {folder.absolute().parent} to save in.")
    if os.path.lexists(folder):
        if not overwrite:
            raise FileExistsError(
                f"{folder} is there already: name another output, or ask to overwrite it."
            )
        if not (folder / RECORD).is_file():
            raise FileExistsError(
                f"{folder} holds no {RECORD}, so it is no result of a training, and is not "
                f"overwritten: name another output."
            )
    return folder


def check_format(kind: str, format: str | None) -> None:
    """Check that vectors of a kind can be saved in a format, before they are trained.

    Raises:
        ValueError: If they cannot.
    """
    if format is not None and kind in ("one-hot", "cooccurrence", "ppmi"):
        raise ValueError(
            f"format is {format!r}, but {kind} vectors have one form only: leave it out."
        )
    if format == "fasttext" and kind != "fasttext":
        raise ValueError(f"format is 'fasttext', which is for fasttext vectors, not for {kind}.")


def save_trained(
    result: TrainedVectors,
    folder: str | os.PathLike[str],
    format: str | None = None,
    *,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Save trained vectors, whole or not at all.

    The folder contains the vectors, ``training.json`` (corpus, settings, losses, scores, versions)
    and the card, ``README.md``, with its plot. A folder that an Auto class loads also has
    ``training_record.json``, from which ``hf_recurrent.hub`` makes its card again. Sparse kinds are
    ``counts.npz`` (scipy, CSR) and ``vocabulary.json``; one-hot vectors are ``vocabulary.json``.

    Args:
        result: The result of ``train_vectors``.
        folder: The folder to make.
        format: As in ``save_vectors``; None for "fasttext" if unseen words have vectors, else
            "static-embedding". Not for sparse and one-hot kinds, which have one form only.
        overwrite: Whether an earlier result at this path may be replaced.

    Returns:
        The content of ``training.json``.

    Raises:
        ValueError: If the format is unknown, or cannot contain the vectors.
        OSError: If the folder is there already, or cannot be written.
    """
    check_format(result.kind, format)
    folder = check_output(folder, overwrite)
    with whole_folder(folder.absolute(), replace=True) as content:
        file = _save(result.vectors, content, format)
        _save_tokenizer(result, content)
        scores, versions = similarity_scores(result), library_versions()
        record = _without_empty(
            {
                "kind": result.kind,
                "file": file,
                "corpus": _corpus(result.corpus),
                "vocabulary": result.vocabulary_size,
                "settings": asdict(result.settings),
                "seed": result.seed,
                "workers": result.workers,
                "seconds": round(result.seconds, 3),
                "epochs": result.epochs,
                "losses": list(result.losses),
                "stopped": result.stopped,
                "scores": [asdict(score) for score in scores],
                "versions": versions,
            }
        )
        _write_json(content / RECORD, record, indent=2)
        _write_card(content, folder.absolute().name, result, scores, versions, file)
    return record


def load_counts(folder: str | os.PathLike[str]) -> Cooccurrences:
    """Load the saved result of a training of the kind "cooccurrence" or "ppmi".

    Raises:
        ValueError: If a file is damaged, or the two files do not belong together.
        OSError: If a file cannot be read.
    """
    path = Path(folder, MATRIX)
    vocabulary = load_vocabulary(folder)
    size = len(vocabulary.words)
    try:
        matrix = csr_array(load_npz(path))
        matrix.check_format(full_check=True)
    except _DAMAGE as error:
        raise ValueError(f"{path}: the matrix is damaged ({error}).") from None
    if matrix.shape != (size, size):
        raise ValueError(
            f"{path}: found a matrix of shape {matrix.shape}, expected a row and a column for each "
            f"of the {counted(size, 'word')}."
        )
    return Cooccurrences(vocabulary.words, vocabulary.counts, matrix, vocabulary.preparation)


def load_vocabulary(folder: str | os.PathLike[str]) -> OneHotVocabulary:
    """Load the words of the kinds "one-hot", "cooccurrence" and "ppmi", with their counts.

    Raises:
        ValueError: If the file is damaged.
        OSError: If the file cannot be read.
    """
    path = Path(folder, VOCABULARY)
    try:
        content = json.loads(path.read_bytes())
        words, counts = content["words"], np.array(content["counts"], dtype=np.int64)
        if len(words) != len(counts) or not all(isinstance(word, str) for word in words):
            raise ValueError("expected as many counts as words")
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise ValueError(f"{path}: the vocabulary is damaged ({error}).") from None
    return OneHotVocabulary(words, counts, recorded_preparation(Path(folder)))


def _save(vectors: Any, folder: Path, format: str | None) -> str | None:
    """Save vectors into a folder, and return the name of their file if it is one file."""
    if isinstance(vectors, KeyedVectors):
        with_subwords = isinstance(vectors, FastTextKeyedVectors)
        format = format or ("fasttext" if with_subwords else "static-embedding")
        file = _FILES.get(format)
        save_vectors(vectors, folder / file if file else folder, format)
        return file
    counts = vectors.counts.tolist()
    _write_json(folder / VOCABULARY, {"words": vectors.words, "counts": counts})
    if isinstance(vectors, Cooccurrences):
        save_npz(folder / MATRIX, vectors.matrix)
    return None


def _save_tokenizer(result: TrainedVectors, folder: Path) -> None:
    """Save the tokenizer that splits text as the training did, if the format has none.

    Its ids are the rows of the vectors, or of the vocabulary.
    """
    if (folder / TOKENIZER).exists():
        return
    vectors = result.vectors
    words = vectors.index_to_key if isinstance(vectors, KeyedVectors) else vectors.words
    tokenizer = tokenizer_of_words(words, result.corpus.form or guessed(words))
    hashing = hashing_of([vectors])
    if hashing is not None:
        tokenizer = NgramTokenizer.from_tokenizer(tokenizer, **hashing._asdict())
    tokenizer.save_pretrained(folder)


def _corpus(facts: CorpusFacts) -> dict[str, Any]:
    """Return what is known about a corpus, for the record."""
    form = None if facts.form is None else facts.form.fields()
    return _without_empty({**asdict(facts), "form": form})


def _write_card(
    folder: Path,
    name: str,
    result: TrainedVectors,
    scores: Sequence[SimilarityScore],
    versions: Mapping[str, str],
    file: str | None,
) -> None:
    config = folder / "config.json"
    is_model = config.is_file() and json.loads(config.read_bytes())["model_type"] == _MODEL_TYPE
    record = vectors_record(result, scores, versions, is_model=is_model)
    if is_model:
        record.save(folder)
        write_card(folder, record, name)
        return
    (folder / CARD).write_text(make_card(record, result.kind, name, file), encoding="utf-8")
    for plot in record.plots:
        (folder / plot.file).write_text(svg_file(plot), encoding="utf-8")


def _without_empty(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record without unknown values."""
    return {name: value for name, value in record.items() if value is not None and value != []}


def _write_json(path: Path, content: Any, indent: int | None = None) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=indent)
    path.write_text(text + "\n", encoding="utf-8", errors="surrogatepass")
