"""The file ``options.json`` of a published ELMo, as the fields of a configuration."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...models.elmo_words import ACTIVATIONS

# Fields that only the training of the original reads.
_ONLY_TRAINING = {
    "all_clip_norm_val",
    "batch_size",
    "learning_rate",
    "n_epochs",
    "n_negative_samples_batch",
    "n_tokens_vocab",
    "n_train_tokens",
    "sample_softmax",
    "unroll_steps",
}
# In training there is no id for a token that is not there.
_CHARACTER_COUNTS = (261, 262)


def read_options(path: Path) -> dict[str, Any]:
    """Return the fields of an ``ElmoConfig`` that the options describe.

    Raises:
        ValueError: If the file is no JSON, a field is missing or wrong, or one is set that this
            package does not have; the sentence names the file and the field.
        OSError: If the file cannot be read.
    """
    try:
        given = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise ValueError(f"{path}: not a JSON file in UTF-8 ({error}).") from None
    options = _Fields(path, "", given)
    lstm, cnn = options.part("lstm"), options.part("char_cnn")
    characters = cnn.take("n_characters", _is_count)
    if characters not in _CHARACTER_COUNTS:
        cnn.refuse("n_characters", characters, " or ".join(map(str, _CHARACTER_COUNTS)))
    dropout = options.take("dropout", _is_share, 0.0)
    fields = {
        "character_size": cnn.part("embedding").only("dim", _is_count),
        "max_characters_per_token": cnn.take("max_characters_per_token", _is_count),
        "filters": cnn.take("filters", _are_filters),
        "num_highway_layers": cnn.take("n_highway", _is_number_of_layers, None) or 0,
        "activation": cnn.take("activation", lambda value: value in tuple(ACTIVATIONS)),
        "cell_size": lstm.take("dim", _is_count),
        "hidden_size": lstm.take("projection_dim", _is_count),
        "num_hidden_layers": lstm.take("n_layers", _is_count),
        "cell_clip": lstm.take("cell_clip", _is_limit, None),
        "projection_clip": lstm.take("proj_clip", _is_limit, None),
        "residual": lstm.take("use_skip_connections", _is_bool, False),
        "embedding_dropout": dropout,
        "hidden_dropout": dropout,
        "classifier_dropout": dropout,
    }
    options.take("bidirectional", lambda value: value is True, True)
    options.take("share_embedding_softmax", lambda value: value is False, False)
    for name in _ONLY_TRAINING & options.given.keys():
        options.take(name, lambda _: True)
    for part in (lstm, cnn, options):
        part.end()
    return fields


class _Fields:
    """The fields of a part of the options; each is taken once, and none may be left over."""

    def __init__(self, path: Path, above: str, given: Any) -> None:
        self.path, self.above = path, above
        if not isinstance(given, dict):
            where = above.rstrip(".") or "the options"
            raise ValueError(f"{path}: {where} is {given!r:.60}, expected an object with fields.")
        self.given: dict[str, Any] = dict(given)

    def take(self, name: str, is_right: Callable[[Any], bool], default: Any = ...) -> Any:
        """Return a field and remove it; without a default it must be there."""
        value = self.given.pop(name, default)
        if value is ...:
            raise ValueError(f"{self.path}: the field {self.above}{name} is missing.")
        if not is_right(value):
            self.refuse(name, value, _EXPECTED.get(name, "another value"))
        return value

    def part(self, name: str) -> "_Fields":
        """Return the fields of an object within this one."""
        return _Fields(self.path, f"{self.above}{name}.", self.take(name, lambda _: True))

    def only(self, name: str, is_right: Callable[[Any], bool]) -> Any:
        """Return the only field."""
        value = self.take(name, is_right)
        self.end()
        return value

    def refuse(self, name: str, value: Any, expected: str) -> None:
        raise ValueError(f"{self.path}: {self.above}{name} is {value!r:.60}, expected {expected}.")

    def end(self) -> None:
        """Raise ``ValueError`` if a field was not taken."""
        for name in self.given:
            raise ValueError(
                f"{self.path}: the field {self.above}{name} is not known, so its meaning would be "
                f"lost."
            )


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not _is_bool(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not _is_bool(value) and value >= 1


def _is_number_of_layers(value: Any) -> bool:
    return value is None or (isinstance(value, int) and not _is_bool(value) and value >= 0)


def _is_share(value: Any) -> bool:
    return _is_number(value) and 0 <= value < 1


def _is_limit(value: Any) -> bool:
    return value is None or (_is_number(value) and 0 < value < float("inf"))


def _are_filters(value: Any) -> bool:
    are_pairs = isinstance(value, list) and all(isinstance(e, list) and len(e) == 2 for e in value)
    return are_pairs and bool(value) and all(_is_count(n) for each in value for n in each)


_COUNT = "a whole number of at least 1"
_EXPECTED = {
    **dict.fromkeys(("dim", "projection_dim", "n_layers", "max_characters_per_token"), _COUNT),
    **dict.fromkeys(("cell_clip", "proj_clip"), "a number above 0, or null"),
    "n_characters": " or ".join(map(str, _CHARACTER_COUNTS)),
    "n_highway": "a whole number of at least 0, or null",
    "activation": " or ".join(ACTIVATIONS),
    "filters": "a list of pairs [width, number]",
    "use_skip_connections": "true or false",
    "dropout": "a number of at least 0 and below 1",
    "bidirectional": "true, as there is no model of one direction here",
    "share_embedding_softmax": "false, as characters have no table that could be shared",
}
