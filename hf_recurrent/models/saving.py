"""Checkpoints: saved with their code, all files at once; loading restores frozen parts."""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from torch import nn
from transformers import PreTrainedModel

from .embeddings import InputLayer
from .publishable import GuardedPushes


def auto_map(model_class: type[PreTrainedModel]) -> dict[str, str]:
    """Return ``auto_map`` for a checkpoint: for each Auto class, the module and name of its class.

    It has only the classes of the file of ``model_class``, since only that file and its imports
    from the same folder are saved with a checkpoint.
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
    """Move the weights of matrix products to aligned addresses, like those of a new model.

    Weights that are mapped from a file have the alignment of the file, and the last bit of MKL's
    products depends on it. Embeddings are looked up and not multiplied, so they stay mapped.
    """
    for module in model.modules():
        if not isinstance(module, nn.Embedding | InputLayer):
            for parameter in module.parameters(recurse=False):
                if parameter.data_ptr() % _ALIGNMENT:
                    parameter.data = parameter.data.clone()


# The alignment, in bytes, of torch's memory on a CPU.
_ALIGNMENT = 64


@contextmanager
def staged(folder: Path, variant: str | None = None) -> Iterator[Path]:
    """Yield a place for the files of a checkpoint; move them to ``folder`` when all are written.

    Args:
        folder: The target; it is made if needed with the folders above it, also if a symbolic link
            points to it.
        variant: The variant of the weights. New weights replace all old ones of this variant, also
            shards and index, which would be loaded otherwise. All other files stay.

    Raises:
        OSError: If a file cannot be written, as on a full disk; ``folder`` is then unchanged, and
            no folder that was made for it is left.
    """
    target = Path(os.path.realpath(folder))
    made = [path for path in (target, *target.parents) if not path.exists()]
    target.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=target))
    try:
        yield place
        _share(place, target)
        _move(place, target, _weight_files(variant))
    except SafetensorError as error:
        raise OSError(f"{folder}: the weights could not be written ({error})") from error
    except OSError as error:
        if error.errno is None:
            raise
        to = Path(str(error.filename2))
        named = to if to.parent == target else folder
        raise OSError(error.errno, error.strerror, str(named)) from error
    finally:
        shutil.rmtree(place, ignore_errors=True)
        with suppress(OSError):  # the first is not empty if the checkpoint is there
            for path in made:
                path.rmdir()


def _share(made: Path, target: Path) -> None:
    """Give files the usual permissions, as safetensors writes files that only their owner can read.

    A new file gets the permissions of the file that it replaces.
    """
    usual = _usual_rights(made)
    for file in made.rglob("*"):
        if file.is_file() and not file.is_symlink():
            replaced = target / file.relative_to(made)
            file.chmod(replaced.stat().st_mode & 0o777 if replaced.is_file() else usual)


def _usual_rights(folder: Path) -> int:
    """Return the permissions of a new file under the current umask.

    It makes an empty file to find them, since the umask can only be read by setting it, which
    affects all threads.
    """
    private = Path(tempfile.mkdtemp(prefix=".rights-", dir=folder))
    try:
        (private / "file").touch()
        return (private / "file").stat().st_mode & 0o777
    finally:
        shutil.rmtree(private, ignore_errors=True)


def _weight_files(variant: str | None) -> re.Pattern[str]:
    name = re.escape(f".{variant}" if variant else "")
    return re.compile(
        rf"model{name}(-\d{{5}}-of-\d{{5}})?\.safetensors|model\.safetensors\.index{name}\.json"
    )


def _move(place: Path, folder: Path, weights: re.Pattern[str]) -> None:
    """Move the files in ``place`` to ``folder``, weights last; after an error, undo everything.

    A file never replaces a folder: that is an error.
    """

    def in_order(files: Iterable[Path]) -> list[str]:
        return sorted((file.name for file in files), key=lambda n: (bool(weights.fullmatch(n)), n))

    new = in_order(place.iterdir())
    replaces_weights = any(weights.fullmatch(name) for name in new)
    old = in_order(
        file
        for file in folder.iterdir()
        if file.name in new or (replaces_weights and weights.fullmatch(file.name))
        if file.is_symlink() or not file.is_dir()
    )
    aside = Path(tempfile.mkdtemp(prefix=".replaced-", dir=folder))
    try:
        for name in old:
            os.replace(folder / name, aside / name)
        for name in new:
            os.replace(place / name, folder / name)
    except BaseException:
        for name in new:
            if not (place / name).exists():
                os.replace(folder / name, place / name)
        for name in old:
            if os.path.lexists(aside / name):
                os.replace(aside / name, folder / name)
        aside.rmdir()
        raise
    shutil.rmtree(aside, ignore_errors=True)


class CheckpointModel(GuardedPushes, PreTrainedModel):
    """A model whose checkpoints can be loaded without this package.

    The base model of a family must have a method ``freeze_as_configured()``.
    """

    @classmethod
    def from_pretrained(cls, *args: Any, **kwargs: Any) -> Any:
        """Load as transformers does; see ``PreTrainedModel.from_pretrained``."""
        loaded = super().from_pretrained(*args, **kwargs)
        model = loaded[0] if isinstance(loaded, tuple) else loaded
        # Loading replaces the parameters by new ones that all require gradients.
        base_model: Any = model.base_model
        base_model.freeze_as_configured()
        align_weights(model)
        return loaded

    def save_pretrained(self, save_directory: Any, *args: Any, **kwargs: Any) -> Any:
        """Save as ``PreTrainedModel`` does, together with the code and the whole ``auto_map``.

        The files are moved into the folder when all of them are written. With ``push_to_hub``,
        which looks for changed files in the folder, they are written there one by one.

        Raises:
            ValueError: If the model has no weights at all, or is to be pushed and must not be.
            OSError: If a file cannot be written; an earlier checkpoint is then unchanged.
        """
        self._check_weights()
        self.config.auto_map = auto_map(type(self))
        if args or kwargs.get("push_to_hub") or Path(save_directory).is_file():
            saved: Any = super().save_pretrained(save_directory, *args, **kwargs)
            if (folder := Path(save_directory)).is_dir():
                usual, weights = _usual_rights(folder), _weight_files(kwargs.get("variant"))
                for file in folder.iterdir():
                    if weights.fullmatch(file.name) and not file.is_symlink():
                        file.chmod(usual)
            return saved
        with staged(Path(save_directory), kwargs.get("variant")) as place:
            return super().save_pretrained(place, **kwargs)

    def push_to_hub(self, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        """Push as ``PreTrainedModel`` does; check first, as that makes the repository at once.

        Raises:
            ValueError: If the model has no weights at all, or its data may not be passed on; then
                no repository is made.
        """
        self._check_weights()
        return super().push_to_hub(*args, **kwargs)

    def _check_weights(self) -> None:
        if next(self.parameters(), None) is None and not self.state_dict():
            raise ValueError(
                f"this {type(self).__name__} has no weights, and transformers loads no checkpoint "
                "without any: save its configuration, and make the model anew from that"
            )
