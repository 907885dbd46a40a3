"""Checkpoints: they carry their code, and what was frozen is frozen again when they are loaded."""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
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


@contextmanager
def staged(folder: Path, weights: str) -> Iterator[Path]:
    """Give a place for the files of a checkpoint, which move to ``folder`` once all are written.

    Args:
        folder: where they move to; other files there stay.
        weights: how names of weights begin: shards of an earlier save that begin so are removed.

    Raises:
        OSError: if a file cannot be written, as on a full disk; ``folder`` is as it was then.
    """
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))
    try:
        yield place
        written = sorted(file.name for file in place.iterdir())
        for name in written:
            os.replace(place / name, folder / name)
        shard = re.compile(rf"{re.escape(weights)}-\d{{5}}-of-\d{{5}}\.safetensors")
        if any(name.startswith(weights) for name in written):
            for file in folder.iterdir():
                if shard.fullmatch(file.name) and file.name not in written:
                    file.unlink()
    except SafetensorError as error:
        raise OSError(f"{folder}: the weights could not be written ({error})") from error
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(folder)) from error
    finally:
        shutil.rmtree(place, ignore_errors=True)
        if is_new:
            with suppress(OSError):  # it holds the checkpoint
                folder.rmdir()


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

        All files take their place at once, when each of them is written; with ``push_to_hub``,
        which looks for what has changed in the folder, they are written there one by one.

        Raises:
            ValueError: if the model has no weights at all.
            OSError: if a file cannot be written; an earlier checkpoint is as it was then.
        """
        self._check_weights()
        self.config.auto_map = auto_map(type(self))
        if args or kwargs.get("push_to_hub") or Path(save_directory).is_file():
            return super().save_pretrained(save_directory, *args, **kwargs)
        variant = kwargs.get("variant")
        with staged(Path(save_directory), f"model.{variant}" if variant else "model") as place:
            return super().save_pretrained(place, **kwargs)

    def push_to_hub(self, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        """Push as ``PreTrainedModel`` does, which makes the repository before it saves.

        Raises:
            ValueError: if the model has no weights at all; no repository is made then.
        """
        self._check_weights()
        pushed: Any = super().push_to_hub
        return pushed(*args, **kwargs)

    def _check_weights(self) -> None:
        if next(self.parameters(), None) is None and not self.state_dict():
            raise ValueError(
                f"this {type(self).__name__} has no weights, and transformers loads no checkpoint "
                "without any: save its configuration, and make the model anew from that"
            )
