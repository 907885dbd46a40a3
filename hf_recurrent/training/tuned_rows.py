"""Tuning only the rows of an embedding that training can change.

A word that never occurs in the training texts gets no gradient, so Adam without weight decay leaves
its row as it is; yet the optimizer, the clipping and the gradient itself pay for every row. (With
weight decay AdamW shrinks the rows of all words.) Tuning the rows that do occur apart from the rest
gives the same model, and makes a vocabulary of all the words of a vector file affordable.
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
    """An embedding of which some rows are tuned and all others stay.

    Its state is that of the plain embedding, so that checkpoints made in training load without it.

    Args:
        embedding: the whole look-up; its rows are taken over.
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
        """Look up ids (batch, time); returns (batch, time, embedding_size)."""
        place = self.place[input_ids]
        tuned = nn.functional.embedding(place.clamp(min=0), self.tuned)
        fixed = nn.functional.embedding(input_ids, self.weight)
        return torch.where((place >= 0).unsqueeze(-1), tuned, fixed)

    def merged(self) -> nn.Embedding:
        """Return the plain embedding with the tuned rows in their places."""
        embedding = nn.Embedding(len(self.weight), self.weight.shape[1], self.padding_idx)
        with torch.no_grad():
            embedding.weight.copy_(self._put_in_places())
        return embedding.to(self.weight.device, self.weight.dtype)

    def _put_in_places(self) -> Tensor:
        """Write the tuned rows into the whole look-up, which costs no memory, and return that."""
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
    """Lets the plain Trainer change just the rows of the ids that occur.

    The rows are taken out when the trainer is made, and are back in their places when training
    ends. Checkpoints on the way are those of the plain model. A second call of ``train`` tunes all
    rows again.

    Args:
        used_ids: the ``input_ids`` of the training rows.

    Raises:
        ValueError: as ``tune_rows``, when the trainer is made.

    Example:
        ``Trainer(..., callbacks=[TuneRows(train["input_ids"])])``
    """

    def __init__(self, used_ids: Iterable[Sequence[int]]) -> None:
        self.used_ids = used_ids

    def on_init_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Take the rows out, before the trainer makes its optimizer."""
        tune_rows(kwargs["model"], self.used_ids)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Put them back; by then the best checkpoint, if one is wanted, is loaded."""
        merge_rows(kwargs["model"])


def tune_rows(model: PreTrainedModel, used_ids: Iterable[Sequence[int]]) -> None:
    """Let training change just the rows of the ids that occur; undo with ``merge_rows``.

    Wrap before the ``Trainer`` is made, and train without weight decay on embeddings.

    Args:
        model: any model whose input layer has plain look-ups: one, or several side by side, each
            for all ids or for some (``"partial"``). Those that are frozen beside others stay so,
            and parts of other kinds are trained as they are.
        used_ids: the ``input_ids`` of the training rows.

    Raises:
        ValueError: if no id occurs, or the input layer has no plain look-up.
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
    """Put the plain embeddings back, with what was tuned."""
    for table in list(_tables(model, model.get_input_embeddings())):
        if isinstance(table.embedding, TunedRows):
            table.replace(table.embedding.merged())


class _Table(NamedTuple):
    """A look-up inside a model: where it stands, and the layer that maps ids to its rows."""

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
    """Find the plain look-ups of an input layer, whether their rows are tuned apart or not."""
    if isinstance(layer, nn.Embedding | TunedRows):
        yield _Table(owner, name, layer, None)
    elif isinstance(layer, PartialEmbedding):
        if isinstance(layer.table, nn.Embedding | TunedRows):
            yield _Table(layer, "table", layer.table, layer)
    elif isinstance(layer, JoinedEmbedding):
        for number, part in enumerate(layer.parts):
            yield from _tables(layer.parts, part, str(number))
