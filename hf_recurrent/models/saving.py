"""Checkpoints that carry their code, so that they load where this package was never installed."""

import sys
from typing import Any

from transformers import PreTrainedModel


def auto_map(model_class: type[PreTrainedModel]) -> dict[str, str]:
    """Return ``auto_map`` for a checkpoint: each Auto class and where its class stands.

    Just the classes of ``model_class``'s own file are named, as only that file and what it imports
    from its folder travel.
    """
    module = sys.modules[model_class.__module__]
    config_class: Any = model_class.config_class
    entries = {"AutoConfig": _reference(config_class)}
    for value in vars(module).values():
        own = isinstance(value, type) and value.__module__ == module.__name__
        if own and getattr(value, "_auto_class", None):
            entries[value._auto_class] = _reference(value)
    return entries


def _reference(cls: type) -> str:
    return f"{cls.__module__.split('.')[-1]}.{cls.__name__}"


class CarriesCode(PreTrainedModel):
    """A model whose ``save_pretrained`` writes its code and the whole ``auto_map`` beside it."""

    def save_pretrained(self, save_directory: Any, *args: Any, **kwargs: Any) -> Any:
        """Save as transformers does; see ``PreTrainedModel.save_pretrained``."""
        self.config.auto_map = auto_map(type(self))
        return super().save_pretrained(save_directory, *args, **kwargs)
