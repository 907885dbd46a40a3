"""Input layers, which turn ids or frames into vectors, and the dropout that follows them."""

from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from transformers import initialization as init

from .own_weights import OwnWeights


class LockedDropout(nn.Module):
    """Dropout on (batch, time, features), with one mask a step, or one mask for all steps.

    One mask for all steps is variational dropout (Gal and Ghahramani 2016), or locked dropout.
    """

    def __init__(self, p: float, locked: bool) -> None:
        super().__init__()
        self.p, self.locked = p, locked

    def forward(self, x: Tensor) -> Tensor:
        """Drop features of x (batch, time, features) in training."""
        if not self.training or not self.p:
            return x
        if not self.locked:
            return nn.functional.dropout(x, self.p)
        return x * nn.functional.dropout(x.new_ones(len(x), 1, x.shape[2]), self.p)

    def extra_repr(self) -> str:
        """Show the settings in the printed model."""
        return f"p={self.p}, locked={self.locked}"


class TableShape(NamedTuple):
    """The shape of an input layer.

    Attributes:
        vocab_size: Number of token ids.
        embedding_size: Width of a vector, if it does not follow from the fields of the kind.
        pad_token_id: The id whose vector is zero, if there is one.
    """

    vocab_size: int
    embedding_size: int
    pad_token_id: int | None


class InputLayer(OwnWeights):
    """An input layer other than the plain look-up, which is ``nn.Embedding``.

    Each kind is a subclass, listed in ``input_layers.KINDS``. It is made from a ``TableShape`` and
    its fields in ``config.embedding_config``. It has the attributes of an ``nn.Embedding`` that the
    models need: ``embedding_dim``, ``num_embeddings`` and ``padding_idx``. The other methods are
    described below. A layer that is only loaded from checkpoints needs just ``__init__``,
    ``forward`` and ``init_weights``.

    Attributes:
        fields: The fields of this kind in ``embedding_config``, with their defaults; ``...`` for a
            field that must be given.
        needs_size: Whether ``embedding_size`` is free, and so must be given for a joined part.
        is_table: Whether the layer has a row for each id and nothing else, as ``nn.Embedding``.
        is_contextual: Whether the vector of a word depends on the words beside it.
        main_input_name: The input that ``forward`` turns into vectors; see ``model_inputs.py``.
        extra_inputs: The names of the other inputs of ``forward``, each (batch, time, n).
        tokenizer_fields: The fields on which a tokenizer depends to make these inputs. Joined parts
            that read the same input must agree on them.
    """

    fields: ClassVar[dict[str, Any]] = {}
    needs_size: ClassVar[bool] = True
    is_table: ClassVar[bool] = False
    is_contextual: ClassVar[bool] = False
    main_input_name: ClassVar[str] = "input_ids"
    extra_inputs: tuple[str, ...] = ()
    tokenizer_fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, shape: TableShape, fields: dict[str, Any]) -> None:
        super().__init__()
        self.num_embeddings, self.padding_idx = shape.vocab_size, shape.pad_token_id
        self.embedding_dim = self.check(shape, fields)

    @classmethod
    def check(cls, shape: TableShape, fields: dict[str, Any]) -> int:
        """Return the width of the vectors; raise ``ValueError`` if a field has a wrong value."""
        return shape.embedding_size

    def forward(self, input_ids: Tensor, **extra: Tensor) -> Tensor:
        """Return the vectors (batch, time, embedding_dim) of ids (batch, time).

        Raises:
            IndexError: If an id is not in 0 to ``num_embeddings - 1`` (checked on a CPU only).
        """
        raise NotImplementedError

    def example(self) -> Tensor:
        """Return an example of the main input: one row of two steps."""
        return torch.zeros(1, 2, dtype=torch.long)

    def extra_examples(self) -> dict[str, Tensor]:
        """Return examples of the other inputs, for the same two steps."""
        return {name: torch.zeros(1, 2, 1, dtype=torch.long) for name in self.extra_inputs}

    def freeze_as_configured(self) -> None:
        """Keep the parts out of training that the layer's fields name."""

    def set_word_vectors(self, vectors: Any) -> None:
        """Copy a matrix (vocab_size, embedding_dim) into the layer, or raise ``ValueError``."""
        raise ValueError(f"{type(self).__name__} takes no matrix of word vectors")

    def resize(self, vocab_size: int, std: float, mean_resizing: bool) -> None:
        """Change the number of ids for ``resize_token_embeddings``; ``grown`` makes new rows."""
        raise ValueError(
            f"{type(self).__name__} has vectors for {self.num_embeddings} ids and cannot be "
            f"resized to {vocab_size}: make a new model"
        )

    def resized_fields(self) -> dict[str, Any]:
        """Return the fields of ``embedding_config`` that ``resize`` has changed."""
        return {}

    def extra_repr(self) -> str:
        """Show the sizes in the printed model."""
        return f"{self.num_embeddings}, {self.embedding_dim}"


