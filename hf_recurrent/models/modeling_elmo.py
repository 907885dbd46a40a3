"""ELMo (Peters et al. 2018): vectors of words in context from a bidirectional language model."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers.utils import ModelOutput, can_return_tuple

from .bidirectional_loss import (
    DirectionLosses,
    check_pretraining,
    direction_logits,
    direction_losses,
)
from .configuration_elmo import ElmoConfig
from .elmo_encoder import ElmoEncoder, ElmoReading
from .embeddings import LockedDropout
from .loss import divided
from .model_inputs import embed
from .output_loss import make_sampled_loss
from .ragged import TokenColumns
from .slot_states import SlotStates
from .token_counts import begin_at_shares, checked_counts
from .word_model import WordModel


@dataclass
class ElmoModelOutput(ModelOutput):
    """Output of ``ElmoModel``.

    Args:
        last_hidden_state: (batch, time, output_size) the mix of all layers, 0 on padding.
        mask: (batch, time) 1 on the tokens that were read.
        hidden_states: The layers of which it is the mix, each (batch, time, output_size): the
            vectors of the words (twice side by side, as in the original) and each LSTM layer, on
            ``output_hidden_states=True``.
        final_hidden_state: (batch, layers * 2, hidden_size) on ``output_final_state=True``: for
            each layer the state of the forward direction after the end of the sentence, and that of
            the backward direction after its begin.
        final_cell_state: (batch, layers * 2, cell_size), likewise.
    """

    last_hidden_state: Tensor | None = None
    mask: Tensor | None = None
    hidden_states: tuple[Tensor, ...] | None = None
    final_hidden_state: Tensor | None = None
    final_cell_state: Tensor | None = None


class ElmoPreTrainedModel(WordModel):
    """Base class of the models of this family."""

    config_class = ElmoConfig
    base_model_prefix = "model"
    config: ElmoConfig

    def resize_token_embeddings(self, *args: Any, **kwargs: Any) -> Any:
        """Change the number of words that ``ElmoForPreTraining`` predicts; see ``WordModel``."""
        layer = super().resize_token_embeddings(*args, **kwargs)
        vars(self.config).pop("embedding_config", None)  # the family has no such field
        return layer


class ElmoModel(ElmoEncoder, ElmoPreTrainedModel):
    """Vectors of words in their context: a mix of the layers of a bidirectional language model.

    A boundary is read before the first and after the last word of each row, as in the original; no
    output belongs to it.

    Example:
        >>> from hf_recurrent import ElmoConfig, ElmoModel
        >>> from hf_recurrent.vectors import elmo_tokenizer
        >>> fields = {"filters": [[1, 4], [2, 8]], "hidden_size": 8, "cell_size": 32}
        >>> model = ElmoModel(ElmoConfig(**fields)).eval()
        >>> batch = elmo_tokenizer()(["A bank .", "Of"], padding=True, return_tensors="pt")
        >>> model(**batch).last_hidden_state.shape
        torch.Size([2, 3, 16])
    """

    def __init__(self, config: ElmoConfig) -> None:
        super().__init__(config)
        self.add_encoder(config)
        self.slots = SlotStates()
        self.post_init()
        self.freeze_as_configured()

    def freeze_as_configured(self) -> None:
        """Keep all but the mix out of training if ``freeze_language_model`` is set."""
        if self.config.freeze_language_model:
            for part in self.language_model_parts():
                part.requires_grad_(False)

    def get_input_embeddings(self) -> nn.Module:
        """Return the layer that computes the vectors of words from characters."""
        return self.embed_tokens

    def set_input_embeddings(self, value: Any) -> None:
        """Replace the layer."""
        self.embed_tokens = value

    def reset_states(self) -> None:
        """Forget what was read, in a model with ``config.stateful``."""
        self.slots.clear()

    @can_return_tuple
    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        char_ids: Tensor | None = None,
        initial_hidden_state: Tensor | None = None,
        initial_cell_state: Tensor | None = None,
        output_final_state: bool = False,
        output_hidden_states: bool | None = None,
        **kwargs: Any,
    ) -> ElmoModelOutput:
        """Compute the vectors of a batch of sentences.

        Args:
            input_ids: (batch, time) token ids, used for their shape only, so ``char_ids`` alone
                will do.
            attention_mask: (batch, time), nonzero on real tokens; padding may be on either side,
                and zeros between real tokens are skipped. Without it every token counts that has
                characters.
            inputs_embeds: (batch, time, hidden_size) vectors of words, in place of the others.
            char_ids: (batch, time, max_characters_per_token) from ``ElmoTokenizer``. A token
                without characters is not read.
            initial_hidden_state: (batch, layers * 2, hidden_size); zeros if not given.
            initial_cell_state: (batch, layers * 2, cell_size); zeros if not given.
            output_final_state: Whether to return the final states, to continue from them.
            output_hidden_states: Whether to return every layer.
            **kwargs: Ignored, as Trainer passes more arguments than a base model needs.

        Raises:
            ValueError: If the shapes of the arguments do not fit together.
        """
        states = (initial_hidden_state, initial_cell_state)
        reading, mask, columns = self.run(
            input_ids, attention_mask, inputs_embeds, char_ids, states
        )
        if output_hidden_states is None:
            output_hidden_states = self.config.output_hidden_states
        layers = reading.layers
        if output_hidden_states:  # they are part of the graph, so that gradients can be computed
            layers = [columns.restore(layer) for layer in layers]
            mixed = self.mix(layers, columns.restore(mask))
        else:
            mixed = columns.restore(self.mix(layers, mask))
        return ElmoModelOutput(
            last_hidden_state=mixed,
            mask=columns.restore(mask).long(),
            hidden_states=tuple(layers) if output_hidden_states else None,
            final_hidden_state=reading.hidden if output_final_state else None,
            final_cell_state=reading.cell if output_final_state else None,
        )

    def run(
        self,
        input_ids: Tensor | None,
        attention_mask: Tensor | None,
        inputs_embeds: Tensor | None,
        char_ids: Tensor | None,
        states: tuple[Tensor | None, ...],
    ) -> tuple[ElmoReading, Tensor, TokenColumns]:
        """Read a batch, without the columns that hold only padding.

        The arguments are those of ``forward``; ``states`` are the initial ones.

        Returns:
            What was computed, the mask (batch, columns, bool) of the tokens that were read, and
            which columns these are.
        """
        if input_ids is None and inputs_embeds is None and char_ids is not None:
            if char_ids.dim() != 3:
                raise ValueError(
                    f"char_ids has shape {tuple(char_ids.shape)}, expected 3 dimensions, (batch, "
                    "time, max_characters_per_token)"
                )
            input_ids = torch.zeros(char_ids.shape[:2], dtype=torch.long, device=char_ids.device)
            if attention_mask is None:
                attention_mask = (char_ids != 0).any(-1).long()
        given = {"input_ids": input_ids, "inputs_embeds": inputs_embeds, "char_ids": char_ids}
        inputs = self.read(attention_mask, given, continues=states[0] is not None)
        vectors, mask = embed(self.embed_tokens, inputs), inputs.mask
        if inputs_embeds is None:
            mask = mask & (inputs.given["char_ids"] != 0).any(-1)
        if self.config.stateful and states[0] is None and states[1] is None:
            states = self.slots.of(len(mask), vectors)
        reading = self.encode(vectors, mask, *states)
        if self.config.stateful:
            self.slots.keep(reading.hidden, reading.cell)
        return reading, mask, inputs.columns


@dataclass
class ElmoForPreTrainingOutput(ModelOutput):
    """Output of ``ElmoForPreTraining``.

    Args:
        loss: Scalar, where labels were given; see ``ElmoForPreTraining.forward``.
        forward_loss: Mean over all that the forward direction predicts, ends included, where labels
            were given; its exponential is the perplexity of the direction.
        backward_loss: Likewise of the backward direction, begins included.
        forward_logits: (batch, time, vocab_size) about each token, from the tokens before it; 0 on
            padding. Where no labels were given.
        backward_logits: Likewise from the tokens after it.
        hidden_states: As ``ElmoModelOutput``.
        final_hidden_state: As ``ElmoModelOutput``.
        final_cell_state: As ``ElmoModelOutput``.
    """

    loss: Tensor | None = None
    forward_loss: Tensor | None = None
    backward_loss: Tensor | None = None
    forward_logits: Tensor | None = None
    backward_logits: Tensor | None = None
    hidden_states: tuple[Tensor, ...] | None = None
    final_hidden_state: Tensor | None = None
    final_cell_state: Tensor | None = None


class ElmoForPreTraining(ElmoPreTrainedModel):
    """The bidirectional language model, with one output layer for both directions.

    Example:
        >>> import torch
        >>> from hf_recurrent import ElmoConfig, ElmoForPreTraining
        >>> from hf_recurrent.vectors import elmo_tokenizer
        >>> tokenizer = elmo_tokenizer(["a", "bank"])
        >>> fields = {"filters": [[1, 4], [2, 8]], "hidden_size": 8, "cell_size": 32}
        >>> config = ElmoConfig(vocab_size=len(tokenizer), **fields)
        >>> batch = tokenizer(["a bank"], return_tensors="pt")
        >>> output = ElmoForPreTraining(config)(**batch, labels=batch["input_ids"])
        >>> bool(output.loss > 0)
        True
    """

    def __init__(self, config: ElmoConfig) -> None:
        super().__init__(config)
        check_pretraining(config)
        self.model = ElmoModel(config)
        self.lm_dropout = LockedDropout(config.classifier_dropout, locked=False)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size)
        self.sampled_loss = make_sampled_loss(config)
        self.post_init()

    def set_token_counts(self, counts: Any, set_bias: bool = False) -> None:
        """Set how often each word occurs in training, for an ``output_loss`` that draws by it.

        Args:
            counts: (vocab_size,) whole numbers; entry i is of token id i.
            set_bias: Whether to set the bias of the output layer to the logarithms of the words'
                shares, with which the first predictions of a fresh model are these shares.

        Raises:
            ValueError: If ``counts`` does not hold one count for each id.
        """
        found = checked_counts(counts, self.config.vocab_size)
        if self.sampled_loss is not None:
            self.sampled_loss.set_token_counts(found)
        if set_bias:
            begin_at_shares(self.lm_head, found)

    def resize_token_embeddings(self, *args: Any, **kwargs: Any) -> Any:
        """Change the number of words; a new one counts as one that never occurs in training."""
        layer = super().resize_token_embeddings(*args, **kwargs)
        if self.sampled_loss is not None:
            counts, rows = self.sampled_loss.token_counts, self.config.vocab_size
            more = max(0, rows - len(counts))
            self.sampled_loss.set_token_counts(nn.functional.pad(counts[:rows], (0, more)))
        return layer

    @can_return_tuple
    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        char_ids: Tensor | None = None,
        labels: Tensor | None = None,
        initial_hidden_state: Tensor | None = None,
        initial_cell_state: Tensor | None = None,
        output_final_state: bool = False,
        output_hidden_states: bool | None = None,
        **kwargs: Any,
    ) -> ElmoForPreTrainingOutput:
        """Predict each token from those before it and from those after it.

        The loss of a token is the mean of both directions. It is a sum over the labels, divided by
        their number, or by ``num_items_in_batch`` from ``Trainer``. The forward direction also
        predicts the end of each sentence, and the backward direction its begin, if the
        configuration names their ids: these add to the sum, but do not count in the number, as
        ``Trainer`` counts labels only. So the loss is that of a word with its share of the
        boundaries, and parts of an accumulated batch add up to the whole.

        Args:
            input_ids: As for ``ElmoModel``.
            attention_mask: Likewise.
            inputs_embeds: Likewise.
            char_ids: Likewise.
            labels: (batch, time) the ids of the tokens themselves, -100 to leave one out. A
                boundary is left out if the token beside it is.
            initial_hidden_state: As for ``ElmoModel``.
            initial_cell_state: Likewise.
            output_final_state: Likewise.
            output_hidden_states: Likewise.
            **kwargs: ``num_items_in_batch`` from ``Trainer``; others are ignored.

        Raises:
            ValueError: If shapes do not fit together, a label is unknown, or ``Trainer`` took the
                labels away that a sampled loss needs.
        """
        taken = labels is None and kwargs.get("num_items_in_batch") is not None
        if taken and self.sampled_loss is not None:
            raise ValueError(
                "Trainer took the labels away before the forward pass (label_smoothing_factor or "
                f"compute_loss_func), so output_loss {self.config.output_loss!r} would be ignored: "
                "unset them, or output_loss"
            )
        states = (initial_hidden_state, initial_cell_state)
        reading, mask, columns = self.model.run(
            input_ids, attention_mask, inputs_embeds, char_ids, states
        )
        hidden = [self.lm_dropout(side.unsqueeze(0)).squeeze(0) for side in reading.top]
        losses: DirectionLosses | None = None
        logits: list[Any] = [None, None]
        loss = None
        arguments = (self.lm_head, hidden, reading.sentences, mask)
        if labels is None:
            logits = [columns.restore(side) for side in direction_logits(*arguments)]
        else:
            losses = direction_losses(
                *arguments,
                columns.cut(labels, "labels"),
                self.config,
                self.sampled_loss if self.training else None,
            )
            items = kwargs.get("num_items_in_batch")
            loss = divided((losses.forward + losses.backward) / 2, losses.labels, items)
        if output_hidden_states is None:
            output_hidden_states = self.config.output_hidden_states
        return ElmoForPreTrainingOutput(
            loss=loss,
            forward_loss=None if losses is None else losses.mean(0),
            backward_loss=None if losses is None else losses.mean(1),
            forward_logits=logits[0],
            backward_logits=logits[1],
            hidden_states=(
                tuple(columns.restore(layer) for layer in reading.layers)
                if output_hidden_states
                else None
            ),
            final_hidden_state=reading.hidden if output_final_state else None,
            final_cell_state=reading.cell if output_final_state else None,
        )


ElmoConfig.register_for_auto_class()
ElmoModel.register_for_auto_class("AutoModel")
ElmoForPreTraining.register_for_auto_class("AutoModelForPreTraining")
