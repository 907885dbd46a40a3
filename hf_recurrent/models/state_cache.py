"""The cache of a language model, which holds recurrent states in place of keys and values.

``generate`` of transformers makes a ``DynamicCache`` from ``config.layer_types``, in which each
recurrent layer has a ``RecurrentCacheLayer``. Its size does not depend on the number of tokens that
were read.
"""

from typing import Any, NamedTuple, NoReturn

import torch
from torch import Tensor
from transformers.cache_utils import STATIC_LAYER_TYPE_MAPPING, Cache, CacheLayerMixin

# The entry of ``config.layer_types`` that asks for this kind of cache.
LAYER_TYPE = "recurrent"


class States(NamedTuple):
    """The states of one layer, or those of all layers side by side.

    Attributes:
        hidden: (batch, layers, hidden_size).
        cell: Likewise, for an LSTM; otherwise ``None``.
        feed: (batch, 1, size) what the next step of a decoder reads beside its token, if there is
            such a vector; only in the last layer.
    """

    hidden: Tensor
    cell: Tensor | None
    feed: Tensor | None = None


class RecurrentCacheLayer(CacheLayerMixin):
    """The states of one recurrent layer after the last token that was read.

    Assisted decoding asks by ``activate_past_recording`` that earlier states are kept too, so that
    ``crop`` can go back to them. ``crop`` forgets them again.

    Attributes:
        states: The states, each (batch, 1, hidden_size); ``None`` before the first token.
        length: The number of tokens that were read, padding included.
        record_past: Whether earlier states are kept.
    """

    _layer_type = LAYER_TYPE  # transformers finds the class by it
    is_compileable = False
    is_croppable = True
    supports_early_init = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__()
        self.states: States | None = None
        self.length = 0
        self.record_past = False
        self._past: dict[int, States | None] = {}  # by the number of tokens that had been read

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        """Do nothing: the layer has no keys and values."""

    def update(  # type: ignore[override]
        self,
        hidden: Tensor,
        cell: Tensor | None = None,
        tokens: int = 1,
        feed: Tensor | None = None,
    ) -> States:
        """Take the states after more tokens, and return them.

        Args:
            hidden: (batch, 1, hidden_size).
            cell: Likewise, for an LSTM.
            tokens: The number of tokens that were read since the last call.
            feed: (batch, 1, size) what the next step of a decoder reads; see ``States``.
        """
        if self.record_past:
            self._past[self.length] = self.states
        self.states = States(hidden, cell, feed)
        self.length += tokens
        self.is_initialized = True
        return self.states

    def crop(self, tokens_to_remove: int) -> None:
        """Go back by ``-tokens_to_remove`` tokens, and forget the states that were kept.

        Raises:
            ValueError: If the number is positive, or the states there were not kept.
        """
        if tokens_to_remove > 0:
            raise ValueError(
                f"crop takes minus the number of tokens to remove, and {tokens_to_remove} was given"
            )
        if tokens_to_remove:
            wanted = self.length + tokens_to_remove
            if wanted not in self._past:
                raise ValueError(
                    f"the cache has read {self.length} tokens and cannot go back to {wanted}, as "
                    "it did not keep the states there: call activate_past_recording before them"
                )
            self.states, self.length = self._past[wanted], wanted
        self._past = {}

    def kept(self) -> list[States]:
        """Return all states that the layer holds: the last ones, and those to go back to."""
        return [states for states in (self.states, *self._past.values()) if states is not None]

    def activate_past_recording(self) -> None:
        """Keep the states of all later calls until ``crop``."""
        self.record_past = True

    def get_seq_length(self) -> int:
        """Return the number of tokens that were read, padding included."""
        return self.length

    def get_max_length(self) -> int:
        """Return -1, as there is no limit."""
        return -1

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Return the length of a mask over all tokens, and where it begins."""
        return self.length + query_length, 0

    @property
    def batch_size(self) -> int:
        """The number of rows; an ``AttributeError`` before the first token, as in transformers."""
        if self.states is None:
            raise AttributeError("the cache is empty, so it has no batch_size")
        return len(self.states.hidden)

    def reset(self) -> None:
        """Forget everything that was read."""
        self.states, self.length, self._past = None, 0, {}
        self.is_initialized = False

    def reorder_cache(self, beam_idx: Tensor) -> None:
        """Take the rows of the batch in this order."""
        self._map(lambda t: t.index_select(0, beam_idx.to(t.device)))

    def batch_select_indices(self, indices: Tensor) -> None:
        """Keep only these rows of the batch."""
        self._map(lambda t: t[indices])

    def batch_repeat_interleave(self, repeats: int) -> None:
        """Repeat each row of the batch."""
        self._map(lambda t: t.repeat_interleave(repeats, dim=0))

    def offload(self) -> None:
        """Move the states to the CPU."""
        self._map(lambda t: t.to("cpu", non_blocking=True))

    def prefetch(self) -> None:
        """Do nothing: the model moves the states to where it needs them."""

    def _map(self, function: Any) -> None:
        def mapped(states: States | None) -> States | None:
            if states is None:
                return None
            return States(*(None if t is None else function(t) for t in states))  # type: ignore[arg-type]

        self.states = mapped(self.states)
        self._past = {length: mapped(states) for length, states in self._past.items()}


# A static cache is of the same size, so it has the same layers.
STATIC_LAYER_TYPE_MAPPING[LAYER_TYPE] = RecurrentCacheLayer


def read_states(cache: Any, config: Any, batch: int) -> list[States] | None:
    """Return the states of each layer in a cache; ``None`` if it is empty.

    Args:
        cache: A cache of transformers. One that was made without a configuration gets its layers.
        config: The configuration of the model.
        batch: The number of rows that the model reads.

    Raises:
        ValueError: If the cache is that of another model or batch.
    """
    if not isinstance(cache, Cache):
        raise ValueError(
            f"past_key_values is {type(cache).__name__}, expected a Cache of transformers: the one "
            "that the model returned, or DynamicCache(config=model.config)"
        )
    number, width = config.num_hidden_layers, config.hidden_size
    if not cache.layers and cache.layer_class_to_replicate is not None:
        cache.layer_class_to_replicate = None
        cache.layers = [RecurrentCacheLayer() for _ in range(number)]
    layers: list[Any] = cache.layers
    # By name, as the code of a checkpoint brings a class of its own.
    if any(getattr(layer, "_layer_type", None) != LAYER_TYPE for layer in layers):
        raise ValueError(
            "past_key_values is of another model: it holds keys and values, and this model has "
            "recurrent states; make it by DynamicCache(config=model.config)"
        )
    states: list[States] = [layer.states for layer in layers if layer.states is not None]
    if not states and len(layers) == number:
        return None
    is_lstm = config.cell_type == "lstm"
    shape = (batch, 1, width)
    if len(layers) != number or any(
        state.hidden.shape != shape or (state.cell is None) == is_lstm for state in states
    ):
        _refuse(layers, number, width, is_lstm, batch)
    return states


def side_by_side(states: list[States]) -> States:
    """Return the states of all layers as tensors (batch, layers, hidden_size)."""
    if len(states) == 1:
        return states[0]
    cells = [state.cell for state in states if state.cell is not None]
    hidden = torch.cat([state.hidden for state in states], dim=1)
    return States(hidden, torch.cat(cells, dim=1) if cells else None)


def _refuse(layers: list[Any], number: int, width: int, is_lstm: bool, batch: int) -> NoReturn:
    """Raise the ``ValueError`` that says how the layers of a cache differ from those wanted."""
    states = [layer.states for layer in layers if layer.states is not None]
    widths = sorted({state.hidden.shape[2] for state in states})
    kinds = {state.cell is not None for state in states}
    if len(layers) == number and widths == [width] and kinds == {is_lstm}:
        raise ValueError(
            f"past_key_values is of another batch: it holds {len(states[0].hidden)} rows, and "
            f"{batch} were given"
        )
    held = f"{len(layers)} without states"
    if states:
        cells = " and ".join(_CELL[kind] for kind in kinds)
        held = f"{len(layers)} of width {' and '.join(map(str, widths))}, {cells} a cell state"
    raise ValueError(
        f"past_key_values is of another model: this one has {number} layers of width {width}, "
        f"{_CELL[is_lstm]} a cell state, and the cache has {held}"
    )


_CELL = {True: "with", False: "without"}


def keeps_past(cache: Any) -> bool:
    """Return whether a cache keeps earlier states, so that it can go back to them."""
    return any(getattr(layer, "record_past", False) for layer in getattr(cache, "layers", ()))


def write_states(cache: Any, hidden: Tensor, cell: Tensor | None, tokens: int) -> None:
    """Put the states of all layers (batch, layers, hidden_size) into a cache."""
    if len(cache.layers) == 1:
        cache.layers[0].update(hidden, cell, tokens)
        return
    for number, layer in enumerate(cache.layers):
        one = slice(number, number + 1)
        layer.update(hidden[:, one], None if cell is None else cell[:, one], tokens)
