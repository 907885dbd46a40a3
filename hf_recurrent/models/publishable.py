"""The mark of everything that was made of data that may not be passed on: nothing pushes it.

The mark is ``publishable: false`` among the fields of a configuration, among the settings of a
tokenizer, or as an attribute of word vectors. So it is saved with each of them, and read again.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

MARK = "publishable"
# What a folder says of the data that its content was made of.
_FILES = (
    "config.json",
    "tokenizer_config.json",
    "config_sentence_transformers.json",
    "training_record.json",
)

_Made = TypeVar("_Made")


def is_marked(made: Any) -> bool:
    """Check whether a model, a tokenizer, word vectors or the fields of any of them have the mark.

    A field may lie deeper, as the configuration of an encoder in that of a whole network.
    """
    if isinstance(made, Mapping):
        # The value itself, as 0 is that of a label of this name.
        return made.get(MARK) is False or any(map(is_marked, made.values()))
    if isinstance(made, Sequence) and not isinstance(made, str):
        return any(map(is_marked, made))
    if (config := getattr(made, "config", None)) is not None:
        return is_marked(config.to_dict())
    if (settings := getattr(made, "init_kwargs", None)) is not None:
        return settings.get(MARK) is False
    return getattr(made, MARK, None) is False


def mark(made: Any) -> None:
    """Mark a model, a tokenizer or word vectors as made of data that may not be passed on."""
    if (settings := getattr(made, "init_kwargs", None)) is not None:
        settings[MARK] = False
    else:
        setattr(getattr(made, "config", made), MARK, False)


def passing_on(made: _Made, *sources: Any) -> _Made:
    """Return what was made of some sources, marked if any of them is."""
    if any(map(is_marked, sources)):
        mark(made)
    return made


def is_marked_folder(folder: Path) -> bool:
    """Check whether a file of a folder has the mark; what cannot be read has none."""
    return any(is_marked(_content(folder / name)) for name in _FILES)


def _content(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):  # whoever loads the folder reports it
        return {}


class GuardedPushes:
    """A mixin for models and tokenizers: with the mark they are not pushed, and say why.

    It is before the class of transformers in the bases.
    """

    def save_pretrained(self, save_directory: Any, *args: Any, **kwargs: Any) -> Any:
        """Save as transformers does.

        Raises:
            ValueError: If it is to be pushed, and the data may not be passed on; nothing is saved.
        """
        if kwargs.get("push_to_hub") or any(args[2:3]):  # the third of all these methods
            self.check_may_leave()
        saving: Any = super()
        return saving.save_pretrained(save_directory, *args, **kwargs)

    def push_to_hub(self, *args: Any, **kwargs: Any) -> Any:
        """Push as transformers does; check first, as that makes the repository at once.

        Raises:
            ValueError: If the data may not be passed on; then no repository is made.
        """
        self.check_may_leave()
        pushing: Any = super()
        return pushing.push_to_hub(*args, **kwargs)

    def check_may_leave(self) -> None:
        """Check that the data may be passed on.

        Raises:
            ValueError: If they may not.
        """
        if is_marked(self):
            raise ValueError(
                f"this {type(self).__name__} was made of data that may not be passed on, and so "
                "neither may it: it is not pushed"
            )
