"""Word vectors from characters: the shared base class, and the LSTM of Lample et al. (2016)."""

from abc import abstractmethod
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from transformers import initialization as init

from .embeddings import InputLayer, TableShape
from .ragged import RaggedBatch
from .recurrent_layer import RecurrentLayer, call_layer


class CharEmbedding(InputLayer):
    """Base class of layers that compute the vector of a word from its characters.

    The token id of the word does not matter. ``forward`` takes ``char_ids`` (batch, time,
    characters) from ``CharTokenizer``, with 0 after the end of a word. A token without characters,
    such as padding, has the zero vector. Each distinct word of a batch is computed once, so in
    training all its occurrences share one dropout mask.

    No weight depends on the number of token ids, so ``resize`` changes no weight.
    """

    needs_size: ClassVar[bool] = False
    extra_inputs: tuple[str, ...] = ("char_ids",)
    tokenizer_fields: ClassVar[tuple[str, ...]] = ("num_characters",)
    sizes: ClassVar[tuple[str, ...]] = ("num_characters", "character_size")

    def __init__(self, shape: TableShape, fields: dict[str, Any]) -> None:
        super().__init__(shape, fields)
        self.num_characters = fields["num_characters"]
        self.character_dropout = float(fields["character_dropout"])
        self.character_weight = nn.Parameter(
            torch.empty(self.num_characters, fields["character_size"])
        )

    @classmethod
    def check_fields(cls, fields: dict[str, Any]) -> None:
        """Check sizes and dropout; raise a ``ValueError`` that names the field."""
        for name in cls.sizes:
            value = fields[name]
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(
                    f"embedding_config: {name} is {value!r}, expected a whole number of at least 1"
                )
        dropout = fields["character_dropout"]
        is_number = isinstance(dropout, int | float) and not isinstance(dropout, bool)
        if not is_number or not 0 <= dropout < 1:
            raise ValueError(
                f"embedding_config: character_dropout is {dropout!r}, expected at least 0 and "
                "below 1"
            )

    def forward(self, input_ids: Tensor, **extra: Tensor) -> Tensor:
        """Return the vectors (batch, time, embedding_dim) of tokens.

        Args:
            input_ids: (batch, time), used for their shape only.
            **extra: ``char_ids`` (batch, time, characters).

        Raises:
            ValueError: If a character id has no vector (checked on a CPU only).
        """
        char_ids = extra["char_ids"]
        flat = char_ids.reshape(input_ids.numel(), char_ids.shape[-1])
        if not flat.numel():
            return self.character_weight.new_zeros(*input_ids.shape, self.embedding_dim)
        if flat.device.type == "cpu":
            low, high = (int(value) for value in flat.aminmax())
            if low < 0 or high >= self.num_characters:
                raise ValueError(
                    f"char_ids holds {low if low < 0 else high}, but the model's input layer has "
                    f"characters 0 to {self.num_characters - 1}: take the tokenizer that belongs "
                    "to the model"
                )
        used = (flat != 0).any(0).nonzero()
        longest = int(used[-1]) + 1 if len(used) else 1
        words, place = torch.unique(flat[:, :longest], dim=0, return_inverse=True)
        mask = words != 0
        characters = nn.functional.embedding(words, self.character_weight)
        characters = nn.functional.dropout(characters, self.character_dropout, self.training)
        vectors = self.compose(characters.where(mask.unsqueeze(-1), 0), mask)
        return vectors[place].view(*input_ids.shape, self.embedding_dim)

    @abstractmethod
    def compose(self, characters: Tensor, mask: Tensor) -> Tensor:
        """Return the vectors of words (words, embedding_dim), zeros for a word without characters.

        Args:
            characters: (words, length, character_size), 0 after the end of a word.
            mask: (words, length), true on characters.
        """

    def init_weights(self, std: float) -> None:
        """Fill the vectors of characters from a uniform distribution of variance 1 / size."""
        bound = (3 / self.character_weight.shape[1]) ** 0.5
        init.uniform_(self.character_weight, -bound, bound)

    def resize(self, vocab_size: int, std: float, mean_resizing: bool) -> None:
        """Change the number of token ids; no weight depends on it."""
        self.num_embeddings = vocab_size


class CharLstmEmbedding(CharEmbedding):
    """The last states of an LSTM that reads a word forward and backward (Lample et al. 2016).

    ``embedding_config``:

    - ``num_characters``: number of character ids, the same as the tokenizer's;
    - ``character_size``: width of a character's vector;
    - ``character_dropout``: dropout on the characters' vectors;
    - ``character_hidden_size``: width of each direction; a word's vector is twice as wide.
    """

    fields: ClassVar[dict[str, Any]] = {
        "num_characters": ...,
        "character_size": 25,
        "character_hidden_size": 25,
        "character_dropout": 0.0,
    }
    sizes: ClassVar[tuple[str, ...]] = (*CharEmbedding.sizes, "character_hidden_size")

    def __init__(self, shape: TableShape, fields: dict[str, Any]) -> None:
        super().__init__(shape, fields)
        self.hidden_size = fields["character_hidden_size"]
        self.lstm = RecurrentLayer("lstm", fields["character_size"], self.hidden_size, True)

    @classmethod
    def check(cls, shape: TableShape, fields: dict[str, Any]) -> int:
        """Return twice ``character_hidden_size``."""
        cls.check_fields(fields)
        return 2 * int(fields["character_hidden_size"])

    def compose(self, characters: Tensor, mask: Tensor) -> Tensor:
        """Return the last state of both directions."""
        state = characters.new_zeros(len(characters), 2, self.hidden_size)
        ragged = RaggedBatch.from_mask(mask)
        last = call_layer(self.lstm, characters, ragged, state, state, need_cell=False)
        return last.hidden.flatten(1)
