"""The tokenizer and the input layer of a comparison: made once, and read by its child processes."""

import itertools
import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from .._wording import counted
from ..models.tokenization_word_starts import WordStartTokenizer
from ..training.defaults import (
    EXTRA_WORDS,
    RANDOM_EMBEDDING_SIZE,
    RANDOM_MIN_FREQUENCY,
    VECTOR_SCALE,
)
from ..vectors import (
    WordInputs,
    load_vectors,
    tokenizer_from_texts,
    word_inputs,
)
from ..vectors._input_parts import KINDS
from ..vectors._keyed_vectors import sets_of
from .word_vectors import OWN, RANDOM

WEIGHTS_FILE = "input_layer.safetensors"
CHARACTER_KINDS = frozenset(KINDS.values())


def make_inputs(
    vectors: str,
    texts: Sequence[str],
    folder: Path,
    words_are_given: bool = False,
    characters: str | None = None,
    own: str | None = None,
) -> dict[str, Any] | None:
    """Write the tokenizer and the input layer into a new folder.

    Args:
        vectors: One of ``word_vectors.VECTORS``.
        texts: The training texts.
        folder: An empty folder.
        words_are_given: Whether the words of the texts are already separated by spaces, and are
            not cut further.
        characters: "cnn" or "lstm" for characters beside the vectors.
        own: The file or folder of the vectors that are called "own".

    Returns:
        The name of the vectors, the share of the running words of the texts that has a vector, and
        the whole report in words; None for random embeddings.
    """
    source: Any = RANDOM
    if vectors != RANDOM:
        source = [load_vectors(own if name == OWN and own else name) for name in vectors.split("+")]
    least = RANDOM_MIN_FREQUENCY if vectors == RANDOM else 1
    tokenizer = _tokenizer_of_words(texts, source, least) if words_are_given else None
    with warnings.catch_warnings():
        # A few words in a thousand of the published sets; they change no figure.
        warnings.filterwarnings("ignore", message=".* out of reach of any text")
        inputs = word_inputs(
            source,
            texts,
            tokenizer=tokenizer,
            extra_words=EXTRA_WORDS,
            min_frequency=least,
            scale=VECTOR_SCALE,
            characters=characters,
            embedding_size=RANDOM_EMBEDDING_SIZE,
        )
    save_inputs(inputs, folder)
    if inputs.coverage is None:
        return None
    return {
        "vectors": vectors,
        "share": inputs.coverage.tokens_found / max(inputs.coverage.tokens, 1),
        "report": str(inputs.coverage),
    }


def _tokenizer_of_words(
    texts: Sequence[str], source: Any, min_frequency: int
) -> PreTrainedTokenizerFast:
    """Return a tokenizer of words that are separated by spaces, in lower case like the vectors.

    It marks where words begin, because a given word may contain a space.
    """
    sets = [] if source == RANDOM else sets_of(source)
    frequent = [keyed.index_to_key[:EXTRA_WORDS] for keyed in sets]
    made = tokenizer_from_texts(
        texts,
        min_frequency=min_frequency,
        extra_words=itertools.chain.from_iterable(frequent),
        pre_tokenizer="whitespace",
    )
    return WordStartTokenizer.from_tokenizer(made)


def frozen_fields(config: Mapping[str, Any], frozen: bool) -> dict[str, Any]:
    """Return the fields of a configuration that freeze its word vectors, or train them.

    Characters beside them start fresh, so they are always trained.

    Args:
        config: The fields that describe the input layer.
        frozen: Whether the word vectors stay as they are.
    """
    layer = config.get("embedding_config") or {}
    parts = layer.get("parts", ())
    if not frozen or not any(part["kind"] in CHARACTER_KINDS for part in parts):
        return {"freeze_embeddings": frozen}
    kept = [{**part, "frozen": part["kind"] not in CHARACTER_KINDS} for part in parts]
    return {"freeze_embeddings": False, "embedding_config": {**layer, "parts": kept}}


def save_inputs(inputs: WordInputs, folder: Path) -> None:
    """Write a tokenizer and an input layer into a folder."""
    inputs.tokenizer.save_pretrained(folder)
    described = {"config": json.dumps(inputs.config), "fresh": json.dumps(inputs.fresh)}
    save_file(inputs.weights, folder / WEIGHTS_FILE, metadata=described)


def load_inputs(folder: Path) -> WordInputs:
    """Read the tokenizer and the input layer of a folder.

    Raises:
        ValueError: If they do not fit each other, or the file of the layer is damaged.
    """
    tokenizer: Any = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    path = folder / WEIGHTS_FILE
    try:
        with safe_open(path, framework="pt") as file:
            config = json.loads(file.metadata()["config"])
            fresh = tuple(json.loads(file.metadata()["fresh"]))
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        rows = config["vocab_size"]
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: the file of the word vectors is damaged ({error}).") from error
    if rows != len(tokenizer):
        raise ValueError(
            f"The tokenizer has {counted(len(tokenizer), 'id')} and the input layer {rows}: they "
            "do not belong together."
        )
    return WordInputs(tokenizer, config, weights, None, fresh)
