"""Tuning only the rows of an embedding that training can change.

A word that never occurs in the training texts gets no gradient, so Adam without weight decay leaves
its row as it is; yet the optimizer, the clipping and the gradient itself pay for every row. Tuning
the rows that do occur apart from the rest gives the same model, and makes a vocabulary of all the
words of a vector file affordable.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel


class TunedRows(nn.Module):
    """An embedding of which some rows are tuned and all others stay.

    Its state is that of the plain embedding, so that checkpoints made in training load without it.

    Args:
        embedding: the whole look-up; its rows are taken over.
        rows: (tuned,) ids of the rows to tune, each once.
    """

    def __init__(self, embedding: nn.Embedding, rows: Tensor) -> None:
        super().__init__()
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


def tune_rows(model: PreTrainedModel, used_ids: Iterable[Sequence[int]]) -> None:
    """Let training change just the rows of the ids that occur; undo with ``merge_rows``.

    Wrap before the ``Trainer`` is made, and train without weight decay on embeddings.

    Args:
        model: any model whose input embedding is a plain look-up.
        used_ids: the ``input_ids`` of the training rows.

    Raises:
        ValueError: if no id occurs, or the input layer is no plain look-up.
    """
    embedding = model.get_input_embeddings()
    if not isinstance(embedding, nn.Embedding):
        raise ValueError(
            f"the input layer is {type(embedding).__name__}, and only the rows of a plain look-up "
            "can be tuned apart from the rest: train it as it is, or freeze it"
        )
    padding = -1 if embedding.padding_idx is None else embedding.padding_idx
    used = [np.empty(0, dtype=np.int64), *(np.asarray(row, dtype=np.int64) for row in used_ids)]
    ids = np.setdiff1d(np.concatenate(used), [padding])
    if not len(ids):
        raise ValueError("no id occurs in the training rows, so no row can be tuned")
    rows = torch.from_numpy(ids).to(embedding.weight.device)
    model.set_input_embeddings(TunedRows(embedding, rows))


def merge_rows(model: PreTrainedModel) -> None:
    """Put the plain embedding back, with what was tuned."""
    embedding = model.get_input_embeddings()
    if isinstance(embedding, TunedRows):
        model.set_input_embeddings(embedding.merged())
