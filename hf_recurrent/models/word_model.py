"""The base class of all models: fresh weights, and an input layer of any kind."""

import warnings
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn

from .embeddings import InputLayer, set_word_vectors
from .initialization import init_module
from .input_layers import main_input_name
from .model_inputs import ModelInputs
from .saving import CheckpointModel


class WordModel(CheckpointModel):
    """A model over token ids, or over another main input of its input layer.

    ``main_input_name`` is the name of this input; ``Trainer`` reads it too.
    """

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.main_input_name = main_input_name(config)

    @property
    def dummy_inputs(self) -> dict[str, Tensor]:
        """Examples of the model's inputs: one row of two steps."""
        layer, zeros = self.get_input_embeddings(), torch.zeros(1, 2, dtype=torch.long)
        main = layer.example() if isinstance(layer, InputLayer) else zeros
        extra = layer.extra_examples() if isinstance(layer, InputLayer) else {}
        return {self.main_input_name: main, "attention_mask": zeros + 1, **extra}

    def read(
        self,
        attention_mask: Tensor | None,
        given: dict[str, Tensor | None],
        continues: bool = False,
    ) -> ModelInputs:
        """Return the inputs of a base model, checked and cut; see ``ModelInputs.of``.

        Ids of the padding without a mask bring a warning, except where the model ``continues`` from
        states: a generated token may have any id.
        """
        ids = given["input_ids"]
        inputs = ModelInputs.of(self.main_input_name, attention_mask, given)
        if attention_mask is None and ids is not None and ids.shape[1] and not continues:
            self.warn_if_padding_and_no_attention_mask(ids, attention_mask)
        return inputs.cut()

    @property
    def device(self) -> torch.device:
        """The device of the model; some input layers have only a buffer that shows it."""
        return self._first_numbers().device

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of the model."""
        return self._first_numbers().dtype

    def _first_numbers(self) -> Tensor:
        return next(t for t in chain(self.parameters(), self.buffers()) if t.is_floating_point())

    def _init_weights(self, module: nn.Module) -> None:
        init_module(module, float(self.config.initializer_range))

    def set_word_vectors(self, vectors: Any) -> None:
        """Copy a matrix (vocab_size, embedding_size) into the embedding, row i for token id i."""
        set_word_vectors(self.get_input_embeddings(), vectors)

    def resize_token_embeddings(
        self,
        new_num_tokens: int | None = None,
        pad_to_multiple_of: int | None = None,
        mean_resizing: bool = True,
    ) -> Any:
        """Change the number of token ids, as ``PreTrainedModel`` does, for any input layer.

        If the padding has no row any more, the model continues without padding, with a warning.

        Raises:
            ValueError: If the input layer cannot be resized.
        """
        layer = self.get_input_embeddings()
        if not isinstance(layer, InputLayer):
            resized = super().resize_token_embeddings(
                new_num_tokens, pad_to_multiple_of, mean_resizing
            )
            self._drop_lost_padding(resized)
            return resized
        rows = layer.num_embeddings if new_num_tokens is None else new_num_tokens
        if pad_to_multiple_of is not None:
            rows = -(-rows // pad_to_multiple_of) * pad_to_multiple_of
        if rows != layer.num_embeddings:
            layer.resize(rows, float(self.config.initializer_range), mean_resizing)
            if (head := self.get_output_embeddings()) is not None:
                resized_head: Any = self._get_resized_lm_head
                self.set_output_embeddings(resized_head(head, rows, mean_resizing=mean_resizing))
            self.config.vocab_size = self.vocab_size = rows
            self.config.embedding_config = {
                **(self.config.embedding_config or {}),
                **layer.resized_fields(),
            }
            self._drop_lost_padding(layer)
        return layer

    def _drop_lost_padding(self, layer: Any) -> None:
        pad, rows = self.config.pad_token_id, layer.num_embeddings
        if pad is None or pad < rows:
            return
        warnings.warn(
            f"pad_token_id {pad} has no row among the {rows} that are left, so it is None now: "
            "set config.pad_token_id to the id that the tokenizer pads with",
            stacklevel=3,
        )
        self.config.pad_token_id = None
        for module in layer.modules():  # also the parts of a joined layer
            if getattr(module, "padding_idx", None) is not None:
                module.padding_idx = None
