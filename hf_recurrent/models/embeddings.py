"""Input layers: what makes vectors of ids or frames, and the dropout that stands behind them."""

from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from transformers import initialization as init

from .own_weights import OwnWeights


class LockedDropout(nn.Module):
    """Dropout on (batch, time, features), with one mask a step, or one mask for all steps.

    The second is variational dropout (Gal and Ghahramani 2016), also called locked dropout.
    """

    def __init__(self, p: float, locked: bool) -> None:
        super().__init__()
        self.p, self.locked = p, locked

    def forward(self, x: Tensor) -> Tensor:
        """Drop features of x (batch, time, features) in training."""
        if not self.locked or not self.training or not self.p:
            return nn.functional.dropout(x, self.p, self.training)
        return x * nn.functional.dropout(x.new_ones(len(x), 1, x.shape[2]), self.p)

    def extra_repr(self) -> str:
        """Show the settings in the printed model."""
        return f"p={self.p}, locked={self.locked}"


class TableShape(NamedTuple):
    """What every input layer is made for.

    Attributes:
        vocab_size: number of token ids.
        embedding_size: width of a vector, where the kind leaves it free.
        pad_token_id: the id whose vector is zero, if there is one.
    """

    vocab_size: int
    embedding_size: int
    pad_token_id: int | None


class InputLayer(OwnWeights):
    """An input layer other than the plain look-up, which is ``nn.Embedding``.

    A kind is a subclass, entered in ``input_layers.KINDS``. It is made of a ``TableShape`` and of
    its fields in ``config.embedding_config``, and offers what the models ask of an
    ``nn.Embedding``: ``embedding_dim``, ``num_embeddings``, ``padding_idx``. Its methods below say
    what else; a layer that loads from a checkpoint needs no more than ``__init__``, ``forward`` and
    ``init_weights``.

    Attributes:
        fields: what ``embedding_config`` may hold for this kind, with the defaults; ``...`` for a
            field that must be given.
        needs_size: whether ``embedding_size`` is free, and so must be given for a joined part.
        is_table: whether the layer has a row for each id and nothing else, as ``nn.Embedding``.
        main_input_name: what ``forward`` makes vectors of; see ``model_inputs.py``.
        extra_inputs: what ``forward`` takes beside it, by name, each (batch, time, n).
        tokenizer_fields: the fields that say how a tokenizer makes these inputs. Joined parts that
            read the same input must agree on them.
    """

    fields: ClassVar[dict[str, Any]] = {}
    needs_size: ClassVar[bool] = True
    is_table: ClassVar[bool] = False
    main_input_name: ClassVar[str] = "input_ids"
    extra_inputs: tuple[str, ...] = ()
    tokenizer_fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, shape: TableShape, fields: dict[str, Any]) -> None:
        super().__init__()
        self.num_embeddings, self.padding_idx = shape.vocab_size, shape.pad_token_id
        self.embedding_dim = self.check(shape, fields)

    @classmethod
    def check(cls, shape: TableShape, fields: dict[str, Any]) -> int:
        """Return the width of the vectors; raise ``ValueError`` for a field that cannot be."""
        return shape.embedding_size

    def forward(self, input_ids: Tensor, **extra: Tensor) -> Tensor:
        """Return the vectors (batch, time, embedding_dim) of ids (batch, time).

        Raises:
            IndexError: if an id is below 0 or not below ``num_embeddings``; on a CPU only.
        """
        raise NotImplementedError

    def example(self) -> Tensor:
        """Return a main input that the layer can read, one row of two steps."""
        return torch.zeros(1, 2, dtype=torch.long)

    def freeze_as_configured(self) -> None:
        """Keep out of training what the layer's fields name."""

    def set_word_vectors(self, vectors: Any) -> None:
        """Copy a matrix (vocab_size, embedding_dim) into the layer; ``ValueError`` if it cannot."""
        raise ValueError(f"{type(self).__name__} takes no matrix of word vectors")

    def resize(self, vocab_size: int, std: float, mean_resizing: bool) -> None:
        """Change the number of ids, as ``resize_token_embeddings`` asks; new rows by ``grown``."""
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
    """Change the number of ids of an input layer, the plain look-up too; new rows by ``grown``."""
    if isinstance(layer, InputLayer):
        layer.resize(vocab_size, std, mean_resizing)
    else:
        assert isinstance(layer, nn.Embedding)
        layer.weight = grown(layer.weight, vocab_size, std, mean_resizing)
        layer.num_embeddings = vocab_size


def grown(weight: Tensor, rows: int, std: float, mean_resizing: bool) -> nn.Parameter:
    """Return ``weight`` (n, size) with ``rows`` rows, cut at the end or filled up.

    New rows are normal, around 0 with deviation ``std``, or, for ``mean_resizing``, with the mean
    and the deviation of the old rows, dimension by dimension.
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
        embedding: the input layer to fill.
        vectors: a tensor or an array; row i belongs to token id i.

    Raises:
        ValueError: if the matrix does not fit.
    """
    if isinstance(embedding, InputLayer):
        embedding.set_word_vectors(vectors)
    else:
        assert isinstance(embedding.weight, Tensor)
        copy_rows(embedding.weight, vectors)


def copy_rows(weight: Tensor, vectors: Any) -> None:
    """Copy a matrix into a table of its shape; ``ValueError`` if it has another."""
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
    """Keep all of an input layer out of training, or just what its own fields name."""
    if frozen:
        layer.requires_grad_(False)
    elif isinstance(layer, InputLayer):
        layer.freeze_as_configured()