def resize_layer(layer: nn.Module, vocab_size: int, std: float, mean_resizing: bool) -> None:
    """Change the number of ids of an input layer of any kind; ``grown`` makes new rows."""
    if isinstance(layer, InputLayer):
        layer.resize(vocab_size, std, mean_resizing)
    else:
        assert isinstance(layer, nn.Embedding)
        layer.weight = grown(layer.weight, vocab_size, std, mean_resizing)
        layer.num_embeddings = vocab_size


def grown(weight: Tensor, rows: int, std: float, mean_resizing: bool) -> nn.Parameter:
    """Return ``weight`` (n, size) with ``rows`` rows: cut at the end, or with new rows added.

    New rows are drawn from a normal distribution, with mean 0 and deviation ``std``. With
    ``mean_resizing`` they have the mean and the deviation of the old rows in each dimension.
    """
    old = weight.detach()
    new = old.new_empty(rows, old.shape[1])
    kept = min(rows, len(old))
    new[:kept] = old[:kept]
    if rows > kept:
        fresh = torch.randn(rows - kept, old.shape[1], device=old.device)
        if mean_resizing and kept > 1:
            fresh = fresh * old.float().std(0) + old.float().mean(0)
        else:
            fresh *= std
        new[kept:] = fresh.to(old.dtype)
    return nn.Parameter(new, requires_grad=weight.requires_grad)


def init_rows(weight: Tensor, padding_idx: int | None, std: float) -> None:
    """Fill a table of vectors as a fresh ``nn.Embedding``: normal, zeros for the padding."""
    init.normal_(weight, mean=0.0, std=std)
    loaded = getattr(weight, "_is_hf_initialized", False)
    if padding_idx is not None and not loaded:  # a slice would lose the flag
        init.zeros_(weight[padding_idx])


def set_word_vectors(embedding: nn.Module, vectors: Any) -> None:
    """Copy a matrix of word vectors (vocab_size, embedding_size) into an embedding.

    Args:
        embedding: The input layer to fill.
        vectors: A tensor or an array; row i belongs to token id i.

    Raises:
        ValueError: If the matrix does not fit.
    """
    if isinstance(embedding, InputLayer):
        embedding.set_word_vectors(vectors)
    else:
        assert isinstance(embedding.weight, Tensor)
        copy_rows(embedding.weight, vectors)


def copy_rows(weight: Tensor, vectors: Any) -> None:
    """Copy a matrix into a table; raise ``ValueError`` if their shapes differ."""
    matrix = torch.as_tensor(vectors)
    if matrix.shape != weight.shape:
        raise ValueError(
            f"the word vectors have shape {tuple(matrix.shape)}, but the model's embedding has "
            f"{tuple(weight.shape)} (vocab_size, embedding_size): make the matrix for "
            "this model's tokenizer"
        )
    with torch.no_grad():
        weight.copy_(matrix)


def freeze_embeddings(layer: nn.Module, frozen: bool) -> None:
    """Keep an input layer out of training, as a whole or as its own fields say."""
    if frozen:
        layer.requires_grad_(False)
    elif isinstance(layer, InputLayer):
        layer.freeze_as_configured()
