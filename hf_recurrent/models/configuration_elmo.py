"""Configuration of ELMo (Peters et al. 2018): vectors of words in their context."""

from collections.abc import Sequence
from typing import Any

from huggingface_hub.dataclasses import strict

from .checks import FamilyConfig, check_choice, check_dropouts, check_sizes, check_words
from .elmo_words import ACTIVATIONS
from .scalar_mix import LAYER_NORMS

_FILTERS = ((1, 32), (2, 32), (3, 64), (4, 128), (5, 256), (6, 512), (7, 1024))


@strict
class ElmoConfig(FamilyConfig):
    r"""Configuration of ``ElmoModel`` and ``ElmoForPreTraining``.

    The defaults are those of the large published model.

    Args:
        vocab_size: Number of words that ``ElmoForPreTraining`` can predict, the boundaries of a
            sentence included. ``ElmoModel`` reads characters and does not use it.
        character_size: Width of the vector of a character.
        max_characters_per_token: How many character ids a word has, marks included.
        filters: Pairs (width in characters, number of filters).
        num_highway_layers: Number of highway layers after the filters.
        activation: What follows the filters: ``"relu"`` or ``"tanh"``.
        hidden_size: Width of a word's vector and of the output of each direction; the
            ``projection_dim`` of the original.
        cell_size: Width of the cell states; the ``dim`` of the original. There is no projection if
            it is ``hidden_size``.
        num_hidden_layers: Number of LSTM layers.
        cell_clip: Largest absolute value of a cell state; ``None`` for no limit.
        projection_clip: Likewise of the projected output.
        residual: Whether the input of each layer is added to its output, from the second layer on
            (``use_skip_connections``).
        mix_layer_norm: Whether the mix brings each layer to mean 0 and variance 1 first: over a
            ``"sentence"``, or over the whole ``"batch"`` as the original does it. ``None`` for no.
        stateful: Whether ``ElmoModel`` goes on from the states that the batch before has left in
            the same row, as the original does. Then the vectors of a sentence depend on what was
            read before. By default each sentence has the same vectors wherever it is read.
        freeze_language_model: Whether training changes nothing but the mix.
        embedding_dropout: Dropout on the vectors of words, before the first layer.
        hidden_dropout: Dropout on the input of the other layers.
        classifier_dropout: Dropout before the output layer of ``ElmoForPreTraining``.
        output_loss: The loss of ``ElmoForPreTraining`` in training: ``"cross_entropy"``,
            ``"sampled_softmax"`` as in the original, or ``"nce"``; it is evaluated with the whole
            cross-entropy. The last two need ``set_token_counts``, except with a sampler that does
            not use counts.
        output_loss_config: The fields of that loss by name, such as ``sampler`` and ``negatives``;
            see ``output_loss_fields.py``.
        initializer_range: Not used: all weights have an initialisation of their own.
        pad_token_id: Id of the padding.
        bos_token_id: The id of the begin of a sentence, which the backward direction learns to
            predict; ``None`` if it should not.
        eos_token_id: Likewise for the end, and the forward direction.

    ``output_size`` is the width of ``last_hidden_state``: twice ``hidden_size``.

    Example:
        >>> from hf_recurrent import ElmoConfig
        >>> ElmoConfig(hidden_size=128, cell_size=512).output_size
        256
    """

    model_type = "elmo"
    keys_to_ignore_at_inference = [  # noqa: RUF012 - Trainer adds a list to it
        "hidden_states",
        "mask",
        "forward_loss",
        "backward_loss",
        "final_hidden_state",
        "final_cell_state",
    ]
    # The input layer reads characters; see ``word_model.py``.
    embedding_config = None
    # A language model has this field, and none is set here; see ``output_loss_fields.py``.
    label_smoothing = 0.0

    vocab_size: int = 2
    character_size: int = 16
    max_characters_per_token: int = 50
    filters: list[list[int]] | tuple[tuple[int, ...], ...] = _FILTERS
    num_highway_layers: int = 2
    activation: str = "relu"
    hidden_size: int = 512
    cell_size: int = 4096
    num_hidden_layers: int = 2
    cell_clip: float | int | None = 3.0
    projection_clip: float | int | None = 3.0
    residual: bool = True
    mix_layer_norm: str | None = None
    stateful: bool = False
    freeze_language_model: bool = False
    embedding_dropout: float | int = 0.0
    hidden_dropout: float | int = 0.0
    classifier_dropout: float | int = 0.0
    output_loss: str = "cross_entropy"
    output_loss_config: dict[str, Any] | None = None
    initializer_range: float | int = 0.1
    pad_token_id: int | None = 0
    bos_token_id: int | None = None
    eos_token_id: int | list[int] | None = None

    @property
    def output_size(self) -> int:
        """Width of ``last_hidden_state``."""
        return 2 * self.hidden_size

    def __post_init__(self, **kwargs: Any) -> None:
        """Check the fields of the base model; raise a ``ValueError`` that names the field."""
        super().__post_init__(**kwargs)
        check_sizes(
            self, "vocab_size", "character_size", "hidden_size", "cell_size", "num_hidden_layers"
        )
        if self.max_characters_per_token < 3:
            raise ValueError(
                f"max_characters_per_token is {self.max_characters_per_token}, expected at least "
                "3: two marks and a byte"
            )
        self.filters = _checked_filters(self.filters, self.max_characters_per_token)
        if self.num_highway_layers < 0:
            raise ValueError(
                f"num_highway_layers is {self.num_highway_layers}, expected at least 0"
            )
        if self.cell_size < self.hidden_size:
            raise ValueError(
                f"cell_size is {self.cell_size}, expected at least hidden_size "
                f"{self.hidden_size}, to which the states are projected"
            )
        for name in ("cell_clip", "projection_clip"):
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                raise ValueError(f"{name} is {value}, expected a number above 0, or None")
        check_choice("activation", self.activation, tuple(ACTIVATIONS))
        if self.mix_layer_norm is not None:
            check_choice("mix_layer_norm", self.mix_layer_norm, LAYER_NORMS)
        check_words(self)
        check_dropouts(self, "embedding_dropout", "hidden_dropout")


def _checked_filters(filters: Sequence[Any], longest_word: int) -> list[list[int]]:
    """Return the filters as lists of two numbers, as they are written to a file."""
    for each in filters:
        good = len(each) == 2 and all(number >= 1 for number in each) and each[0] <= longest_word
        if not good:
            raise ValueError(
                f"filters has the entry {list(each)}, expected pairs of a width from 1 to "
                f"max_characters_per_token {longest_word} and a number of filters"
            )
    if not filters:
        raise ValueError("filters is empty, expected pairs of a width and a number of filters")
    return [list(each) for each in filters]
