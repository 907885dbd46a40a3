"""ELMo as the input layer of other models, frozen or trained, alone or beside word vectors."""

from typing import Any, ClassVar

import torch
from huggingface_hub.errors import StrictDataclassError
from torch import Tensor

from .configuration_elmo import ElmoConfig
from .elmo_encoder import ElmoEncoder
from .embeddings import InputLayer, TableShape
from .sentence_store import SentenceStore

_ENCODER_FIELDS = (
    "character_size",
    "max_characters_per_token",
    "filters",
    "num_highway_layers",
    "activation",
    "hidden_size",
    "cell_size",
    "num_hidden_layers",
    "cell_clip",
    "projection_clip",
    "residual",
    "mix_layer_norm",
)


class ElmoEmbedding(ElmoEncoder, InputLayer):
    """The mix of ELMo's layers as the vectors of words, for every head that reads both directions.

    The token id does not matter. ``forward`` takes ``char_ids`` from ``ElmoTokenizer``. Each
    sentence is read from fresh states. A token without characters is not read and has the zero
    vector.

    There is no dropout inside. The names of the weights are those of ``ElmoModel``.

    ``embedding_config``: fields of ``ElmoConfig``, with its defaults, and one more:

    - ``character_size``, ``max_characters_per_token``, ``filters``, ``num_highway_layers``,
      ``activation``: how the vector of a word is computed from its characters;
    - ``hidden_size``, ``cell_size``, ``num_hidden_layers``, ``cell_clip``, ``projection_clip``,
      ``residual``: the layers;
    - ``mix_layer_norm``: the mix of the layers;
    - ``freeze_language_model``: whether training changes only the mix (true by default), as in the
      experiments of Peters et al. (2018). ``freeze_embeddings``, or ``frozen`` of a joined part,
      keeps the mix too.

    Attributes:
        store: Where the layers of sentences are kept; see ``keep_sentences``.
    """

    needs_size: ClassVar[bool] = False
    is_contextual: ClassVar[bool] = True
    extra_inputs: tuple[str, ...] = ("char_ids",)
    tokenizer_fields: ClassVar[tuple[str, ...]] = ("max_characters_per_token",)
    fields: ClassVar[dict[str, Any]] = {
        **{name: getattr(ElmoConfig, name) for name in _ENCODER_FIELDS},
        "freeze_language_model": True,
    }

    def __init__(self, shape: TableShape, fields: dict[str, Any]) -> None:
        super().__init__(shape, fields)
        self.add_encoder(_config(shape, fields))
        self.freeze_language_model: bool = fields["freeze_language_model"]
        self.store: SentenceStore | None = None

    @classmethod
    def check(cls, shape: TableShape, fields: dict[str, Any]) -> int:
        """Return twice ``hidden_size``."""
        return _config(shape, fields).output_size

    def freeze_as_configured(self) -> None:
        """Keep all but the mix out of training if ``freeze_language_model`` is set."""
        if self.freeze_language_model:
            for part in self.language_model_parts():
                part.requires_grad_(False)

    def keep_sentences(self, folder: str | None = None, half: bool = False) -> None:
        """Compute the layers of each sentence once, while the language model is not trained.

        They are kept in a temporary file that is mapped into memory, so from the second epoch on
        training reads the language model's vectors from there. The mix is still trained.

        Args:
            folder: Folder of the file; ``None`` for the usual one of temporary files. The file is
                gone when the process ends. It takes ``hidden_size`` times twice the number of LSTM
                layers plus 1 numbers for each word: 10 KB with the large published model.
            half: Whether to keep the numbers in half precision.

        Raises:
            OSError: If there can be no file in the folder.
        """
        size = self.sizes[0] * (2 * len(self.layers) + 1)
        self.store = SentenceStore(size, folder, torch.float16 if half else torch.float32)

    def extra_examples(self) -> dict[str, Tensor]:
        """Return the characters of two words."""
        return self.embed_tokens.extra_examples()

    def forward(self, input_ids: Tensor, **extra: Tensor) -> Tensor:
        """Return the vectors (batch, time, embedding_dim) of tokens.

        Args:
            input_ids: (batch, time), used for their shape only.
            **extra: ``char_ids`` (batch, time, max_characters_per_token).

        Raises:
            ValueError: If the characters are of another tokenizer.
        """
        char_ids = extra["char_ids"]
        mask = (char_ids != 0).any(-1)
        if self.store is None or self._trains_language_model():
            return self.mix(self._layers(char_ids), mask)
        parts = [p for part in self.language_model_parts() for p in part.parameters()]
        kept = self.store(lambda rows: self._kept_of(char_ids[rows]), char_ids, mask, parts)
        words, *others = kept.to(parts[0].dtype).split(self._widths(), dim=-1)
        return self.mix([torch.cat([words, words], dim=-1), *others], mask)

    def _layers(self, char_ids: Tensor) -> list[Tensor]:
        vectors = self.embed_tokens(char_ids[..., 0], char_ids=char_ids)
        return self.encode(vectors, (char_ids != 0).any(-1)).layers

    def _kept_of(self, char_ids: Tensor) -> Tensor:
        """Return all layers side by side, the words once."""
        words, *others = self._layers(char_ids)
        return torch.cat([words[..., : self.sizes[0]], *others], dim=-1)

    def _widths(self) -> list[int]:
        return [self.sizes[0]] + [self.embedding_dim] * len(self.layers)

    def _trains_language_model(self) -> bool:
        return torch.is_grad_enabled() and any(
            p.requires_grad for part in self.language_model_parts() for p in part.parameters()
        )

    def resize(self, vocab_size: int, std: float, mean_resizing: bool) -> None:
        """Change the number of token ids; no weight depends on it."""
        self.num_embeddings = self.embed_tokens.num_embeddings = vocab_size


def _config(shape: TableShape, fields: dict[str, Any]) -> ElmoConfig:
    given = {name: fields[name] for name in _ENCODER_FIELDS}
    if not isinstance(fields["freeze_language_model"], bool):
        raise ValueError(
            f"embedding_config: freeze_language_model is {fields['freeze_language_model']!r}, "
            "expected true or false"
        )
    try:
        return ElmoConfig(vocab_size=shape.vocab_size, pad_token_id=shape.pad_token_id, **given)
    except (StrictDataclassError, ValueError) as error:
        raise ValueError(f"embedding_config: {' '.join(str(error).split())}") from None
