"""Static word embeddings: the vectors themselves, and a classifier over their mean."""

from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers import initialization as init
from transformers.utils import ModelOutput, can_return_tuple

from .classification import PooledClassifier
from .configuration_static_embedding import StaticEmbeddingConfig
from .embeddings import LockedDropout, freeze_embeddings
from .input_layers import make_input_layer
from .model_inputs import embed
from .opening import model_of_weights, open_folder
from .pooling import MeanPooling
from .publishable import passing_on
from .sentence_encoding import SentenceEncoder
from .sentence_transformers_folder import MODULES, write_modules
from .vectors_to_rows import rows_of_vectors
from .word_model import WordModel


@dataclass
class StaticEmbeddingOutput(ModelOutput):
    """Output of ``StaticEmbeddingModel``.

    Args:
        last_hidden_state: (batch, time, embedding_size) the vector of each token, 0 on padding.
        pooler_output: (batch, embedding_size) the mean of these, zeros for a row without tokens.
    """

    last_hidden_state: Tensor | None = None
    pooler_output: Tensor | None = None


class StaticEmbeddingPreTrainedModel(WordModel):
    """Base class of the models of this family."""

    config_class = StaticEmbeddingConfig
    base_model_prefix = "model"
    config: StaticEmbeddingConfig

    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        if isinstance(module, StaticEmbeddingModel) and module.token_weights is not None:
            init.ones_(module.token_weights)  # the plain mean
            if module.common_components is not None:
                init.zeros_(module.common_components)

    def resize_token_embeddings(self, *args: Any, **kwargs: Any) -> Any:
        """Change the number of token ids; see ``WordModel``.

        In sentence vectors, new tokens get the largest weight that any token has.
        """
        layer = super().resize_token_embeddings(*args, **kwargs)
        model = cast(StaticEmbeddingModel, self.base_model)
        weights, rows = model.token_weights, self.config.vocab_size
        if weights is not None:
            added = weights.max().expand(max(0, rows - len(weights)))
            model.token_weights = torch.cat([weights[:rows], added])
        if self.config.num_words is not None:
            self.config.num_words = min(self.config.num_words, rows)
        return layer


