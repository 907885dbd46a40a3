"""The output, the forward and the loss of causal language models."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import Cache, DynamicCache
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
from transformers.utils import ModelOutput, can_return_tuple

from .adaptive_output import AdaptiveOutput
from .cached_reading import read_with_cache
from .checks import check_dropouts
from .embeddings import LockedDropout
from .generation_steps import GenerationSteps
from .heads import read
from .input_layers import is_contextual
from .loss import IGNORED, divided, known_labels
from .output_loss import SampledLoss, make_output_layer, make_sampled_loss, may_skip
from .output_loss_fields import RANKING, check_output_loss
from .regularization import activation_penalty
from .token_counts import CountsTokens, begin_at_shares, checked_counts
from .vocabulary_loss import vocabulary_loss


@dataclass
class CausalLanguageModelOutput(ModelOutput):
    """Output of a language model.

    Args:
        loss: Scalar, where labels were given.
        logits: (batch, time, vocab_size), or those that ``logits_to_keep`` asks for; 0 on padding.
            Those of a token are about the token after it. Log-probabilities with the output loss
            ``"adaptive"``.
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


class CausalLanguageModel(GenerationSteps):
    """The part of a language model that is the same for every base model.

    A head lists this class before the base class of its family, and ``GenerationMixin`` last. Its
    ``__init__`` sets ``model``, and then calls ``add_lm_head``.
    """

    config: Any
    model: Any
    training: bool
    main_input_name: str
    projection: nn.Linear | None
    lm_head: Any
    sampled_loss: SampledLoss | None

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
        self.lm_head = make_output_layer(size, config)
        self.sampled_loss = make_sampled_loss(config)

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
                ``Trainer``. ``skip_logits``, whether to leave the logits out where labels are
                given, which saves time and memory; see ``vocabulary_loss.py``. The default is
                ``True`` in training with another output loss than the cross-entropy, and else
                ``False``. Others are ignored.

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
        is_plain = self.config.output_loss == "cross_entropy"
        if not (has_labels or is_plain or kwargs.get("num_items_in_batch") is None):
            raise ValueError(
                "Trainer took the labels away before the forward pass (label_smoothing_factor or "
                f"compute_loss_func), so output_loss {self.config.output_loss!r} would be ignored: "
                "unset them, or output_loss"
            )
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
        projected = dropped if self.projection is None else self.projection(dropped)
        logits = loss = None
        skips = kwargs.get("skip_logits", self.training and not is_plain)
        if not has_labels or not skips or not may_skip(self.lm_head):
            logits = self._logits(projected, real)
        if has_labels:
            if not keeps_all:
                raise ValueError(
                    f"logits_to_keep is {logits_to_keep}, and the loss needs the logits of all "
                    "tokens: leave it out where labels are given"
                )
            targets = _targets(
                columns.cut(labels, "labels"), columns.cut(shift_labels, "shift_labels"), mask
            ).to(hidden.device)
            total = self._total_loss(projected, logits, targets)
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

    def _logits(self, projected: Tensor, mask: Tensor | None) -> Tensor:
        """Return the logits (batch, columns, vocab_size), 0 where the mask is 0."""
        logits: Tensor = self.lm_head(projected)
        if mask is not None and not bool(mask.all()):
            logits = logits.masked_fill(~mask.unsqueeze(-1), 0)
        return logits

    def _total_loss(self, projected: Tensor, logits: Tensor | None, targets: Tensor) -> Tensor:
        """Return the summed loss; without logits it is computed from what they are of."""
        known_labels(targets, self.config.vocab_size if logits is None else logits.shape[-1])
        hidden, targets = projected.flatten(0, 1), targets.flatten()
        logits = None if logits is None else logits.flatten(0, 1)
        if (sampled := self.sampled_loss) is not None:
            if self.training:
                return sampled(hidden, self.lm_head, targets, logits)
            if sampled.kind in RANKING:
                return sampled.whole(hidden, self.lm_head, targets, logits)
        smoothing = float(self.config.label_smoothing) if self.training else 0.0
        if logits is None:
            if isinstance(self.lm_head, AdaptiveOutput):
                return self.lm_head.loss(hidden, targets)
            return vocabulary_loss(hidden, self.lm_head, targets, smoothing)
        logits = logits.float() if logits.dtype in (torch.float16, torch.bfloat16) else logits
        return nn.functional.cross_entropy(
            logits, targets, ignore_index=IGNORED, reduction="sum", label_smoothing=smoothing
        )

    def set_token_counts(self, counts: Any, set_bias: bool = False) -> None:
        """Set how often each token occurs in training; it is saved with the model.

        The sampler ``"unigram"`` and negatives of the batch need it for ``output_loss``, and the
        adaptive softmax ranks its words by it, so for this one the model must be a fresh one. Other
        losses do not use it. ``hf_recurrent.training.count_tokens`` counts a data set.

        Args:
            counts: (vocab_size,) whole numbers; entry i is of token id i.
            set_bias: Whether to set the bias of a linear output layer to the logarithms of the
                tokens' shares, with which the first predictions of a fresh model are these shares.

        Raises:
            ValueError: If ``counts`` does not hold one count for each id.
        """
        found = checked_counts(counts, self.config.vocab_size)
        for module in (self.lm_head, self.sampled_loss):
            if isinstance(module, CountsTokens):
                module.set_token_counts(found)
        if set_bias and isinstance(self.lm_head, nn.Linear):
            begin_at_shares(self.lm_head, found)

    def resize_token_embeddings(
        self,
        new_num_tokens: int | None = None,
        pad_to_multiple_of: int | None = None,
        mean_resizing: bool = True,
    ) -> Any:
        """Change the number of token ids; a new one counts as one that never occurs in training.

        Raises:
            ValueError: If the output layer is an adaptive softmax, or the input layer cannot be
                resized.
        """
        before = self.config.vocab_size
        rows = before if new_num_tokens is None else new_num_tokens
        if pad_to_multiple_of:
            rows = -(-rows // pad_to_multiple_of) * pad_to_multiple_of
        inherited: Any = super()
        if isinstance(self.lm_head, AdaptiveOutput):
            if rows == before:
                return inherited.get_input_embeddings()
            raise ValueError(
                f"output_loss 'adaptive' has {before} tokens in clusters and cannot be resized to "
                f"{rows}: make a new model"
            )
        resized = inherited.resize_token_embeddings(
            new_num_tokens, pad_to_multiple_of, mean_resizing
        )
        if self.sampled_loss is not None and rows != before:
            counts = self.sampled_loss.token_counts
            more = max(0, rows - before)
            self.sampled_loss.set_token_counts(nn.functional.pad(counts[:rows], (0, more)))
        return resized

    @property
    def _penalties(self) -> tuple[float, float]:
        config = self.config
        return config.activation_regularization, config.temporal_activation_regularization

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
    check_output_loss(config)
    for field, plain in (("class_weights", None), ("focal_gamma", 0), ("hard_example_share", 1)):
        if getattr(config, field) != plain:
            raise ValueError(f"a language model takes no {field}: unset the field")
    if config.bidirectional:
        raise ValueError(
            "bidirectional is True, and a language model reads forward only, as the backward "
            "direction would see the token to predict: set bidirectional=False"
        )
    if is_contextual(config.embedding_config):
        raise ValueError(
            "embedding_config: its vectors depend on the words after each word, which a language "
            "model is to predict: use an input layer without context"
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
