"""The output, the forward and the loss of causal language models."""

from dataclasses import dataclass
from typing import Any, NoReturn

import torch
from torch import Tensor, nn
from transformers import Cache, DynamicCache
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
from transformers.utils import ModelOutput, can_return_tuple

from .cached_reading import read_with_cache
from .checks import check_dropouts
from .embeddings import LockedDropout
from .heads import read
from .loss import IGNORED, divided, known_labels
from .regularization import activation_penalty
from .vocabulary_loss import may_skip_logits, vocabulary_loss


@dataclass
class CausalLanguageModelOutput(ModelOutput):
    """Output of a language model.

    Args:
        loss: Scalar, where labels were given.
        logits: (batch, time, vocab_size), or those that ``logits_to_keep`` asks for; 0 on padding.
            Those of a token are about the token after it.
        past_key_values: The cache, on ``use_cache=True``.
        hidden_states: The embeddings (batch, time, embedding_size) and each layer's output (batch,
            time, output_size), on ``output_hidden_states=True``.
        final_hidden_state: (batch, layers, hidden_size), after each row's last token, on
            ``output_final_state=True``.
        final_cell_state: Likewise, for an LSTM.
    """

    loss: Tensor | None = None
    logits: Tensor | None = None
    past_key_values: Cache | None = None
    hidden_states: tuple[Tensor, ...] | None = None
    final_hidden_state: Tensor | None = None
    final_cell_state: Tensor | None = None


