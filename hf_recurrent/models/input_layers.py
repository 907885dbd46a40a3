"""The kinds of input layers, by their name in ``embedding_config``.

A new kind is a subclass of ``InputLayer`` in a file of its own here, and one line in ``KINDS``. A
kind that only one family reads is named by ``input_kinds`` of its configuration, so that its code
does not travel with the others.
"""

from typing import Any

from torch import nn

from .char_cnn import CharCnnEmbedding
from .char_embedding import CharLstmEmbedding
from .elmo_embedding import ElmoEmbedding
from .embeddings import InputLayer, TableShape
from .frames import FrameEmbedding
from .joined import JoinedEmbedding
from .ngram_embedding import NgramEmbedding
from .one_hot import OneHotEmbedding
from .partial import PartialEmbedding
from .quantized import HalfEmbedding, Int8Embedding, ProductEmbedding

KINDS: dict[str, type[InputLayer]] = {
    "char_cnn": CharCnnEmbedding,
    "char_lstm": CharLstmEmbedding,
    "elmo": ElmoEmbedding,
    "fp16": HalfEmbedding,
    "frames": FrameEmbedding,
    "int8": Int8Embedding,
    "joined": JoinedEmbedding,
    "ngram": NgramEmbedding,
    "one_hot": OneHotEmbedding,
    "partial": PartialEmbedding,
    "pq": ProductEmbedding,
}


def make_input_layer(config: Any) -> nn.Module:
    """Return the input layer that a configuration describes.

    Args:
        config: With ``vocab_size``, ``embedding_size``, ``pad_token_id`` and ``embedding_config``.
            The last is ``None`` for the plain look-up, otherwise a dictionary with ``"kind"`` and
            the fields of that kind; see the classes in ``KINDS``.

    Returns:
        ``nn.Embedding`` or an ``InputLayer``, with weights that are not initialised.
    """
    shape = TableShape(config.vocab_size, config.embedding_size, config.pad_token_id)
    if config.embedding_config is None:
        return nn.Embedding(*shape)
    kind, fields = fields_of_kind(config.embedding_config, kinds_of(config))
    return kind(shape, fields)


def main_input_name(config: Any) -> str:
    """Return the name of the main input of a model with this configuration."""
    given = config.embedding_config
    return "input_ids" if given is None else kinds_of(config)[given["kind"]].main_input_name


def kinds_of(config: Any) -> dict[str, type[InputLayer]]:
    """Return the kinds of a configuration's family: all of ``KINDS``, and its own."""
    return {**KINDS, **getattr(config, "input_kinds", {})}


def is_contextual(embedding_config: dict[str, Any] | None) -> bool:
    """Check whether the vector of a word depends on the words after it."""
    return any(kind.is_contextual for kind in _kinds_within(embedding_config))


def inputs_beside_ids(embedding_config: dict[str, Any] | None) -> list[str]:
    """Return the names of what an input layer reads beside token ids, such as characters."""
    kinds = _kinds_within(embedding_config)
    return [*dict.fromkeys(name for kind in kinds for name in kind.extra_inputs)]


def _kinds_within(embedding_config: dict[str, Any] | None) -> list[type[InputLayer]]:
    """Return the kind of an input layer, and those of its parts."""
    given = embedding_config or {}
    names = [given.get("kind"), *(part.get("kind") for part in given.get("parts", ()))]
    return [KINDS[name] for name in names if name in KINDS]


def check_embedding_config(config: Any) -> None:
    """Check ``config.embedding_config`` and set ``config.embedding_size`` to the layer's width.

    Raises:
        ValueError: If the kind is unknown, or a field is unknown, missing or wrong.
    """
    if config.embedding_config is not None:
        kind, fields = fields_of_kind(config.embedding_config, kinds_of(config))
        shape = TableShape(config.vocab_size, config.embedding_size, config.pad_token_id)
        config.embedding_size = kind.check(shape, fields)


def fields_of_kind(
    given: dict[str, Any], kinds: dict[str, type[InputLayer]] = KINDS
) -> tuple[type[InputLayer], dict[str, Any]]:
    """Return the class of a sub-configuration and its fields, defaults filled in.

    Args:
        given: The sub-configuration.
        kinds: The kinds that are possible.

    Raises:
        ValueError: If the kind is unknown, or a field is unknown or missing.
    """
    name = given.get("kind")
    if not isinstance(name, str) or name not in kinds:
        raise ValueError(
            f"embedding_config: kind is {name!r}, expected one of {', '.join(sorted(kinds))}"
        )
    kind = kinds[name]
    unknown = given.keys() - kind.fields.keys() - {"kind"}
    if unknown:
        raise ValueError(
            f"embedding_config: kind {name!r} has no field {min(unknown)!r}, expected some of "
            f"{', '.join(kind.fields) or 'none'}"
        )
    fields = {**kind.fields, **{key: value for key, value in given.items() if key != "kind"}}
    for field, value in fields.items():
        if value is ...:
            raise ValueError(f"embedding_config: kind {name!r} needs the field {field!r}")
    return kind, fields
