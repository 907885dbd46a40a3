"""The tokenizer and the input layer of a comparison: made once, and read by its child processes."""

import itertools
import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gensim.models import KeyedVectors
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

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
    make_vocabulary,
    tokenizer_from_texts,
    word_inputs,
)
from ..vectors._characters import KINDS, character_part, with_characters
from .word_vectors import RANDOM

__all__ = [
    "WEIGHTS_FILE",
    "frozen_fields",
    "layer_fields",
    "load_inputs",
    "make_inputs",
    "save_inputs",
]

WEIGHTS_FILE = "input_layer.safetensors"
CHARACTER_KINDS = frozenset(KINDS.values())


def make_inputs(
    vectors: str,
    texts: Sequence[str],
    folder: Path,
    words_are_given: bool = False,
    characters: str | None = None,
) -> dict[str, Any] | None:
    """Write the tokenizer and, where there are vectors, the input layer into a new folder.

    Args:
        vectors: One of ``word_vectors.VECTORS``.
        texts: The training texts.
        folder: An empty folder.
        words_are_given: Whether the words of the texts are already separated by spaces, and are
            not cut further.
        characters: "cnn" or "lstm" for characters beside the vectors.

    Returns:
        The name of the vectors, the share of the running words of the texts that has a vector, and
        the whole report in words; None for random embeddings.
    """
    if vectors == RANDOM:
        if words_are_given:
            made: Any = _tokenizer_of_words(texts, (), RANDOM_MIN_FREQUENCY)
        else:
            made = make_vocabulary(texts, min_frequency=RANDOM_MIN_FREQUENCY).tokenizer
        if characters is not None:
            save_inputs(_random_with_characters(made, texts, characters), folder)
            return None
        made.save_pretrained(folder)
        return None
    sets = [load_vectors(name) for name in vectors.split("+")]
    tokenizer = _tokenizer_of_words(texts, sets) if words_are_given else None
    with warnings.catch_warnings():
        # A few words in a thousand of the published sets; they change no figure.
        warnings.filterwarnings("ignore", message=".* out of reach of any text")
        inputs = word_inputs(
            sets,
            texts,
            tokenizer=tokenizer,
            extra_words=EXTRA_WORDS,
            scale=VECTOR_SCALE,
            characters=characters,
        )
    save_inputs(inputs, folder)
    assert inputs.coverage is not None
    return {
        "vectors": vectors,
        "share": inputs.coverage.tokens_found / max(inputs.coverage.tokens, 1),
        "report": str(inputs.coverage),
    }


def _random_with_characters(
    tokenizer: PreTrainedTokenizerFast, texts: Sequence[str], characters: str
) -> WordInputs:
    """Return inputs of which everything starts fresh, embeddings and characters."""
    made = with_characters(tokenizer, texts)
    plain = {"kind": "plain", "embedding_size": RANDOM_EMBEDDING_SIZE}
    config = {
        "embedding_config": {
            "kind": "joined",
            "parts": [plain, character_part(characters, made)[0]],
        },
        "vocab_size": len(made),
        "pad_token_id": made.pad_token_id,
    }
    return WordInputs(made, config, {}, None, ("parts.",))


def _tokenizer_of_words(
    texts: Sequence[str], sets: Sequence[KeyedVectors], min_frequency: int = 1
) -> PreTrainedTokenizerFast:
    """Return a tokenizer of words that are separated by spaces, in lower case like the vectors.

    It marks where words begin, because a given word may contain a space.
    """
    frequent = [keyed.index_to_key[:EXTRA_WORDS] for keyed in sets]
    made = tokenizer_from_texts(
        texts,
        min_frequency=min_frequency,
        extra_words=itertools.chain.from_iterable(frequent),
        pre_tokenizer="whitespace",
    )
    return WordStartTokenizer.from_tokenizer(made)


def layer_fields(
    tokenizer: PreTrainedTokenizerBase, inputs: WordInputs | None, frozen: bool
) -> dict[str, Any]:
    """Return the fields of a configuration that describe the input layer.

    Args:
        tokenizer: The tokenizer.
        inputs: The input layer; ``None`` for embeddings that start fresh.
        frozen: Whether the word vectors stay as they are.
    """
    layer: dict[str, Any] = {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
    if inputs is not None:
        layer |= inputs.config
    return layer | frozen_fields(layer, frozen)


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
    save_file(inputs.weights, folder / WEIGHTS_FILE, metadata=_metadata(inputs))


def _metadata(inputs: WordInputs) -> dict[str, str]:
    return {"config": json.dumps(inputs.config), "fresh": json.dumps(inputs.fresh)}


def load_inputs(folder: Path) -> tuple[PreTrainedTokenizerFast, WordInputs | None]:
    """Read the tokenizer of a folder, and its input layer if there is one.

    Raises:
        ValueError: If they do not fit each other, or the file of the layer is damaged.
    """
    tokenizer: Any = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    path = folder / WEIGHTS_FILE
    if not path.exists():
        return tokenizer, None
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
    return tokenizer, WordInputs(tokenizer, config, weights, None, fresh)