class StaticEmbeddingModel(SentenceEncoder, StaticEmbeddingPreTrainedModel):
    """One vector a token; with the plain look-up its only parameter is ``embedding.weight``.

    The token weights for sentence vectors are buffers; ``fit_weights`` adds them.

    Example:
        >>> import numpy as np
        >>> from types import SimpleNamespace
        >>> from hf_recurrent import StaticEmbeddingModel
        >>> matrix = np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32)
        >>> vectors = SimpleNamespace(index_to_key=["a", "b"], vectors=matrix)
        >>> model = StaticEmbeddingModel.from_vectors(vectors)
        >>> model.config.vocab_size, model.config.pad_token_id  # <unk> and [PAD] were added
        (4, 3)
    """

    def __init__(self, config: StaticEmbeddingConfig) -> None:
        super().__init__(config)
        self.embedding = make_input_layer(config)
        weighted, axes = config.weighting is not None, config.num_components
        self.register_buffer("token_weights", torch.ones(config.vocab_size) if weighted else None)
        self.register_buffer(
            "common_components", torch.zeros(axes, config.embedding_size) if axes else None
        )
        self.embedding_dropout = LockedDropout(config.embedding_dropout, locked=False)
        self.pooling = MeanPooling()
        self.post_init()
        self.freeze_as_configured()

    @classmethod
    def from_vectors(
        cls, vectors: Any, tokenizer: Any = None, *, ngrams: bool = True, **config: Any
    ) -> "StaticEmbeddingModel":
        """Make a model whose row i is the vector of word i.

        The rows after the words belong to the special tokens ``<unk>`` and ``[PAD]`` and are zeros,
        unless the vectors have these tokens. The matching tokenizer is
        ``hf_recurrent.vectors.tokenizer_from_vectors(vectors)``. If no row is added, the model
        shares the memory of the vectors. The n-grams of a ``FastTextKeyedVectors`` are kept, so
        that an unseen word has a vector too; the tokenizer is then an ``NgramTokenizer``.

        Args:
            vectors: Word vectors with ``index_to_key`` and ``vectors``, as gensim's KeyedVectors.
            tokenizer: If given, its ids must be the rows of the vectors.
            ngrams: Whether to keep n-grams, if the vectors have any.
            **config: Other fields of the configuration.

        Raises:
            ValueError: If the vectors or a field are wrong, or the ids are not the rows.
        """
        rows = rows_of_vectors(vectors, tokenizer, ngrams)
        fields: dict[str, Any] = {
            "vocab_size": len(rows.weight),
            "embedding_size": rows.weight.shape[1],
            "pad_token_id": rows.pad_token_id,
            "num_words": rows.num_words,
            "dtype": rows.weight.dtype,
        }
        for name in (*fields, "embedding_config", "weighting", "num_components"):
            if name in config:
                raise ValueError(f"{name} follows from the vectors, and {config[name]!r} was given")
        made = StaticEmbeddingConfig(**fields, embedding_config=rows.embedding_config, **config)
        weights = {f"embedding.{name}": value for name, value in rows.weights.items()}
        return passing_on(model_of_weights(cls, made, weights), vectors, tokenizer)

    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        """Load as transformers does; see ``PreTrainedModel.from_pretrained``.

        A local folder that holds exactly what this model needs is opened in a faster way.
        """
        model = None if args else open_folder(cls, pretrained_model_name_or_path, **kwargs)
        if model is not None:
            return model
        return super().from_pretrained(pretrained_model_name_or_path, *args, **kwargs)

    def save_pretrained(self, save_directory: Any, *args: Any, **kwargs: Any) -> Any:
        """Save as transformers does, in a folder that ``SentenceTransformer`` can open too.

        This needs the plain look-up as the input layer, and the tokenizer in the same folder.
        """
        if isinstance(self.embedding, nn.Embedding):
            write_modules(save_directory)
        return super().save_pretrained(save_directory, *args, **kwargs)

    def _get_files_timestamps(self, working_dir: Any) -> dict[str, float]:
        """Return the files that were in the folder before, without ``modules.json``, to push it."""
        found = super()._get_files_timestamps(working_dir)
        return {name: time for name, time in found.items() if name != MODULES}

    def freeze_as_configured(self) -> None:
        """Keep the embeddings out of training if ``freeze_embeddings`` is set."""
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
        char_ids: Tensor | None = None,
        **kwargs: Any,
    ) -> StaticEmbeddingOutput:
        """Look up the vectors of a batch and their mean.

        Args:
            input_ids: (batch, time) token ids.
            attention_mask: (batch, time), nonzero on real tokens. Without it every position counts.
            inputs_embeds: (batch, time, embedding_size), in place of ``input_ids``.
            ngram_ids: (batch, time, n) n-gram ids, if the input layer has n-grams.
            char_ids: (batch, time, n) character ids, if the input layer has characters.
            **kwargs: Ignored, as Trainer passes more arguments than a base model needs.
        """
        inputs = self.read(
            attention_mask,
            {
                "input_ids": input_ids,
                "inputs_embeds": inputs_embeds,
                "ngram_ids": ngram_ids,
                "char_ids": char_ids,
            },
        )
        mask = inputs.mask
        vectors = self.embedding_dropout(embed(self.embedding, inputs))
        hidden = vectors.where(mask.unsqueeze(-1), 0)
        pooled, _ = self.pooling(hidden, mask)
        return StaticEmbeddingOutput(
            last_hidden_state=inputs.columns.restore(hidden), pooler_output=pooled
        )


class StaticEmbeddingForSequenceClassification(PooledClassifier, StaticEmbeddingPreTrainedModel):
    """A bag of vectors: the mean of the word vectors and a linear classifier.

    This is the simple baseline that a recurrent network has to beat (Joulin et al. 2017, without
    n-grams).
    """

    def __init__(self, config: StaticEmbeddingConfig) -> None:
        super().__init__(config)
        self.model = StaticEmbeddingModel(config)
        self.add_classifier(config.embedding_size)
        self.post_init()

    def pool(self, outputs: Any, hidden: Tensor, mask: Tensor) -> tuple[Tensor, None]:
        """Return the mean (batch, embedding_size) that the base model has computed."""
        return outputs.pooler_output, None


StaticEmbeddingConfig.register_for_auto_class()
StaticEmbeddingModel.register_for_auto_class("AutoModel")
StaticEmbeddingForSequenceClassification.register_for_auto_class(
    "AutoModelForSequenceClassification"
)
