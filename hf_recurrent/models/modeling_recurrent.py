"""The recurrent family: Elman RNN, LSTM and GRU over words or frames, and its heads."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from torch import Tensor
from transformers import GenerationMixin
from transformers.utils import ModelOutput, can_return_tuple

from .causal import CausalLanguageModel, list_by_name
from .classification import PooledClassifier
from .configuration_recurrent import RecurrentConfig
from .embeddings import freeze_embeddings
from .input_layers import make_input_layer
from .model_inputs import ModelInputs, embed
from .one_hot import OneHotEmbedding, OneHotTokens, has_hooks
from .pooling import make_pooling
from .publishable import passing_on
from .ragged import TokenColumns
from .regularization import WordDropout
from .stack import RecurrentStack
from .tagging import Tagger
from .text_scoring import TextScorer
from .vectors_to_rows import rows_of_vectors
from .word_model import WordModel


@dataclass
class RecurrentModelOutput(ModelOutput):
    """Output of ``RecurrentModel``.

    Args:
        last_hidden_state: (batch, time, output_size), 0 on padding.
        hidden_states: The embeddings (batch, time, embedding_size) and each layer's output (batch,
            time, output_size), on ``output_hidden_states=True``.
        final_hidden_state: (batch, layers * directions, hidden_size), after each row's last token,
            on ``output_final_state=True``.
        final_cell_state: Likewise, for an LSTM.
        mask: (batch, steps, bool), true on real steps, if the model gives fewer steps than it
            reads; the time of the other outputs is then that of these steps.
    """

    last_hidden_state: Tensor | None = None
    hidden_states: tuple[Tensor, ...] | None = None
    final_hidden_state: Tensor | None = None
    final_cell_state: Tensor | None = None
    mask: Tensor | None = None


class RecurrentPreTrainedModel(WordModel):
    """Base class of the models of this family."""

    config_class = RecurrentConfig
    base_model_prefix = "model"
    supports_gradient_checkpointing = True
    config: RecurrentConfig

    @classmethod
    def from_vectors(
        cls, vectors: Any, tokenizer: Any = None, *, ngrams: bool = True, **config: Any
    ) -> Self:
        """Make a model whose input layer has the vector of word i in row i.

        The rows after the words belong to the special tokens ``<unk>`` and ``[PAD]`` and are zeros,
        unless the vectors have these tokens. The matching tokenizer is
        ``hf_recurrent.vectors.tokenizer_from_vectors(vectors)``. For the words of texts, for
        several sets of vectors and for one-hot inputs use ``hf_recurrent.vectors.word_inputs``.

        Args:
            vectors: Word vectors with ``index_to_key`` and ``vectors``, as gensim's KeyedVectors.
            tokenizer: If given, its ids must be the rows of the vectors.
            ngrams: Whether to keep the n-grams of a ``FastTextKeyedVectors``, so that an unseen
                word has a vector too.
            **config: Other fields of the configuration. With ``freeze_embeddings=True`` training
                does not change the vectors.

        Raises:
            ValueError: If the vectors or a field are wrong, or the ids are not the rows.
        """
        rows = rows_of_vectors(vectors, tokenizer, ngrams)
        fields: dict[str, Any] = {
            "vocab_size": len(rows.weight),
            "embedding_size": rows.weight.shape[1],
            "pad_token_id": rows.pad_token_id,
            "embedding_config": rows.embedding_config,
        }
        for name in fields.keys() & config.keys():
            raise ValueError(f"{name} follows from the vectors, and {config[name]!r} was given")
        model = cls(RecurrentConfig(**fields, **config))
        model.get_input_embeddings().load_state_dict(rows.weights)
        return passing_on(model, vectors, tokenizer)


class RecurrentModel(RecurrentStack, RecurrentPreTrainedModel):
    """An input layer and a stack of recurrent layers.

    Example:
        >>> import torch
        >>> from hf_recurrent import RecurrentConfig, RecurrentModel
        >>> model = RecurrentModel(RecurrentConfig(vocab_size=100, cell_type="gru"))
        >>> model(torch.tensor([[5, 6, 7]])).last_hidden_state.shape
        torch.Size([1, 3, 256])
    """

    def __init__(self, config: RecurrentConfig) -> None:
        super().__init__(config)
        self.embed_tokens = make_input_layer(config)
        self.word_dropout = WordDropout(config.word_dropout, config.vocab_size)
        self.add_layers(config.input_size)
        self.post_init()
        self.freeze_as_configured()

    def freeze_as_configured(self) -> None:
        """Keep the parts out of training that ``freeze_embeddings`` and ``frozen_layers`` name."""
        freeze_embeddings(self.embed_tokens, self.config.freeze_embeddings)
        for layer in self.config.frozen_layers:
            self.layers[layer].requires_grad_(False)

    @can_return_tuple
    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        initial_hidden_state: Tensor | None = None,
        initial_cell_state: Tensor | None = None,
        output_final_state: bool = False,
        output_hidden_states: bool | None = None,
        ngram_ids: Tensor | None = None,
        char_ids: Tensor | None = None,
        input_features: Tensor | None = None,
        pixel_values_videos: Tensor | None = None,
        **kwargs: Any,
    ) -> RecurrentModelOutput:
        """Run the layers over a batch.

        Args:
            input_ids: (batch, time) token ids.
            attention_mask: (batch, time), nonzero on real tokens; padding may be on either side,
                and zeros between real tokens are skipped. Without it every position counts.
            inputs_embeds: (batch, time, embedding_size), in place of what the input layer reads.
            initial_hidden_state: (batch, layers * directions, hidden_size); zeros if not given.
            initial_cell_state: Likewise, for an LSTM.
            output_final_state: Whether to return the final states, to continue from them.
            output_hidden_states: Whether to return every layer's output.
            ngram_ids: (batch, time, n) n-gram ids, if the input layer has n-grams.
            char_ids: (batch, time, n) character ids, if the input layer has characters.
            input_features: (batch, time, channels) frames, if the input layer reads frames in place
                of token ids.
            pixel_values_videos: (batch, time, channels, height, width) pictures, if it reads
                pictures.
            **kwargs: Ignored, as Trainer passes more arguments than a base model needs.

        Raises:
            ValueError: If the shapes of the arguments do not fit together.
        """
        inputs = self.read(
            attention_mask,
            {
                "input_ids": input_ids,
                "input_features": input_features,
                "pixel_values_videos": pixel_values_videos,
                "inputs_embeds": inputs_embeds,
                "ngram_ids": ngram_ids,
                "char_ids": char_ids,
            },
            continues=initial_hidden_state is not None,
        )
        layer = self.embed_tokens
        look_up = None
        if isinstance(layer, OneHotEmbedding) and not has_hooks(layer):
            look_up = layer.tokens
        embedded: Tensor | OneHotTokens = embed(layer, inputs, look_up)
        if "input_ids" in inputs.given and "inputs_embeds" not in inputs.given:
            embedded = self._drop_words(embedded, inputs.given["input_ids"].where(inputs.mask, 0))
        embedded, mask, columns = self.prepare(embedded, inputs)
        outputs = self.run_layers(
            embedded,
            mask,
            columns,
            dense=attention_mask is None,
            initial_hidden_state=initial_hidden_state,
            initial_cell_state=initial_cell_state,
            output_final_state=output_final_state,
            output_hidden_states=output_hidden_states,
        )
        own_steps = columns.restore(mask) if mask is not inputs.mask else None
        return RecurrentModelOutput(**outputs, mask=own_steps)

    def prepare(self, embedded: Any, inputs: ModelInputs) -> tuple[Any, Tensor, TokenColumns]:
        """Return what the first layer reads, its mask and its columns; a family may change them."""
        return embedded, inputs.mask, inputs.columns

    def _drop_words(self, embedded: Tensor | OneHotTokens, ids: Tensor) -> Tensor | OneHotTokens:
        if isinstance(embedded, OneHotTokens):
            return embedded._replace(scale=self.word_dropout(embedded.scale, ids))
        dropped: Tensor = self.word_dropout(embedded, ids)
        return dropped


class RecurrentForSequenceClassification(PooledClassifier, RecurrentPreTrainedModel):
    """A recurrent network, a pooling and a linear classifier.

    ``config.num_labels``, ``id2label`` and ``problem_type`` have their meaning in transformers.
    """

    base_model_class: ClassVar[type[RecurrentModel]] = RecurrentModel

    def __init__(self, config: RecurrentConfig) -> None:
        super().__init__(config)
        self.model = self.base_model_class(config)
        self.pooling = make_pooling(config.pooling, config.hidden_size, config.num_directions)
        self.add_classifier(config.output_size)
        self.post_init()


class RecurrentForTokenClassification(Tagger, RecurrentPreTrainedModel):
    """A recurrent network and a linear classifier of each token, with or without a CRF on top.

    ``config.crf`` adds the CRF (Huang et al. 2015); see ``tagging.py`` for the outputs.
    """

    def __init__(self, config: RecurrentConfig) -> None:
        super().__init__(config)
        self.model = RecurrentModel(config)
        self.add_classifier(config.output_size)
        self.post_init()


class RecurrentForCausalLM(
    CausalLanguageModel, TextScorer, RecurrentPreTrainedModel, GenerationMixin
):
    """A recurrent language model, which predicts the next token and generates text.

    ``config.tie_word_embeddings`` shares the weights of the embedding and of ``lm_head`` (Press and
    Wolf 2017), through a linear layer where ``output_size`` is not ``embedding_size``. See
    ``causal.py`` for the arguments and outputs.

    Example:
        >>> import torch
        >>> from hf_recurrent import RecurrentConfig, RecurrentForCausalLM
        >>> model = RecurrentForCausalLM(RecurrentConfig(vocab_size=100)).eval()
        >>> model.generate(torch.tensor([[5, 6, 7]]), max_new_tokens=4).shape
        torch.Size([1, 7])
    """

    _tied_weights_keys = {"lm_head.weight": "model.embed_tokens.weight"}  # noqa: RUF012

    def __init__(self, config: RecurrentConfig) -> None:
        super().__init__(config)
        self.model = RecurrentModel(config)
        self.add_lm_head()
        self.post_init()


RecurrentConfig.register_for_auto_class()
RecurrentModel.register_for_auto_class("AutoModel")
RecurrentForSequenceClassification.register_for_auto_class("AutoModelForSequenceClassification")
RecurrentForTokenClassification.register_for_auto_class("AutoModelForTokenClassification")
RecurrentForCausalLM.register_for_auto_class("AutoModelForCausalLM")
list_by_name(RecurrentForCausalLM)
