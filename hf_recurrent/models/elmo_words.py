"""The vectors of words in ELMo: a convolution over characters, and highway layers."""

from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from transformers import initialization as init

from .elmo_characters import BEGIN, END, FILLING, NUM_CHARACTERS, elmo_char_ids
from .embeddings import InputLayer, TableShape
from .own_weights import OwnWeights
from .word_cache import WordCache

ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh}


class CharacterFilters(OwnWeights):
    """Filters of one width over the characters of words, and the largest value of each.

    Args:
        character_size: Width of the vector of a character.
        width: How many characters a filter sees.
        number: Number of filters.
    """

    def __init__(self, character_size: int, width: int, number: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(number, character_size, width))
        self.bias = nn.Parameter(torch.empty(number))

    def forward(self, characters: Tensor) -> Tensor:
        """Return (words, number) of the vectors of characters (words, character_size, length)."""
        return nn.functional.conv1d(characters, self.weight, self.bias).amax(2)

    def init_weights(self, std: float) -> None:
        """Fill the filters by Glorot's rule."""
        init.xavier_uniform_(self.weight)
        init.zeros_(self.bias)


class Highway(OwnWeights):
    """A highway layer (Srivastava et al. 2015), ``g * relu(W x + b) + (1 - g) * x``.

    The gate ``g`` is ``sigmoid(W_g x + b_g)``.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.transform_weight = nn.Parameter(torch.empty(size, size))
        self.transform_bias = nn.Parameter(torch.empty(size))
        self.gate_weight = nn.Parameter(torch.empty(size, size))
        self.gate_bias = nn.Parameter(torch.empty(size))

    def forward(self, x: Tensor) -> Tensor:
        """Return (words, size) of x (words, size)."""
        linear = nn.functional.linear
        gate = torch.sigmoid(linear(x, self.gate_weight, self.gate_bias))
        return torch.lerp(x, linear(x, self.transform_weight, self.transform_bias).relu(), gate)

    def init_weights(self, std: float) -> None:
        """Let most of the input pass at first, by a bias of -2, as in the original."""
        init.xavier_uniform_(self.transform_weight)
        init.xavier_uniform_(self.gate_weight)
        init.zeros_(self.transform_bias)
        init.constant_(self.gate_bias, -2.0)


class ElmoWords(InputLayer):
    """The vector of each word from its characters (Kim et al. 2016, as in Peters et al. 2018).

    The token id does not matter. ``forward`` takes ``char_ids`` (batch, time,
    ``max_characters_per_token``) from ``ElmoTokenizer``. A token without characters, such as
    padding, has the zero vector. Each distinct word of a batch is computed once, and with
    ``cache`` set each word of all batches; see ``word_cache.py``.

    Args:
        shape: Number of token ids and padding, which no weight depends on.
        fields: Those of ``ElmoConfig`` with these names.
    """

    needs_size: ClassVar[bool] = False
    extra_inputs: tuple[str, ...] = ("char_ids",)
    fields: ClassVar[dict[str, Any]] = {
        "character_size": 16,
        "max_characters_per_token": 50,
        "filters": ((1, 32), (2, 32), (3, 64), (4, 128), (5, 256), (6, 512), (7, 1024)),
        "num_highway_layers": 2,
        "activation": "relu",
        "hidden_size": 512,
    }

    def __init__(self, shape: TableShape, fields: dict[str, Any]) -> None:
        super().__init__(shape, fields)
        self.longest_word: int = fields["max_characters_per_token"]
        self.activation = fields["activation"]
        width, size = sum(number for _, number in fields["filters"]), fields["character_size"]
        self.widest: int = max(width for width, _ in fields["filters"])
        self.character_weight = nn.Parameter(torch.empty(NUM_CHARACTERS, size))
        self.filters = nn.ModuleList(CharacterFilters(size, *each) for each in fields["filters"])
        self.highways = nn.ModuleList(Highway(width) for _ in range(fields["num_highway_layers"]))
        # As in the original, there is no projection where the widths are equal.
        narrows = width != self.embedding_dim
        self.projection = nn.Linear(width, self.embedding_dim) if narrows else None
        self.cache: WordCache | None = None

    @classmethod
    def check(cls, shape: TableShape, fields: dict[str, Any]) -> int:
        """Return ``hidden_size``; ``ElmoConfig`` has checked the fields."""
        return int(fields["hidden_size"])

    def boundaries(self) -> Tensor:
        """Return the vectors (2, hidden_size) of the begin and the end of a sentence."""
        marks = [elmo_char_ids(word, self.longest_word) for word in (BEGIN, END)]
        return self.compute(torch.tensor(marks, device=self.character_weight.device))

    def extra_examples(self) -> dict[str, Tensor]:
        """Return the characters of two words."""
        return {"char_ids": torch.tensor([[elmo_char_ids("A", self.longest_word)] * 2])}

    def forward(self, input_ids: Tensor, **extra: Tensor) -> Tensor:
        """Return the vectors (batch, time, hidden_size) of tokens.

        Args:
            input_ids: (batch, time), used for their shape only.
            **extra: ``char_ids`` (batch, time, max_characters_per_token).

        Raises:
            ValueError: If tokens have another number of characters, or a character id has no vector
                (checked on a CPU only).
        """
        char_ids = extra["char_ids"]
        if char_ids.shape[-1] != self.longest_word:
            raise ValueError(
                f"char_ids has shape {tuple(char_ids.shape)}, expected max_characters_per_token "
                f"{self.longest_word} ids for each token: take the tokenizer that belongs to the "
                "model (ElmoTokenizer)"
            )
        if char_ids.is_floating_point() and char_ids.numel():
            raise ValueError(f"char_ids are {char_ids.dtype}, expected integers: ids of characters")
        flat = char_ids.reshape(input_ids.numel(), self.longest_word)
        if not flat.numel():
            return self.character_weight.new_zeros(*input_ids.shape, self.embedding_dim)
        if flat.device.type == "cpu":
            low, high = (int(value) for value in flat.aminmax())
            if low < 0 or high >= NUM_CHARACTERS:
                raise ValueError(
                    f"char_ids holds {low if low < 0 else high}, expected ids from 0 to "
                    f"{NUM_CHARACTERS - 1}: take the tokenizer that belongs to the model "
                    "(ElmoTokenizer)"
                )
        words, place = torch.unique(flat, dim=0, return_inverse=True)
        vectors = self.compute(words) if self.cache is None else self.cache(self, words)
        vectors = vectors.where((words != 0).any(1, keepdim=True), 0)
        return vectors[place].view(*input_ids.shape, self.embedding_dim)

    def compute(self, words: Tensor) -> Tensor:
        """Return the vectors (words, hidden_size) of character ids (words, characters)."""
        # Windows that see only the filling are all alike, so one of them for each word is enough.
        used = ((words != FILLING) & (words != 0)).any(0).nonzero()
        longest = int(used[-1]) + 1 if len(used) else 1
        words = words[:, : longest + self.widest]
        # Id 0 has no vector: it is that of a token that is not there.
        rows = nn.functional.embedding(words, self.character_weight)
        characters = rows.where((words != 0).unsqueeze(-1), 0).transpose(1, 2)
        activation = ACTIVATIONS[self.activation]
        x = torch.cat([activation(filters(characters)) for filters in self.filters], dim=1)
        for highway in self.highways:
            x = highway(x)
        return x if self.projection is None else self.projection(x)

    def init_weights(self, std: float) -> None:
        """Fill the vectors of characters from a uniform distribution of variance 1 / size."""
        bound = (3 / self.character_weight.shape[1]) ** 0.5
        init.uniform_(self.character_weight, -bound, bound)

    def resize(self, vocab_size: int, std: float, mean_resizing: bool) -> None:
        """Change the number of token ids; no weight depends on it."""
        self.num_embeddings = vocab_size

    def extra_repr(self) -> str:
        """Show the sizes in the printed model."""
        return f"{NUM_CHARACTERS}, {self.embedding_dim}"