class CausalLanguageModel:
    """The part of a language model that is the same for every base model.

    A head lists this class before the base class of its family, and ``GenerationMixin`` last. Its
    ``__init__`` sets ``model``, and then calls ``add_lm_head``.
    """

    config: Any
    model: Any
    training: bool
    main_input_name: str
    projection: nn.Linear | None
    lm_head: nn.Linear

    _is_stateful = False  # the cache can go back, so assisted decoding works

    def add_lm_head(self) -> None:
        """Check the fields for language models in the configuration, and make the linear layers.

        Raises:
            ValueError: If a field has a wrong value.
        """
        config = self.config
        check_causal(config, self.model.main_input_name)
        self.lm_dropout = LockedDropout(config.classifier_dropout, config.variational_dropout)
        size, self.projection = config.output_size, None
        if config.tie_word_embeddings and size != config.embedding_size:
            self.projection = nn.Linear(size, config.embedding_size)
            size = config.embedding_size
        self.lm_head = nn.Linear(size, config.vocab_size)

    @can_return_tuple
    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        past_key_values: Cache | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int | Tensor = 0,
        initial_hidden_state: Tensor | None = None,
        initial_cell_state: Tensor | None = None,
        output_final_state: bool = False,
        output_hidden_states: bool | None = None,
        ngram_ids: Tensor | None = None,
        char_ids: Tensor | None = None,
        **kwargs: Any,
    ) -> CausalLanguageModelOutput:
        """Predict the next token at each token.

        Args:
            input_ids: (batch, time) token ids.
            attention_mask: (batch, time), nonzero on real tokens; padding may be on either side.
                With a cache it may also cover the tokens that were read before.
            inputs_embeds: (batch, time, embedding_size), in place of what the input layer reads.
            labels: (batch, time) token ids, mostly ``input_ids`` themselves; -100 to leave one out.
                They are shifted here: each real token predicts the label of the next real token.
                The loss is a sum over these labels, divided by their number, or by
                ``num_items_in_batch`` from ``Trainer``. ``Trainer`` counts the labels that are not
                -100 from the second column on, so set labels on padding to -100. With padding on
                the left it also counts the first token of a row, which nothing predicts: pad on
                the right for training.
            past_key_values: The cache of an earlier call, whose states are continued, and which is
                updated in place.
            use_cache: Whether to return a cache. ``None``: as the configuration says, but not in
                training or where labels are given.
            logits_to_keep: The number of columns, counted from the end, whose logits are wanted, or
                the indices of these columns; 0 for all.
            initial_hidden_state: (batch, layers, hidden_size) the states to begin with, if the
                cache is empty or not used; zeros if not given.
            initial_cell_state: Likewise, for an LSTM.
            output_final_state: Whether to return the final states, to continue from them.
            output_hidden_states: Whether to return every layer's output.
            ngram_ids: (batch, time, n) n-gram ids, if the input layer has n-grams.
            char_ids: (batch, time, n) character ids, if the input layer has characters.
            **kwargs: ``shift_labels`` (batch, time), the label that each token predicts, in place
                of ``labels`` for the loss, as in the losses of transformers; ``labels`` must be
                given too, since ``Trainer`` looks for them. It is no argument of its own, since
                ``Trainer`` would then expect it in every data set. ``num_items_in_batch`` from
                ``Trainer``. ``skip_logits=True`` to leave the logits out where labels are given,
                which saves time and memory; see ``vocabulary_loss.py``. Others are ignored.

        Raises:
            ValueError: If shapes do not fit together, a label is unknown, or the cache is of
                another model or batch.
        """
        given = {
            "input_ids": input_ids,
            "inputs_embeds": inputs_embeds,
            "ngram_ids": ngram_ids,
            "char_ids": char_ids,
        }
        shift_labels = kwargs.get("shift_labels")
        has_labels = labels is not None or shift_labels is not None
        if use_cache is None:
            use_cache = self.config.use_cache and not self.training and not has_labels
        if use_cache and past_key_values is None:
            past_key_values = DynamicCache(config=self.config)
        keeps_all = isinstance(logits_to_keep, int) and not logits_to_keep
        arguments: dict[str, Any] = {
            "output_hidden_states": output_hidden_states,
            "output_final_state": output_final_state,
            "initial_hidden_state": initial_hidden_state,
            "initial_cell_state": initial_cell_state,
        }
        if past_key_values is None:
            reading = read(self, attention_mask, given, **arguments)
        else:
            last = logits_to_keep if isinstance(logits_to_keep, int) else 0
            reading = read_with_cache(
                self, past_key_values, attention_mask, given, last, **arguments
            )
        outputs, hidden, mask, columns = reading
        if keeps_all:
            wanted, real = hidden, None if attention_mask is None else mask
        else:
            kept: Any = logits_to_keep
            if isinstance(kept, int):
                kept = slice(-kept, None)
            wanted = columns.restore(hidden)[:, kept]
            real = None if attention_mask is None else columns.restore(mask)[:, kept]
        dropped = self.lm_dropout(wanted)
        logits = loss = None
        if not has_labels or not kwargs.get("skip_logits") or not may_skip_logits(self.lm_head):
            logits = self._logits(dropped, real)
        if has_labels:
            if not keeps_all:
                raise ValueError(
                    f"logits_to_keep is {logits_to_keep}, and the loss needs the logits of all "
                    "tokens: leave it out where labels are given"
                )
            targets = _targets(
                columns.cut(labels, "labels"), columns.cut(shift_labels, "shift_labels"), mask
            ).to(hidden.device)
            total = self._total_loss(dropped, logits, targets)
            if self.training:
                factors = self._penalties
                total = total + activation_penalty(hidden, dropped, mask, *factors)
            items = (targets != IGNORED).sum()
            loss = divided(total, items, kwargs.get("num_items_in_batch"))
        return CausalLanguageModelOutput(
            loss=loss,
            logits=logits if logits is None or not keeps_all else columns.restore(logits),
            past_key_values=past_key_values if use_cache else None,
            hidden_states=outputs.hidden_states,
            final_hidden_state=outputs.final_hidden_state if output_final_state else None,
            final_cell_state=outputs.final_cell_state if output_final_state else None,
        )

    def _logits(self, dropped: Tensor, mask: Tensor | None) -> Tensor:
        """Return the logits (batch, columns, vocab_size), 0 where the mask is 0."""
        logits: Tensor = self.lm_head(self._projected(dropped))
        if mask is not None and not bool(mask.all()):
            logits = logits.masked_fill(~mask.unsqueeze(-1), 0)
        return logits

    def _projected(self, dropped: Tensor) -> Tensor:
        return dropped if self.projection is None else self.projection(dropped)

    def _total_loss(self, dropped: Tensor, logits: Tensor | None, targets: Tensor) -> Tensor:
        """Return the summed cross-entropy; without logits it is computed from what they are of."""
        known_labels(targets, len(self.lm_head.weight) if logits is None else logits.shape[-1])
        smoothing = float(self.config.label_smoothing) if self.training else 0.0
        if logits is None:
            hidden = self._projected(dropped).flatten(0, 1)
            return vocabulary_loss(hidden, self.lm_head, targets.flatten(), smoothing)
        logits = logits.float() if logits.dtype in (torch.float16, torch.bfloat16) else logits
        return nn.functional.cross_entropy(
            logits.flatten(0, 1),
            targets.flatten(),
            ignore_index=IGNORED,
            reduction="sum",
            label_smoothing=smoothing,
        )

    @property
    def _penalties(self) -> tuple[float, float]:
        config = self.config
        return config.activation_regularization, config.temporal_activation_regularization

    def prepare_inputs_for_generation(
        self,
        input_ids: Tensor,
        next_sequence_length: int | None = None,
        past_key_values: Cache | None = None,
        attention_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        is_first_iteration: bool | None = False,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Return the arguments of ``forward`` for the next step; ``generate`` calls it.

        After the prompt only the new tokens are read, all of which are real, so no mask is needed.
        The method of transformers, which is called for the prompt, takes as long as a step.
        """
        if (
            is_first_iteration
            or past_key_values is None
            or next_sequence_length is None
            or input_ids.device != self.lm_head.weight.device
        ):
            inherited: Any = super()
            prepared: dict[str, Any] = inherited.prepare_inputs_for_generation(
                input_ids,
                next_sequence_length=next_sequence_length,
                past_key_values=past_key_values,
                attention_mask=attention_mask,
                inputs_embeds=inputs_embeds,
                is_first_iteration=is_first_iteration,
                **kwargs,
            )
            return prepared
        return {
            **{name: value for name, value in kwargs.items() if name != "labels"},
            "input_ids": input_ids[:, -next_sequence_length:],
            "past_key_values": past_key_values,
        }

    def _validate_model_kwargs(self, model_kwargs: dict[str, Any]) -> None:
        """Check the arguments of ``generate`` that go to ``forward``, as transformers does.

        Raises:
            ValueError: If one is unknown, or the input layer reads more than token ids.
        """
        extra = getattr(self.model.embed_tokens, "extra_inputs", ())
        if extra:
            raise ValueError(
                f"the model's input layer reads {' and '.join(extra)} beside input_ids, and "
                "generate knows only the ids of new tokens: use an input layer of token ids alone "
                "for a model that generates"
            )
        inherited: Any = super()
        inherited._validate_model_kwargs(model_kwargs)

    def init_continuous_batching(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse continuous batching, which keeps keys and values in pages.

        Raises:
            ValueError: Always.
        """
        raise ValueError(
            "continuous batching shares pages of keys and values, and a recurrent model has none: "
            "call generate with a batch that is padded on the left"
        )


def list_by_name(model_class: type) -> None:
    """Enter a language model in the list of names that tools of transformers go by.

    By it ``Trainer`` knows that ``label_smoothing_factor`` needs shifted labels, and the pipeline
    that the model generates text.
    """
    config_class: Any = getattr(model_class, "config_class")  # noqa: B009 - no attribute of type
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES[config_class.model_type] = model_class.__name__


def check_causal(config: Any, main_input_name: str) -> None:
    """Check the fields of a language model.

    Raises:
        ValueError: If a field has a wrong value.
    """
    check_dropouts(config, "classifier_dropout")
    for name in ("activation_regularization", "temporal_activation_regularization"):
        if not 0 <= getattr(config, name) < float("inf"):
            raise ValueError(f"{name} is {getattr(config, name)}, expected at least 0")
    if not 0 <= config.label_smoothing < 1:
        raise ValueError(
            f"label_smoothing is {config.label_smoothing}, expected at least 0 and below 1"
        )
    for field, plain in (("class_weights", None), ("focal_gamma", 0), ("hard_example_share", 1)):
        if getattr(config, field) != plain:
            raise ValueError(f"a language model takes no {field}: unset the field")
    if config.bidirectional:
        raise ValueError(
            "bidirectional is True, and a language model reads forward only, as the backward "
            "direction would see the token to predict: set bidirectional=False"
        )
    if main_input_name != "input_ids":
        raise ValueError(
            f"embedding_config: the input layer reads {main_input_name}, and a language model "
            "predicts token ids: use an input layer over input_ids"
        )
    if config.tie_word_embeddings and config.embedding_config is not None:
        raise ValueError(
            "tie_word_embeddings is True, and an input layer of kind "
            f"{config.embedding_config['kind']!r} is no table that could also score the next "
            "token: set tie_word_embeddings=False, or use no embedding_config"
        )


def _targets(labels: Tensor | None, shift_labels: Tensor | None, mask: Tensor) -> Tensor:
    """Return the id that each token predicts (batch, columns), -100 where there is none.

    Args:
        labels: (batch, columns) token ids.
        shift_labels: (batch, columns) the id that each token predicts, in place of ``labels``.
        mask: (batch, columns, bool), true on real tokens.
    """
    name = "labels" if shift_labels is None else "shift_labels"
    found = labels if shift_labels is None else shift_labels
    assert found is not None
    if found.shape != mask.shape:
        raise ValueError(
            f"{name} has shape {tuple(found.shape)}, expected {tuple(mask.shape)}, one for each "
            "token"
        )
    if found.is_floating_point():
        raise ValueError(f"{name} is {found.dtype}, expected integers")
    found = found.to(mask.device).long()
    if shift_labels is None:
        end = mask.shape[1]
        places = torch.arange(end, device=mask.device).where(mask, end)
        following = places.flip(1).cummin(1).values.flip(1)
        following = nn.functional.pad(following[:, 1:], (0, min(1, end)), value=end)
        found = nn.functional.pad(found, (0, 1), value=IGNORED).gather(1, following)
    return found.where(mask, IGNORED)
