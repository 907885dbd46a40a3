"""FastText vectors inside a model: the row of a word and the rows of its n-grams."""

from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from transformers import initialization as init
from transformers.utils import logging

from .embeddings import InputLayer, TableShape, copy_rows, grown, init_rows

logger = logging.get_logger(__name__)


class NgramEmbedding(InputLayer):
    """The mean of the row of a word and the rows of its n-grams (Bojanowski et al. 2017).

    An unseen word has no row: its vector is the mean over its n-grams. The vector of a token
    without n-grams, such as padding, is its row. An unseen word without n-grams has the row of
    ``unk_token_id``.

    ``embedding_config``:

    - ``min_n``, ``max_n``, ``bucket``: how the tokenizer cuts and hashes, see ``ngrams.py``;
    - ``unk_token_id``: the id of all unseen words; ``None`` if there is none;
    - ``kept``: how many buckets have a row if some were pruned; ``None`` if all have one. An n-gram
      whose bucket was pruned is left out of the mean, with one warning. An unseen word whose
      n-grams were all pruned has the row of ``unk_token_id``.
    """

    fields: ClassVar[dict[str, Any]] = {
        "min_n": ...,
        "max_n": ...,
        "bucket": ...,
        "kept": None,
        "unk_token_id": None,
    }
    extra_inputs: tuple[str, ...] = ("ngram_ids",)
    tokenizer_fields: ClassVar[tuple[str, ...]] = ("min_n", "max_n", "bucket")

    def __init__(self, shape: TableShape, fields: dict[str, Any]) -> None:
        super().__init__(shape, fields)
        self.bucket, self.unk_token_id = fields["bucket"], fields["unk_token_id"]
        kept = fields["kept"]
        rows = self.bucket if kept is None else kept
        self.weight = nn.Parameter(torch.empty(self.num_embeddings, self.embedding_dim))
        self.ngram_weight = nn.Parameter(torch.empty(rows, self.embedding_dim))
        # The buckets that have a row, in ascending order; without it row i is that of bucket i.
        self.kept: Tensor | None
        self.register_buffer("kept", None if kept is None else torch.arange(kept))

    @classmethod
    def check(cls, shape: TableShape, fields: dict[str, Any]) -> int:
        """Return ``embedding_size``."""
        for name, low, high in (
            ("min_n", 1, fields["max_n"]),
            ("bucket", 1, None),
            ("kept", 1, fields["bucket"]),
            ("unk_token_id", 0, shape.vocab_size - 1),
        ):
            value = fields[name]
            if value is None and cls.fields[name] is None:
                continue
            whole = isinstance(value, int) and not isinstance(value, bool)
            if not whole or value < low or (isinstance(high, int) and value > high):
                upper = f" and at most {high}" if high is not None else ""
                raise ValueError(
                    f"embedding_config: {name} is {value!r}, expected a whole number of at least "
                    f"{low}{upper}"
                )
        if not isinstance(fields["max_n"], int):
            raise ValueError(
                f"embedding_config: max_n is {fields['max_n']!r}, expected a whole number"
            )
        return shape.embedding_size

    def forward(self, input_ids: Tensor, **extra: Tensor) -> Tensor:
        """Return the vectors of tokens.

        Args:
            input_ids: (batch, time).
            **extra: ``ngram_ids`` (batch, time, n), 1 + the bucket of each n-gram, 0 for none.
        """
        ngram_ids = extra["ngram_ids"]
        own = nn.functional.embedding(input_ids, self.weight, self.padding_idx)
        rows, counts = self._rows(ngram_ids)
        sums = nn.functional.embedding_bag(
            rows, self.ngram_weight, counts.cumsum(0) - counts, mode="sum"
        )
        counts = counts.view(*input_ids.shape, 1)
        has_row = torch.ones_like(counts)
        if self.unk_token_id is not None:
            unseen = (input_ids == self.unk_token_id).unsqueeze(-1)
            has_row = (~unseen | (counts == 0)).to(counts.dtype)
        total = own * has_row + sums.view(own.shape)
        return total / (has_row + counts).to(own.dtype)

    def _rows(self, ngram_ids: Tensor) -> tuple[Tensor, Tensor]:
        """Return the rows (all n-grams,) of tokens, and their number for each token (tokens,)."""
        present = ngram_ids > 0
        buckets = ngram_ids[present] - 1
        if len(buckets) and buckets.device.type == "cpu" and int(buckets.max()) >= self.bucket:
            raise ValueError(
                f"ngram_ids holds {int(buckets.max()) + 1}, but the model's input layer has bucket "
                f"{self.bucket}: take the tokenizer that belongs to the model"
            )
        if self.kept is None:
            return buckets, present.flatten(0, 1).sum(1)
        rows = torch.searchsorted(self.kept, buckets).clamp(max=len(self.kept) - 1)
        found = self.kept[rows] == buckets
        if not found.all():
            logger.warning_once(
                "Some n-grams stand in buckets that were pruned: they are left out of their words' "
                "vectors, and an unseen word without any other has the vector of unknown words."
            )
        present = present.masked_scatter(present, found)
        return rows[found], present.flatten(0, 1).sum(1)

    def init_weights(self, std: float) -> None:
        """Initialise both tables like an ``nn.Embedding``."""
        init_rows(self.weight, self.padding_idx, std)
        init.normal_(self.ngram_weight, mean=0.0, std=std)
        if self.kept is not None:
            init.copy_(self.kept, torch.arange(len(self.kept)))

    def set_word_vectors(self, vectors: Any) -> None:
        """Copy a matrix (vocab_size, embedding_dim) into the rows of words."""
        copy_rows(self.weight, vectors)

    def resize(self, vocab_size: int, std: float, mean_resizing: bool) -> None:
        """Remove rows of words at the end, or add new ones; n-grams do not change."""
        self.weight = grown(self.weight, vocab_size, std, mean_resizing)
        self.num_embeddings = vocab_size
