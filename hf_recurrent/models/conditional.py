"""The forward, the loss and the generation of a model that writes a target for a source."""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import Cache, EncoderDecoderCache
from transformers.generation.configuration_utils import GenerationMode
from transformers.modeling_outputs import Seq2SeqLMOutput
from transformers.utils import can_return_tuple

from .embeddings import LockedDropout
from .generation_steps import GenerationSteps
from .loss import IGNORED, divided
from .source import as_outputs, states_asked_for
from .vocabulary_loss import may_skip_logits, vocabulary_loss


class ConditionalGenerator(GenerationSteps):
    """The part of such a model that is the same for every encoder.

    A head lists this class before the base class of its family, and ``GenerationMixin`` last. Its
    ``__init__`` sets ``model``, a base model with ``encoder`` and ``decoder``, and then calls
    ``add_lm_head``.
    """

    config: Any
    model: Any
    training: bool
    lm_head: nn.Linear

    def add_lm_head(self) -> None:
        """Make the output layer and the dropout before it."""
        config = self.config
        self.lm_dropout = LockedDropout(config.classifier_dropout, config.variational_dropout)
        self.lm_head = nn.Linear(config.vector_size, config.vocab_size)

    def prepare_decoder_input_ids_from_labels(self, labels: Tensor) -> Tensor:
        """Return what the decoder reads to predict labels; ``DataCollatorForSeq2Seq`` calls it.

        It begins with ``decoder_start_token_id`` (else ``bos_token_id``), and then has the labels
        but the last. Labels that are padded on the left are read as they are on the right: the
        start is before the first label.

        Args:
            labels: (batch, target) token ids, -100 on padding.

        Raises:
            ValueError: If the configuration has no id to start with.
        """
        start = self._start
        if start is None:
            raise ValueError(
                "the decoder has no token to start with: set decoder_start_token_id or "
                "bos_token_id of the configuration"
            )
        if not labels.numel():
            return labels.clone()
        padding: Any = self._padding  # an id, as there is a start
        shifted = labels.roll(1, dims=1)
        rows = torch.arange(len(labels), device=labels.device)
        first = (labels != IGNORED).to(torch.uint8).argmax(1)
        shifted[rows, first] = start
        columns = torch.arange(labels.shape[1], device=labels.device)
        before = columns < first.unsqueeze(1)
        return shifted.masked_fill(before | (shifted == IGNORED), padding)

    @property
    def _start(self) -> int | None:
        """The id that the decoder reads first."""
        start: int | None = self.config.decoder_start_token_id
        return self.config.bos_token_id if start is None else start

    @property
    def _padding(self) -> int | None:
        """The id that fills a target: that of the start if there is no padding."""
        padding: int | None = self.config.pad_token_id
        return self._start if padding is None else padding

    @can_return_tuple
    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        decoder_input_ids: Tensor | None = None,
        decoder_attention_mask: Tensor | None = None,
        encoder_outputs: Any = None,
        inputs_embeds: Tensor | None = None,
        decoder_inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        past_key_values: Cache | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int | Tensor = 0,
        output_attentions: bool | None = None,
        output_hidden_states: bool | None = None,
        ngram_ids: Tensor | None = None,
        char_ids: Tensor | None = None,
        input_features: Tensor | None = None,
        pixel_values_videos: Tensor | None = None,
        **kwargs: Any,
    ) -> Seq2SeqLMOutput:
        """Predict the next token of a target at each of its tokens.

        Args:
            input_ids: (batch, source) token ids of the source.
            attention_mask: (batch, source), nonzero on real steps of the source; padding may be on
                either side.
            decoder_input_ids: (batch, target) what the decoder reads; made of ``labels`` where it
                is not given.
            decoder_attention_mask: (batch, target), nonzero on real tokens; with a cache it may
                also cover the tokens that were read before. Without it all tokens are real, except
                padding on the left of a row that has labels.
            encoder_outputs: The outputs of the encoder, in place of its inputs.
            inputs_embeds: (batch, source, size), in place of what the encoder's input layer reads.
            decoder_inputs_embeds: (batch, target, embedding_size), in place of
                ``decoder_input_ids``.
            labels: (batch, target) the token that each token of the target predicts, -100 to leave
                one out. The loss is a sum over these labels, divided by their number, or by
                ``num_items_in_batch`` from ``Trainer``, which counts the same.
            past_key_values: The cache of an earlier call, whose states are continued, and which is
                updated in place.
            use_cache: Whether to return a cache. ``None``: as the configuration says, but not in
                training or where labels are given.
            logits_to_keep: The number of columns, counted from the end, whose logits are wanted, or
                the indices of these columns; 0 for all.
            output_attentions: Whether to return the weights of attention: ``cross_attentions``, as
                in transformers a tuple, here of one tensor (batch, 1, target, source). It is 0 on
                padding, and the sum over a source with real steps is 1.
            output_hidden_states: Whether to return the outputs of all layers.
            ngram_ids: (batch, source, n) n-gram ids, if the encoder's input layer has n-grams.
            char_ids: (batch, source, n) character ids, if it has characters.
            input_features: (batch, source, channels) frames, if it reads frames.
            pixel_values_videos: (batch, source, channels, height, width) pictures, if it reads
                pictures.
            **kwargs: ``num_items_in_batch`` from ``Trainer``. ``skip_logits``: whether to leave
                the logits out where labels are given, which saves time and memory (see
                ``vocabulary_loss.py``); ``None`` to do so in training. What else a model of
                transformers as encoder takes, such as ``pixel_values``. Others are ignored.

        Raises:
            ValueError: If shapes do not fit together, a label is unknown, or the cache is of
                another model or batch.
        """
        if use_cache is None:
            use_cache = self.config.use_cache and not self.training and labels is None
        if labels is not None:
            _check_labels(
                labels, decoder_input_ids, decoder_inputs_embeds, self.lm_head.weight.shape[0]
            )
            if decoder_input_ids is None and decoder_inputs_embeds is None:
                decoder_input_ids = self.prepare_decoder_input_ids_from_labels(labels)
            if decoder_attention_mask is None:
                decoder_attention_mask = _mask_of_left_padding(
                    labels, decoder_input_ids, self._padding
                )
        elif decoder_input_ids is None and decoder_inputs_embeds is None:
            self._refuse_taken_labels(kwargs)
        outputs = self.model(
            input_ids=input_ids,
            attention_mask=attention_mask,
            decoder_input_ids=decoder_input_ids,
            decoder_attention_mask=decoder_attention_mask,
            encoder_outputs=encoder_outputs,
            inputs_embeds=inputs_embeds,
            decoder_inputs_embeds=decoder_inputs_embeds,
            past_key_values=past_key_values,
            use_cache=use_cache,
            output_attentions=output_attentions,
            output_hidden_states=output_hidden_states,
            ngram_ids=ngram_ids,
            char_ids=char_ids,
            input_features=input_features,
            pixel_values_videos=pixel_values_videos,
            return_dict=True,
            **{name: value for name, value in kwargs.items() if name not in _OF_LOSS},
        )
        hidden: Tensor = outputs.last_hidden_state
        loss = logits = None
        skips = kwargs.get("skip_logits")
        skips = self.training if skips is None else skips
        skips = labels is not None and skips and may_skip_logits(self.lm_head)
        dropped = self.lm_dropout(hidden)
        if not skips:
            kept: Any = logits_to_keep
            if labels is None and not (isinstance(kept, int) and kept == 0):
                dropped = dropped[:, slice(-kept, None) if isinstance(kept, int) else kept]
            logits = self._logits(dropped, decoder_attention_mask)
        if labels is not None:
            loss = self._loss(dropped, logits, labels, kwargs.get("num_items_in_batch"))
        return Seq2SeqLMOutput(
            loss=loss,
            logits=logits,
            past_key_values=outputs.past_key_values,
            decoder_hidden_states=outputs.decoder_hidden_states,
            cross_attentions=outputs.cross_attentions,
            encoder_last_hidden_state=outputs.encoder_last_hidden_state,
            encoder_hidden_states=outputs.encoder_hidden_states,
            encoder_attentions=outputs.encoder_attentions,
        )

    def _logits(self, vectors: Tensor, mask: Tensor | None) -> Tensor:
        """Return the logits (batch, columns, vocab_size), 0 where a mask of all columns is 0."""
        logits: Tensor = self.lm_head(vectors)
        if mask is not None and mask.shape == logits.shape[:2] and not bool(mask.all()):
            logits = logits.masked_fill(~mask.to(logits.device).bool().unsqueeze(-1), 0)
        return logits

    def _loss(
        self, vectors: Tensor, logits: Tensor | None, labels: Tensor, items: Tensor | int | None
    ) -> Tensor:
        """Return the cross-entropy of labels; without logits it is computed from the vectors."""
        targets = labels.to(vectors.device).long().flatten()
        kept = targets != IGNORED
        wanted = targets[kept]
        smoothing = float(self.config.label_smoothing) if self.training else 0.0
        if logits is None:
            # Padding would go through the output layer too, the dearest part of the step.
            total = vocabulary_loss(vectors.flatten(0, 1)[kept], self.lm_head, wanted, smoothing)
        else:
            of_labels = logits.flatten(0, 1)[kept]
            if of_labels.dtype in (torch.float16, torch.bfloat16):
                of_labels = of_labels.float()
            total = nn.functional.cross_entropy(
                of_labels, wanted, reduction="sum", label_smoothing=smoothing
            )
        return divided(total, kept.sum(), items)

    def _refuse_taken_labels(self, arguments: dict[str, Any]) -> None:
        """Say why there is nothing for the decoder to read, where ``Trainer`` took the labels."""
        if arguments.get("num_items_in_batch") is not None:
            raise ValueError(
                "Trainer took the labels away before the forward pass (label_smoothing_factor or "
                "compute_loss_func), so the decoder has nothing to read: give the model to "
                "DataCollatorForSeq2Seq, which makes decoder_input_ids, or use the config field "
                "label_smoothing instead"
            )

    def _prepare_text_encoder_decoder_kwargs_for_generation(
        self,
        inputs_tensor: Tensor,
        model_kwargs: dict[str, Any],
        model_input_name: str | None,
        generation_config: Any,
    ) -> dict[str, Any]:
        """Run the encoder before the first step, as transformers does.

        The keys of attention are computed here too, once and not in each step. They are an entry
        of the outputs, so that they are repeated with these for beams.
        """
        model, config = self.model, self.config
        asked = states_asked_for(model.encoder, config.bridge)
        inherited: Any = super()
        prepared: dict[str, Any] = inherited._prepare_text_encoder_decoder_kwargs_for_generation(
            inputs_tensor, {**model_kwargs, **asked}, model_input_name, generation_config
        )
        outputs = as_outputs(prepared["encoder_outputs"])
        if model.decoder.attention is not None:
            outputs["attention_keys"] = model.decoder.attention.keys(outputs.last_hidden_state)
        prepared["encoder_outputs"] = outputs
        return {name: value for name, value in prepared.items() if name not in asked}

    def _validate_generation_mode(
        self, generation_mode: Any, generation_config: Any, generation_mode_kwargs: dict[str, Any]
    ) -> None:
        """Check the way of decoding, as transformers does.

        Raises:
            ValueError: If it cannot return what is asked for.
        """
        assisted = generation_mode == GenerationMode.ASSISTED_GENERATION
        if assisted and generation_config.output_attentions:
            raise ValueError(
                "assisted decoding returns attention weights only of decoders that attend to "
                "themselves too: generate first, then call the model with output_attentions=True"
            )
        inherited: Any = super()
        inherited._validate_generation_mode(
            generation_mode, generation_config, generation_mode_kwargs
        )

    def _prepare_cache_for_generation(
        self,
        generation_config: Any,
        model_kwargs: dict[str, Any],
        generation_mode: Any,
        batch_size: int,
        max_cache_length: int,
    ) -> Any:
        """Make the cache as transformers does, without that of keys and values of a source."""
        inherited: Any = super()
        inherited._prepare_cache_for_generation(
            generation_config, model_kwargs, generation_mode, batch_size, max_cache_length
        )
        cache = model_kwargs.get("past_key_values")
        if isinstance(cache, EncoderDecoderCache):
            model_kwargs["past_key_values"] = cache.self_attention_cache


