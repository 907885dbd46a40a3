"""Word vectors from a convolution over characters, as in Ma and Hovy (2016)."""

from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from transformers import initialization as init

from .char_embedding import CharEmbedding
from .embeddings import TableShape


class CharCnnEmbedding(CharEmbedding):
    """The largest value of each filter over a word's windows of characters (Ma and Hovy 2016).

    There is a window around each character. At the ends of a word the window is filled with zeros,
    so a word has the same vector whatever other words are in the batch. The values pass through
    tanh.

    ``embedding_config``:

    - ``num_characters``: number of character ids, the same as the tokenizer's;
    - ``character_size``: width of a character's vector;
    - ``character_dropout``: dropout on the characters' vectors;
    - ``filters``: number of filters, which is the width of a word's vector;
    - ``window``: width of a window, an odd number of characters.
    """

    fields: ClassVar[dict[str, Any]] = {
        "num_characters": ...,
        "character_size": 30,
        "filters": 30,
        "window": 3,
        "character_dropout": 0.0,
    }
    sizes: ClassVar[tuple[str, ...]] = (*CharEmbedding.sizes, "filters", "window")

    def __init__(self, shape: TableShape, fields: dict[str, Any]) -> None:
        super().__init__(shape, fields)
        self.window = fields["window"]
        size = (fields["filters"], fields["character_size"], self.window)
        self.filter_weight = nn.Parameter(torch.empty(size))
        self.filter_bias = nn.Parameter(torch.empty(fields["filters"]))

    @classmethod
    def check(cls, shape: TableShape, fields: dict[str, Any]) -> int:
        """Return ``filters``."""
        cls.check_fields(fields)
        if fields["window"] % 2 == 0:
            raise ValueError(
                f"embedding_config: window is {fields['window']}, expected an odd number, which "
                "stands around a character"
            )
        return int(fields["filters"])

    def compose(self, characters: Tensor, mask: Tensor) -> Tensor:
        """Return the largest value of each filter over the windows of a word."""
        values = nn.functional.conv1d(
            characters.transpose(1, 2),
            self.filter_weight,
            self.filter_bias,
            padding=self.window // 2,
        )
        lowest = torch.finfo(values.dtype).min
        best = values.masked_fill(~mask.unsqueeze(1), lowest).amax(2).tanh()
        return best.where(mask.any(1, keepdim=True), 0)

    def init_weights(self, std: float) -> None:
        """Fill the filters by Glorot's rule, and then the vectors of the characters."""
        super().init_weights(std)
        init.xavier_uniform_(self.filter_weight)
        init.zeros_(self.filter_bias)
