"""Static word embeddings: the vectors themselves, and a classifier over their mean."""

from dataclasses import dataclass
from typing import Any, cast

from torch import Tensor, nn
from transformers.utils import ModelOutput, can_return_tuple

from .classification import PooledClassifierOutput, classification_loss, token_mask
from .configuration_static_embedding import StaticEmbeddingConfig
from .embeddings import LockedDropout, embed, freeze_embeddings
from .input_layers import make_input_layer
from .pooling import MeanPooling
from .word_model import WordModel


@dataclass
class StaticEmbeddingOutput(ModelOutput):
    """Output of ``StaticEmbeddingModel``.

    Args:
        last_hidden_state: (batch, time, embedding_size) the vector of each token, 0 on padding.
        pooler_output: (batch, embedding_size) their mean, zeros for a row without tokens.
    """

    last_hidden_state: Tensor | None = None
    pooler_output: Tensor | None = None


class StaticEmbeddingPreTrainedModel(WordModel):
    """What the models of this family share."""

    config_class = StaticEmbeddingConfig
    base_model_prefix = "model"
    config: StaticEmbeddingConfig


class StaticEmbeddingModel(StaticEmbeddingPreTrainedModel):
    """One vector a token; with the plain look-up its only parameter is ``embedding.weight``."""

    def __init__(self, config: StaticEmbeddingConfig) -> None:
        super().__init__(config)
        self.embedding = make_input_layer(config)
        self.embedding_dropout = LockedDropout(config.embedding_dropout, locked=False)
        self.pooling = MeanPooling()
        self.post_init()
        self.freeze_as_configured()

    def freeze_as_configured(self) -> None:
        """Keep out of training what ``freeze_embeddings`` names."""
        freeze_embeddings(self.embedding, self.config.freeze_embeddings)

    def get_input_embeddings(self) -> nn.Module:
        """Return the input layer."""
        return self.embedding

    def set_input_embeddings(self, value: Any) -> None:
        """Replace the input layer."""
        self.embedding = value

    @can_return_tuple
    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        ngram_ids: Tensor | None = None,
        **kwargs: Any,
    ) -> StaticEmbeddingOutput:
        """Look up the vectors of a batch and their mean.

        Args:
            input_ids: (batch, time) token ids.
            attention_mask: (batch, time), nonzero on real tokens. Without it every position counts.
            inputs_embeds: (batch, time, embedding_size), in place of ``input_ids``.
            ngram_ids: (batch, time, n) n-gram ids, where the input layer has n-grams.
            **kwargs: ignored, as Trainer passes more than a base model wants.
        """
        mask = token_mask(input_ids, inputs_embeds, attention_mask)
        if input_ids is not None and input_ids.shape[1]:
            self.warn_if_padding_and_no_attention_mask(input_ids, attention_mask)
        inputs_embeds = embed(self.embedding, input_ids, inputs_embeds, mask, ngram_ids=ngram_ids)
        hidden = self.embedding_dropout(inputs_embeds).where(mask.unsqueeze(-1), 0)
        pooled, _ = self.pooling(hidden, mask)
        return StaticEmbeddingOutput(last_hidden_state=hidden, pooler_output=pooled)


class StaticEmbeddingForSequenceClassification(StaticEmbeddingPreTrainedModel):
    """A bag of vectors: the mean of the word vectors and a linear classifier.

    The simple baseline that a recurrent network has to beat (Joulin et al. 2017, without n-grams).
    """

    def __init__(self, config: StaticEmbeddingConfig) -> None:
        super().__init__(config)
        self.num_labels = cast(int, config.num_labels)
        self.model = StaticEmbeddingModel(config)
        self.classifier_dropout = nn.Dropout(config.classifier_dropout)
        self.classifier = nn.Linear(config.embedding_size, self.num_labels)
        self.post_init()

    @can_return_tuple
    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        ngram_ids: Tensor | None = None,
        **kwargs: Any,
    ) -> PooledClassifierOutput:
        """Classify texts; arguments as in the base model, labels as ``loss.py`` says."""
        outputs = self.model(input_ids, attention_mask, inputs_embeds, ngram_ids, return_dict=True)
        logits = self.classifier(self.classifier_dropout(outputs.pooler_output))
        return PooledClassifierOutput(
            loss=classification_loss(self.config, logits, labels, kwargs), logits=logits
        )


StaticEmbeddingConfig.register_for_auto_class()
StaticEmbeddingModel.register_for_auto_class("AutoModel")
StaticEmbeddingForSequenceClassification.register_for_auto_class(
    "AutoModelForSequenceClassification"
)
