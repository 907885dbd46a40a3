"""Encoder-decoder networks with a recurrent decoder: translation, and all that writes text."""

from typing import Any

from torch import Tensor, nn
from transformers import Cache, DynamicCache, GenerationMixin
from transformers.modeling_outputs import Seq2SeqModelOutput
from transformers.utils import can_return_tuple

from .conditional import ConditionalGenerator
from .configuration_recurrent_seq2seq import RecurrentSeq2SeqConfig
from .decoder import RecurrentDecoder
from .embeddings import InputLayer
from .reading_target import read_target
from .source import as_outputs, encode, make_encoder, read_source, source_shape
from .word_model import WordModel


class RecurrentSeq2SeqPreTrainedModel(WordModel):
    """Base class of the models of this family."""

    config_class = RecurrentSeq2SeqConfig
    base_model_prefix = "model"
    supports_gradient_checkpointing = True
    config: RecurrentSeq2SeqConfig

    def read_main_input_of(self, encoder: Any) -> None:
        """Take the main input of the encoder for that of the model."""
        self.main_input_name = encoder.main_input_name

    @property
    def dummy_inputs(self) -> dict[str, Tensor]:
        """Examples of the model's inputs: those of the encoder, and a target of two tokens."""
        inputs: dict[str, Tensor] = dict(self.get_encoder().dummy_inputs)
        mask = inputs.get("attention_mask")
        if mask is not None:
            inputs["decoder_input_ids"] = mask.new_zeros(len(mask), 2)
        return inputs

    def get_input_embeddings(self) -> nn.Module:
        """Return the embedding of the decoder, whose ids are those that the model predicts."""
        embedding: nn.Module = self.get_decoder().embed_tokens
        return embedding

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace the embedding of the decoder, and that of the encoder where they are tied."""
        self.get_decoder().embed_tokens = value
        if self.config.tie_encoder_embeddings:
            self.get_encoder().set_input_embeddings(value)

    def resize_token_embeddings(self, *args: Any, **kwargs: Any) -> Any:
        """Change the number of target tokens, as ``PreTrainedModel`` does.

        Those of the source too where the two are tied; otherwise the encoder has a method of its
        own.
        """
        resized = super().resize_token_embeddings(*args, **kwargs)
        if self.config.tie_encoder_embeddings:
            encoder: Any = self.config.encoder
            encoder.vocab_size = self.config.vocab_size
            encoder.pad_token_id = self.config.pad_token_id
        return resized


class RecurrentSeq2SeqModel(RecurrentSeq2SeqPreTrainedModel):
    """An encoder, and a recurrent decoder that attends to it.

    Example:
        >>> import torch
        >>> from hf_recurrent import RecurrentSeq2SeqConfig, RecurrentSeq2SeqModel
        >>> config = RecurrentSeq2SeqConfig(encoder={"vocab_size": 50}, vocab_size=60)
        >>> model = RecurrentSeq2SeqModel(config)
        >>> source, target = torch.tensor([[5, 6, 7]]), torch.tensor([[1, 8]])
        >>> model(source, decoder_input_ids=target).last_hidden_state.shape
        torch.Size([1, 2, 256])
    """

    def __init__(self, config: RecurrentSeq2SeqConfig) -> None:
        super().__init__(config)
        self.encoder = make_encoder(config.encoder, config.bridge)
        self.decoder = RecurrentDecoder(config, source_shape(config.encoder))
        self.read_main_input_of(self.encoder)
        if config.tie_encoder_embeddings:
            self._tied_weights_keys = {"encoder.embed_tokens.weight": "decoder.embed_tokens.weight"}
        self.post_init()
        self.freeze_as_configured()

    def freeze_as_configured(self) -> None:
        """Keep the parts out of training that the configurations name."""
        freeze = getattr(self.encoder, "freeze_as_configured", None)
        if freeze is not None:
            freeze()
        if isinstance(self.decoder.embed_tokens, InputLayer):
            self.decoder.embed_tokens.freeze_as_configured()

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
        past_key_values: Cache | None = None,
        use_cache: bool | None = None,
        output_attentions: bool | None = None,
        output_hidden_states: bool | None = None,
        ngram_ids: Tensor | None = None,
        char_ids: Tensor | None = None,
        input_features: Tensor | None = None,
        pixel_values_videos: Tensor | None = None,
        **kwargs: Any,
    ) -> Seq2SeqModelOutput:
        """Run the encoder over a batch of sources, and the decoder over their targets.

        Args:
            input_ids: (batch, source) token ids of the source.
            attention_mask: (batch, source), nonzero on real steps of the source; padding may be on
                either side.
            decoder_input_ids: (batch, target) token ids of the target.
            decoder_attention_mask: (batch, target), nonzero on real tokens; with a cache it may
                also cover the tokens that were read before.
            encoder_outputs: The outputs of the encoder, in place of its inputs.
            inputs_embeds: (batch, source, size), in place of what the encoder's input layer reads.
            decoder_inputs_embeds: (batch, target, embedding_size), in place of
                ``decoder_input_ids``.
            past_key_values: The cache of an earlier call, whose states are continued, and which is
                updated in place.
            use_cache: Whether to return a cache. ``None``: as the configuration says, but not in
                training.
            output_attentions: Whether to return the weights of attention: ``cross_attentions``, as
                in transformers a tuple, here of one tensor (batch, 1, target, source).
            output_hidden_states: Whether to return the outputs of all layers.
            ngram_ids: (batch, source, n) n-gram ids, if the encoder's input layer has n-grams.
            char_ids: (batch, source, n) character ids, if it has characters.
            input_features: (batch, source, channels) frames, if it reads frames.
            pixel_values_videos: (batch, source, channels, height, width) pictures, if it reads
                pictures.
            **kwargs: What else a model of transformers as encoder takes; others are ignored.

        Returns:
            ``last_hidden_state`` is (batch, target, vector_size), what an output layer reads.

        Raises:
            ValueError: If shapes do not fit together, or the cache is of another model or batch.
        """
        config = self.config
        if use_cache is None:
            use_cache = config.use_cache and not self.training
        if output_attentions is None:
            output_attentions = bool(config.output_attentions)
        if output_hidden_states is None:
            output_hidden_states = bool(config.output_hidden_states)
        given = {
            "input_ids": input_ids,
            "inputs_embeds": inputs_embeds,
            "ngram_ids": ngram_ids,
            "char_ids": char_ids,
            "input_features": input_features,
            "pixel_values_videos": pixel_values_videos,
        }
        if encoder_outputs is None:
            asked = {
                "output_attentions": output_attentions,
                "output_hidden_states": output_hidden_states,
            }
            encoder_outputs = encode(
                self.encoder, config.bridge, attention_mask, {**kwargs, **asked, **given}
            )
        encoder_outputs = as_outputs(encoder_outputs)
        source = read_source(
            self.encoder, self.decoder.attention, config.bridge, encoder_outputs, attention_mask
        )
        if use_cache and past_key_values is None:
            past_key_values = DynamicCache(config=config)
        found = read_target(
            self.decoder,
            source,
            past_key_values,
            decoder_input_ids,
            decoder_inputs_embeds,
            decoder_attention_mask,
            output_hidden_states,
        )
        cache: Any = past_key_values if use_cache else None
        weights = None
        if output_attentions and found.weights is not None:
            weights = (found.weights.unsqueeze(1),)  # one layer, one head
        return Seq2SeqModelOutput(
            last_hidden_state=found.vectors,
            past_key_values=cache,
            decoder_hidden_states=found.hidden_states,
            cross_attentions=weights,
            encoder_last_hidden_state=encoder_outputs.last_hidden_state,
            encoder_hidden_states=encoder_outputs.get("hidden_states"),
            encoder_attentions=encoder_outputs.get("attentions"),
        )


class RecurrentForConditionalGeneration(
    ConditionalGenerator, RecurrentSeq2SeqPreTrainedModel, GenerationMixin
):
    """An encoder-decoder network that writes a text for what it reads: a translator, for one.

    ``config.tie_word_embeddings`` and ``config.tie_encoder_embeddings`` share the weights of the
    embeddings and of ``lm_head`` (Press and Wolf 2017). See ``conditional.py`` for the arguments.

    Example:
        >>> import torch
        >>> from hf_recurrent import RecurrentForConditionalGeneration, RecurrentSeq2SeqConfig
        >>> config = RecurrentSeq2SeqConfig(
        ...     encoder={"vocab_size": 50}, vocab_size=60, bos_token_id=1, eos_token_id=2
        ... )
        >>> model = RecurrentForConditionalGeneration(config).eval()
        >>> model.generate(torch.tensor([[5, 6, 7]]), max_new_tokens=4).shape[0]
        1
    """

    def __init__(self, config: RecurrentSeq2SeqConfig) -> None:
        super().__init__(config)
        self.model = RecurrentSeq2SeqModel(config)
        self.read_main_input_of(self.model)
        self.add_lm_head()
        if config.tie_word_embeddings:
            self._tied_weights_keys = {"lm_head.weight": "model.decoder.embed_tokens.weight"}
        self.post_init()


RecurrentSeq2SeqConfig.register_for_auto_class()
RecurrentSeq2SeqModel.register_for_auto_class("AutoModel")
RecurrentForConditionalGeneration.register_for_auto_class("AutoModelForSeq2SeqLM")
