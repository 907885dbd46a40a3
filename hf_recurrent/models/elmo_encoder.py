"""The bidirectional language model of ELMo without its output layer: words, layers and mix."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from .bounded_sentences import BoundedSentences
from .elmo_words import ElmoWords
from .embeddings import LockedDropout, TableShape
from .projected_cell import Clips
from .projected_layer import ProjectedLstm
from .scalar_mix import ScalarMix
from .word_cache import WordCache


class ElmoReading(NamedTuple):
    """What the encoder has computed for a batch.

    Attributes:
        layers: (batch, time, 2 * hidden_size) for each layer, 0 on padding: the vectors of the
            words, twice side by side, and each LSTM layer, forward and backward side by side.
        top: The last layer of each direction over all steps with their boundaries, packed.
        sentences: The layout of the steps.
        hidden: (batch, layers * 2, hidden_size) the final hidden states.
        cell: (batch, layers * 2, cell_size) the final cell states.
    """

    layers: list[Tensor]
    top: list[Tensor]
    sentences: BoundedSentences
    hidden: Tensor
    cell: Tensor


class ElmoEncoder:
    """The parts of ELMo, for ``ElmoModel`` and for the input layer of other models.

    A class lists this one beside a class of ``nn.Module``, and calls ``add_encoder``. Its
    parameters are ``embed_tokens``, ``layers.N.D`` (D is 0 for forward and 1 for backward) and
    ``mix``.
    """

    embed_tokens: ElmoWords
    layers: nn.ModuleList
    mix: ScalarMix
    embedding_dropout: LockedDropout
    hidden_dropout: LockedDropout

    def add_encoder(self, config: Any) -> None:
        """Make the parts that an ``ElmoConfig`` describes."""
        shape = TableShape(config.vocab_size, config.hidden_size, config.pad_token_id)
        fields = {name: getattr(config, name) for name in ElmoWords.fields}
        self.residual, self.sizes = config.residual, (config.hidden_size, config.cell_size)
        self.embed_tokens = ElmoWords(shape, fields)
        self.embedding_dropout = LockedDropout(config.embedding_dropout, locked=False)
        self.hidden_dropout = LockedDropout(config.hidden_dropout, locked=False)
        clips = Clips(config.cell_clip, config.projection_clip)
        size = config.hidden_size
        self.layers = nn.ModuleList(
            nn.ModuleList(ProjectedLstm(size, size, config.cell_size, clips) for _ in range(2))
            for _ in range(config.num_hidden_layers)
        )
        self.mix = ScalarMix(config.num_hidden_layers + 1, config.mix_layer_norm)

    def language_model_parts(self) -> list[nn.Module]:
        """Return all parts but the mix."""
        return [self.embed_tokens, self.layers]

    def cache_words(self, limit: int = 50_000) -> None:
        """Keep the vectors of words that were computed, while no gradient of them is asked for.

        Args:
            limit: Largest number of words; each takes ``hidden_size`` numbers.

        Raises:
            ValueError: If ``limit`` is below 1.
        """
        self.embed_tokens.cache = WordCache(limit)

    def encode(
        self,
        vectors: Tensor,
        mask: Tensor,
        initial_hidden_state: Tensor | None = None,
        initial_cell_state: Tensor | None = None,
    ) -> ElmoReading:
        """Run the layers over the vectors of words.

        Args:
            vectors: (batch, time, hidden_size) of ``embed_tokens``.
            mask: (batch, time, bool), true on real tokens.
            initial_hidden_state: (batch, layers * 2, hidden_size); zeros if not given.
            initial_cell_state: (batch, layers * 2, cell_size); zeros if not given.

        Raises:
            ValueError: If a state has a wrong shape.
        """
        rows = 2 * len(self.layers)
        hidden, cell = (
            _state(given, name, vectors, rows, size)
            for given, name, size in zip(
                (initial_hidden_state, initial_cell_state),
                ("initial_hidden_state", "initial_cell_state"),
                self.sizes,
                strict=True,
            )
        )
        vectors = vectors.where(mask.unsqueeze(-1), 0)
        sentences = BoundedSentences.of(mask)
        layers = [torch.cat([vectors, vectors], dim=-1)]
        if not sentences.ragged.counts:
            nothing = torch.zeros_like(layers[0])
            top = [vectors.new_zeros(0, vectors.shape[2])] * 2
            return ElmoReading(layers + [nothing] * len(self.layers), top, sentences, hidden, cell)
        words = sentences.pack(vectors, self.embed_tokens.boundaries().to(vectors.dtype))
        top, finals_h, finals_c = [words, words], [], []
        for number, layer in enumerate(self.layers):
            directions: Any = layer
            drop = self.hidden_dropout if number else self.embedding_dropout
            for reverse, lstm in enumerate(directions):
                inputs = drop(top[reverse].unsqueeze(0)).squeeze(0)
                place = 2 * number + reverse
                output, final_h, final_c = lstm(
                    inputs, sentences.ragged, hidden[:, place], cell[:, place], bool(reverse)
                )
                # The first layer has no skip connection, as in the original.
                top[reverse] = output + inputs if self.residual and number else output
                finals_h.append(final_h)
                finals_c.append(final_c)
            layers.append(torch.cat([sentences.tokens(side) for side in top], dim=-1))
        return ElmoReading(
            layers, top, sentences, torch.stack(finals_h, dim=1), torch.stack(finals_c, dim=1)
        )


def _state(given: Tensor | None, name: str, like: Tensor, rows: int, size: int) -> Tensor:
    shape = (len(like), rows, size)
    if given is None:
        return like.new_zeros(shape)
    if given.shape != shape:
        raise ValueError(
            f"{name} has shape {tuple(given.shape)}, expected {shape} (batch, layers * 2, "
            f"{'hidden_size' if 'hidden' in name else 'cell_size'})"
        )
    return given.to(like)
