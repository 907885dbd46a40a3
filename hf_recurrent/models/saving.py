"""Checkpoints: they carry their code, and what was frozen is frozen again when they are loaded."""

import sys
from typing import Any

from torch import nn
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


def align_weights(model: nn.Module) -> None:
    """Bring the weights of products to addresses such as those of a new model.

    Weights that are read from a file lie where the file has them, and the last bit of MKL's
    products depends on that. Embeddings are looked up, not multiplied: they stay mapped.
    """
    for module in model.modules():
        if isinstance(module, nn.RNNBase | nn.Linear):
            for parameter in module.parameters(recurse=False):
                if parameter.data_ptr() % _ALIGNMENT:
                    parameter.data = parameter.data.clone()


# As torch aligns what it allocates on a CPU.
_ALIGNMENT = 64


class CheckpointModel(PreTrainedModel):
    """A model whose checkpoints load where this package was never installed.

    The base model of a family has ``freeze_as_configured()``.
    """

    @classmethod
    def from_pretrained(cls, *args: Any, **kwargs: Any) -> Any:
        """Load as transformers does; see ``PreTrainedModel.from_pretrained``."""
        loaded = super().from_pretrained(*args, **kwargs)
        model = loaded[0] if isinstance(loaded, tuple) else loaded
        # Loading puts new parameters, which all want gradients, in the place of the old.
        base_model: Any = model.base_model
        base_model.freeze_as_configured()
        align_weights(model)
        return loaded

    def save_pretrained(self, save_directory: Any, *args: Any, **kwargs: Any) -> Any:
        """Save as ``PreTrainedModel`` does, with the code and the whole ``auto_map`` beside it.

        Raises:
            ValueError: if the model has no weights at all.
        """
        self._check_weights()
        self.config.auto_map = auto_map(type(self))
        return super().save_pretrained(save_directory, *args, **kwargs)

    def push_to_hub(self, repo_id: str, **kwargs: Any) -> Any:
        """Push as ``PreTrainedModel`` does, which makes the repository before it saves.

        Raises:
            ValueError: if the model has no weights at all; no repository is made then.
        """
        self._check_weights()
        return super().push_to_hub(repo_id, **kwargs)

    def _check_weights(self) -> None:
        if next(self.parameters(), None) is None and not self.state_dict():
            raise ValueError(
                f"this {type(self).__name__} has no weights, and transformers loads no checkpoint "
                "without any: save its configuration, and make the model anew from that"
            )
