"""The same few vectors in each format, and the files of a folder."""

import shutil
from pathlib import Path

import numpy as np
from gensim.models import FastText, KeyedVectors
from gensim.models.fasttext import FastTextKeyedVectors

from hf_recurrent.vectors import save_vectors
from hf_recurrent.vectors.formats import FORMATS

TOKENIZED = [name for name, format in FORMATS.items() if format.has_tokenizer]
WORDS = ["the", "of", "null", "a,b", '"', "café", "我们", "😀", "word"]


def plain_vectors(words: list[str] = WORDS, dimension: int = 3) -> KeyedVectors:
    vectors = KeyedVectors(dimension)
    numbers = np.random.default_rng(0).normal(size=(len(words), dimension))
    vectors.add_vectors(words, numbers.astype(np.float32))
    return vectors


def subword_vectors(words: list[str] = WORDS, dimension: int = 3) -> FastTextKeyedVectors:
    # The commonest word is the first.
    sentences = [words[: end + 1] for end in range(len(words))]
    settings = {"bucket": 30, "min_count": 1, "seed": 0, "workers": 1}
    return FastText(sentences, vector_size=dimension, **settings).wv


def save_samples(folder: Path) -> dict[str, Path]:
    samples = {format: folder / format for format in FORMATS}
    for format, path in samples.items():
        save_vectors(subword_vectors() if format == "fasttext" else plain_vectors(), path, format)
    return samples


def read_files(folder: Path) -> list[Path]:
    """Return the files of a folder that a reader of vectors reads."""
    names = {"config.json", "model.safetensors", "modules.json", "tokenizer.json"}
    names |= {"vectors.npy", "vocabulary.txt"}
    return sorted(file for file in folder.iterdir() if file.name in names)


def copy_sample(sample: Path, target: Path) -> None:
    """Copy a file, or the files of a folder that are read, replacing an old copy."""
    if target.is_dir():
        shutil.rmtree(target)
    if sample.is_dir():
        target.mkdir()
        for file in read_files(sample):
            shutil.copyfile(file, target / file.name)
    else:
        shutil.copyfile(sample, target)


def listing(folder: Path) -> dict[str, bytes]:
    """Return the content of every file, including hidden ones."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }
