"""A look-up in which some ids have a row of their own, and all others share one row."""

from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from transformers import initialization as init

from .embeddings import InputLayer, TableShape, resize_layer, set_word_vectors


class PartialEmbedding(InputLayer):
    """A table with fewer rows than ids, and the row number of each id.

    This is for vocabularies in which many words have no vector: these words share one row. The
    table begins with the zeros of the padding, if there is padding, and the shared row. The rows of
    all other ids follow, in the order of the ids.

    ``embedding_config``:

    - ``rows``: how many rows the table has, including the first one or two;
    - ``table``: ``kind`` and fields of the layer that holds the rows, if it is a compressed one and
      not the plain look-up.
    """

    fields: ClassVar[dict[str, Any]] = {"rows": ..., "table": None}

    def __init__(self, shape: TableShape, fields: dict[str, Any]) -> None:
        super().__init__(shape, fields)
        self.shared_row = 0 if self.padding_idx is None else 1
        padding = None if self.padding_idx is None else 0
        self.table = _make_table(
            TableShape(fields["rows"], self.embedding_dim, padding), fields["table"]
        )
        # (vocab_size,) the row of each id, as 32-bit integers.
        self.row_of_id: Tensor
        self.register_buffer("row_of_id", self._fresh_rows())

    @classmethod
    def check(cls, shape: TableShape, fields: dict[str, Any]) -> int:
        """Return ``embedding_size``."""
        rows, table = fields["rows"], fields["table"]
        low = 1 if shape.pad_token_id is None else 2
        high = shape.vocab_size + 1
        if not isinstance(rows, int) or isinstance(rows, bool) or not low <= rows <= high:
            raise ValueError(
                f"embedding_config: rows is {rows!r}, expected a whole number from {low} to {high}"
            )
        if table is not None:
            from .input_layers import fields_of_kind  # it imports this module

            if not isinstance(table, dict):
                raise ValueError(f"embedding_config: table is {table!r}, expected a dictionary")
            kind, own = fields_of_kind(table)
            if not kind.is_table:
                raise ValueError(
                    f"embedding_config: table is of the kind {table['kind']!r}, expected one that "
                    "has a row for each id and nothing else"
                )
            kind.check(shape._replace(vocab_size=rows), own)
        return shape.embedding_size

    def forward(self, input_ids: Tensor, **extra: Tensor) -> Tensor:
        """Look up ids (batch, time)."""
        vectors: Tensor = self.table(self.rows_of(input_ids))
        return vectors

    def rows_of(self, input_ids: Tensor) -> Tensor:
        """Return the rows of ids, of any shape.

        Raises:
            IndexError: If an id is out of range (checked on a CPU only).
        """
        return nn.functional.embedding(input_ids, self.row_of_id.unsqueeze(1)).squeeze(-1)

    def init_weights(self, std: float) -> None:
        """Give the first ids rows of their own; the table initialises itself."""
        init.copy_(self.row_of_id, self._fresh_rows())

    def set_word_vectors(self, vectors: Any) -> None:
        """Copy a matrix (vocab_size, embedding_dim); a shared row gets the mean of its ids."""
        matrix = torch.as_tensor(vectors)
        if matrix.shape != (self.num_embeddings, self.embedding_dim):
            raise ValueError(
                f"the word vectors have shape {tuple(matrix.shape)}, but the model's input layer "
                f"has {(self.num_embeddings, self.embedding_dim)} (vocab_size, embedding_size): "
                "make the matrix for this model's tokenizer"
            )
        rows = self.row_of_id.to(matrix.device).long()
        own = rows != self.shared_row
        table = matrix.new_zeros(self.table.num_embeddings, self.embedding_dim)
        table[rows[own]] = matrix[own]
        if not own.all():
            table[self.shared_row] = matrix[~own].double().mean(0).to(table.dtype)
        set_word_vectors(self.table, table)

    def resize(self, vocab_size: int, std: float, mean_resizing: bool) -> None:
        """Remove ids at the end with their rows, or add new ids with rows of their own."""
        rows = self.row_of_id[:vocab_size]
        size: int = self.table.num_embeddings
        if vocab_size < self.num_embeddings:
            size = max(self.shared_row, int(rows.max())) + 1
        added = vocab_size - len(rows)
        resize_layer(self.table, size + added, std, mean_resizing)
        fresh = torch.arange(size, size + added, dtype=rows.dtype, device=rows.device)
        self.row_of_id = torch.cat([rows, fresh])
        self.num_embeddings = vocab_size
        if self.padding_idx is not None and self.padding_idx >= vocab_size:
            self._drop_padding()

    def _drop_padding(self) -> None:
        """Remove the row of the padding if no id uses it any more."""
        weight = self.table.weight
        self.table.weight = nn.Parameter(weight.detach()[1:], requires_grad=weight.requires_grad)
        self.table.num_embeddings -= 1
        self.padding_idx = self.table.padding_idx = None
        self.row_of_id = self.row_of_id - 1
        self.shared_row = 0

    def resized_fields(self) -> dict[str, Any]:
        """Return the number of rows."""
        return {"rows": self.table.num_embeddings}

    def _fresh_rows(self) -> Tensor:
        """Return the row of each id in a fresh layer: the first ids have rows of their own."""
        ids = torch.arange(self.num_embeddings)
        rows = ids + self.shared_row + 1
        if self.padding_idx is not None:
            rows = torch.where(ids > self.padding_idx, rows - 1, rows)
        rows = torch.where(rows < self.table.num_embeddings, rows, self.shared_row)
        if self.padding_idx is not None:
            rows = torch.where(ids == self.padding_idx, 0, rows)
        return rows.to(torch.int32)


def _make_table(shape: TableShape, config: dict[str, Any] | None) -> Any:
    from .input_layers import fields_of_kind  # it imports this module

    if config is None:
        return nn.Embedding(*shape)
    kind, fields = fields_of_kind(config)
    return kind(shape, fields)
