"""Tuning only the rows of an embedding that training can change.

A word that does not occur in the training texts has no gradient, so Adam without weight decay does
not change its row. Still, the optimizer, the clipping and the gradient itself need time for every
row. (With weight decay, AdamW shrinks the rows of all words.) If only the rows that occur are
tuned, the result is the same model, and the vocabulary can have all words of a vector file.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel, TrainerCallback

from ..models.joined import JoinedEmbedding
from ..models.partial import PartialEmbedding


class TunedRows(nn.Module):
    """An embedding with some rows that are tuned, while all others do not change.

    Its state dict is that of the plain embedding, so checkpoints from training load without this
    class.

    Args:
        embedding: The whole look-up; its rows are used without a copy.
        rows: (tuned,) ids of the rows to tune, each once.
    """

    def __init__(self, embedding: nn.Embedding, rows: Tensor) -> None:
        super().__init__()
        self.num_embeddings, self.embedding_dim = embedding.weight.shape
        self.padding_idx = embedding.padding_idx
        self.rows: Tensor
        self.place: Tensor
        self.weight = nn.Parameter(embedding.weight.detach(), requires_grad=False)
        self.tuned = nn.Parameter(self.weight[rows].clone())
        place = torch.full((len(self.weight),), -1, device=rows.device)
        place[rows] = torch.arange(len(rows), device=rows.device)
        self.register_buffer("rows", rows, persistent=False)
        self.register_buffer("place", place, persistent=False)

    def forward(self, input_ids: Tensor) -> Tensor:
        """Look up ids (batch, time); return (batch, time, embedding_size)."""
        place = self.place[input_ids]
        tuned = nn.functional.embedding(place.clamp(min=0), self.tuned)
        fixed = nn.functional.embedding(input_ids, self.weight)
        return torch.where((place >= 0).unsqueeze(-1), tuned, fixed)

    def merged(self) -> nn.Embedding:
        """Return the plain embedding, including the tuned rows."""
        embedding = nn.Embedding(len(self.weight), self.weight.shape[1], self.padding_idx)
        with torch.no_grad():
            embedding.weight.copy_(self._put_in_places())
        return embedding.to(self.weight.device, self.weight.dtype)

    def _put_in_places(self) -> Tensor:
        """Write the tuned rows into the whole look-up, without a copy of it, and return it."""
        with torch.no_grad():
            self.weight[self.rows] = self.tuned
        return self.weight

    def _save_to_state_dict(
        self, destination: dict[str, Any], prefix: str, keep_vars: bool
    ) -> None:
        weight = self._put_in_places()
        destination[f"{prefix}weight"] = weight if keep_vars else weight.detach()

    def _load_from_state_dict(
        self, state_dict: Mapping[str, Any], prefix: str, *arguments: Any
    ) -> None:
        own = {f"{prefix}tuned", f"{prefix}weight"}
        whole = state_dict.get(f"{prefix}weight")
        if whole is not None and whole.shape == self.weight.shape:
            state_dict = {k: v for k, v in state_dict.items() if k not in own}
            state_dict |= {f"{prefix}weight": whole, f"{prefix}tuned": whole[self.rows]}
        super()._load_from_state_dict(state_dict, prefix, *arguments)


class TuneRows(TrainerCallback):
    """A callback with which the plain Trainer changes only the rows of ids that occur.

    The rows are separated when the trainer is made, and written back when training ends.
    Checkpoints during training are those of the plain model. A second call of ``train`` tunes all
    rows.

    Args:
        used_ids: The ``input_ids`` of the training rows.

    Raises:
        ValueError: As in ``tune_rows``, when the trainer is made.

    Example:
        ``Trainer(..., callbacks=[TuneRows(train["input_ids"])])``
    """

    def __init__(self, used_ids: Iterable[Sequence[int]]) -> None:
        self.used_ids = used_ids

    def on_init_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Separate the rows, before the trainer makes its optimizer."""
        tune_rows(kwargs["model"], self.used_ids)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Write the rows back, after Trainer has loaded the best checkpoint, if it does so."""
        merge_rows(kwargs["model"])


def tune_rows(model: PreTrainedModel, used_ids: Iterable[Sequence[int]]) -> None:
    """Let training change only the rows of ids that occur; undo with ``merge_rows``.

    Call this before the ``Trainer`` is made, and train without weight decay on embeddings.

    Args:
        model: Any model whose input layer has plain look-ups: one, or several side by side, each
            for all ids or for some (``"partial"``). Frozen look-ups beside others stay frozen, and
            parts of other kinds are trained as usual.
        used_ids: The ``input_ids`` of the training rows.

    Raises:
        ValueError: If no id occurs, or the input layer has no plain look-up.
    """
    layer = model.get_input_embeddings()
    tables = [
        table
        for table in _tables(model, layer)
        if table.embedding is layer or table.embedding.weight.requires_grad
    ]
    if not tables:
        raise ValueError(
            f"the input layer is {type(layer).__name__}, and only the rows of a plain look-up "
            "can be tuned apart from the rest: train it as it is, or freeze it"
        )
    padding = -1 if layer.padding_idx is None else layer.padding_idx
    used = [np.empty(0, dtype=np.int64), *(np.asarray(row, dtype=np.int64) for row in used_ids)]
    ids = torch.from_numpy(np.setdiff1d(np.concatenate(used), [padding]))
    if not len(ids):
        raise ValueError("no id occurs in the training rows, so no row can be tuned")
    for table in tables:
        device = table.embedding.weight.device
        own = ids.to(device)
        rows = own if table.partial is None else table.partial.rows_of(own).long().unique()
        table.replace(TunedRows(table.embedding, rows))


def merge_rows(model: PreTrainedModel) -> None:
    """Restore the plain embeddings, with the tuned rows in them."""
    for table in list(_tables(model, model.get_input_embeddings())):
        if isinstance(table.embedding, TunedRows):
            table.replace(table.embedding.merged())


class _Table(NamedTuple):
    """A look-up inside a model: its place, and the layer that maps ids to its rows."""

    owner: nn.Module
    name: str
    embedding: Any
    partial: PartialEmbedding | None

    def replace(self, embedding: nn.Module) -> None:
        if isinstance(self.owner, PreTrainedModel):
            self.owner.set_input_embeddings(embedding)
        else:
            setattr(self.owner, self.name, embedding)


def _tables(owner: nn.Module, layer: nn.Module, name: str = "") -> Iterator[_Table]:
    """Find the plain look-ups of an input layer, also those with separate tuned rows."""
    if isinstance(layer, nn.Embedding | TunedRows):
        yield _Table(owner, name, layer, None)
    elif isinstance(layer, PartialEmbedding):
        if isinstance(layer.table, nn.Embedding | TunedRows):
            yield _Table(layer, "table", layer.table, layer)
    elif isinstance(layer, JoinedEmbedding):
        for number, part in enumerate(layer.parts):
            yield from _tables(layer.parts, part, str(number))
