"""Compares StaticEmbeddingModel with its peers: opening a saved model, and encoding sentences.

The vectors are GloVe 6B (400,000 words x 50), the sentences the movie snippets (both are downloaded
on the first run). All sides have the same vectors and the same tokenizer, and take turns in one
process. sentence-transformers and model2vec come with the extra `test`.
"""

import argparse
import gc
import json
import logging
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import transformers
from model2vec import StaticModel
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer
from transformers import AutoModel, AutoTokenizer

from hf_recurrent import StaticEmbeddingModel, load_text_dataset
from hf_recurrent.vectors import load_vectors, tokenizer_from_vectors

MILLISECONDS = 1e3


def take_turns(sides: dict[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """Return the median seconds of each side."""
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(runs):
        for name, side in sides.items():
            gc.collect()
            start = time.perf_counter()
            result = side()
            times[name].append(time.perf_counter() - start)
            del result
    return {name: statistics.median(seconds) for name, seconds in times.items()}


def print_table(title: str, seconds: dict[str, float], reference: str) -> None:
    print(f"\n{title}")
    for name, taken in seconds.items():
        ratio = taken / seconds[reference]
        print(f"  {name:58} {taken * MILLISECONDS:9.2f} ms  {ratio:6.2f} times {reference}")


def as_transformers_saves_it(folder: Path, copy: Path) -> Path:
    """Copy a tokenizer without the list of added tokens that this package writes."""
    copy.mkdir()
    shutil.copy(folder / "tokenizer.json", copy)
    config = json.loads((folder / "tokenizer_config.json").read_text())
    del config["added_tokens_decoder"]
    (copy / "tokenizer_config.json").write_text(json.dumps(config))
    return copy


def compare_opening(folder: Path, plain: Path, runs: int) -> None:
    weights, tokenizer = folder / "model.safetensors", folder / "tokenizer.json"

    def by_transformers() -> StaticEmbeddingModel:
        return super(StaticEmbeddingModel, StaticEmbeddingModel).from_pretrained(folder)

    models: dict[str, Callable[[], object]] = {
        "load_file": lambda: load_file(weights),
        "StaticEmbeddingModel.from_pretrained": lambda: StaticEmbeddingModel.from_pretrained(
            folder
        ),
        "AutoModel.from_pretrained": lambda: AutoModel.from_pretrained(folder),
        "transformers alone (from_pretrained as inherited)": by_transformers,
    }

    def with_reading(open_it: Callable[[], object]) -> Callable[[], object]:
        def read() -> object:
            opened = open_it()
            weight = (
                opened["embedding.weight"] if isinstance(opened, dict) else opened.embedding.weight
            )
            return weight.detach().sum()

        return read

    times = take_turns(models, 5 * runs)
    print_table("Opening the model (weights mapped, none read)", times, "load_file")
    reading = {name: with_reading(side) for name, side in models.items()}
    times = take_turns(reading, 5 * runs)
    print_table("Opening the model and reading every number once", times, "load_file")
    times = take_turns(
        {
            "Tokenizer.from_file": lambda: Tokenizer.from_file(str(tokenizer)),
            "AutoTokenizer": lambda: AutoTokenizer.from_pretrained(folder),
            "AutoTokenizer and AutoModel": lambda: (
                AutoTokenizer.from_pretrained(folder),
                AutoModel.from_pretrained(folder),
            ),
            "AutoTokenizer, as transformers alone saves it": lambda: AutoTokenizer.from_pretrained(
                plain
            ),
        },
        runs,
    )
    print_table("Opening the tokenizer", times, "Tokenizer.from_file")


def check_equal(ours: np.ndarray, peer: np.ndarray, name: str, which: np.ndarray) -> None:
    difference = np.abs(ours[which] - peer[which]).max()
    print(f"  largest difference to {name}, {which.sum()} sentences: {difference:.1e}")


def compare_encoding(folder: Path, texts: list[str], runs: int) -> None:
    model, tokenizer = AutoModel.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    sentence_transformer = SentenceTransformer(str(folder), device="cpu")
    backend = Tokenizer.from_file(str(folder / "tokenizer.json"))
    matrix = model.embedding.weight.detach().numpy()
    model2vec = StaticModel(matrix, backend, max_length=None)

    def theirs(batch_size: int) -> Callable[[], np.ndarray]:
        return lambda: sentence_transformer.encode(
            texts, batch_size=batch_size, show_progress_bar=False
        )

    sides: dict[str, Callable[[], np.ndarray]] = {
        "hf-recurrent": lambda: model.encode(texts, tokenizer, show_progress=False),
        "sentence-transformers": theirs(32),
        "sentence-transformers, batches of 1024": theirs(1024),
        "model2vec": lambda: model2vec.encode(texts),
    }
    ours = sides["hf-recurrent"]()
    print(f"\nEncoding {len(texts)} sentences, defaults")
    check_equal(
        ours, sides["sentence-transformers"](), "sentence-transformers", np.ones(len(texts), bool)
    )
    unknown = tokenizer.unk_token_id
    known = np.array([unknown not in ids for ids in tokenizer(texts).input_ids])
    check_equal(ours, sides["model2vec"](), "model2vec, which drops unknown words", known)
    times = take_turns(sides, runs)
    for name, taken in times.items():
        print(
            f"  {name:58} {len(texts) / taken:9.0f} sentences/s, "
            f"hf-recurrent is {taken / times['hf-recurrent']:.2f} times as fast"
        )
    model.fit_weights(texts, tokenizer, "sif", show_progress=False)
    taken = take_turns({"sif": sides["hf-recurrent"]}, runs)["sif"]
    print(f"  {'hf-recurrent, SIF weights':58} {len(texts) / taken:9.0f} sentences/s")
    few = texts[:500]
    times = take_turns(
        {
            "hf-recurrent": lambda: [
                model.encode([t], tokenizer, show_progress=False) for t in few
            ],
            "sentence-transformers": lambda: [
                sentence_transformer.encode([t], show_progress_bar=False) for t in few
            ],
            "model2vec": lambda: [model2vec.encode([t]) for t in few],
        },
        runs,
    )
    print("\nOne sentence a call")
    for name, taken in times.items():
        print(f"  {name:58} {taken / len(few) * MILLISECONDS:9.3f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7, help="turns of each side (default: 7)")
    parser.add_argument("--limit", type=int, help="number of words to keep (default: all)")
    arguments = parser.parse_args()
    transformers.utils.logging.disable_progress_bar()
    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    vectors = load_vectors("glove", limit=arguments.limit)
    parts = load_text_dataset("movie-snippets")
    texts = [text for part in parts.values() for text in part["text"]]
    print(f"{len(vectors)} words x {vectors.vector_size}, {torch.get_num_threads()} threads")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "model")
        tokenizer = tokenizer_from_vectors(vectors)
        StaticEmbeddingModel.from_vectors(vectors, tokenizer).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        del tokenizer, vectors
        compare_encoding(folder, texts, arguments.runs)
        plain = as_transformers_saves_it(folder, Path(temporary, "plain"))
        compare_opening(folder, plain, arguments.runs)


if __name__ == "__main__":
    main()