# Arguments of ``forward`` that the base model does not take.
_OF_LOSS = ("num_items_in_batch", "skip_logits", "return_dict")


def _check_labels(
    labels: Tensor, ids: Tensor | None, vectors: Tensor | None, vocab_size: int
) -> None:
    """Raise ``ValueError`` unless labels are ids, one for each token that the decoder reads."""
    if labels.dim() != 2 or labels.is_floating_point():
        raise ValueError(
            f"labels has shape {tuple(labels.shape)} and is {labels.dtype}, expected integers "
            "(batch, target)"
        )
    for name, given in (("decoder_input_ids", ids), ("decoder_inputs_embeds", vectors)):
        if given is not None and given.shape[:2] != labels.shape:
            raise ValueError(
                f"labels has shape {tuple(labels.shape)}, expected {tuple(given.shape[:2])} as "
                f"{name} has, one for each token"
            )
    wrong = labels[(labels != IGNORED) & ((labels < 0) | (labels >= vocab_size))]
    if len(wrong):
        raise ValueError(
            f"labels holds {int(wrong[0])}, but the model predicts ids 0 to {vocab_size - 1}: take "
            "the tokenizer that belongs to the model, or resize_token_embeddings"
        )


def _mask_of_left_padding(labels: Tensor, ids: Tensor | None, padding: int | None) -> Tensor | None:
    """Return the mask of a target (batch, target) that is padded on the left, else ``None``.

    Padding is what has no label, none before it either, and the id of the padding. Other tokens
    without a label are read, but not predicted.

    Args:
        labels: (batch, target) the labels.
        ids: (batch, target) what the decoder reads, if it reads ids.
        padding: The id of the padding, if there is any.
    """
    if ids is None or padding is None or not labels.numel():
        return None
    if not bool((labels[:, 0] == IGNORED).any()):
        return None
    seen = (labels != IGNORED).cummax(1).values
    # A row without labels is read from its start, as without a mask.
    return seen | ~seen[:, -1:] | (ids.to(labels.device) != padding)
