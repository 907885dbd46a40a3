"""Training of text classifiers with Trainer: over word vectors, and the fine-tuned encoder."""

from functools import partial
from typing import Any

from transformers import DataCollatorWithPadding

from ... import RecurrentConfig, StaticEmbeddingConfig
from ...metrics import classification_metrics
from .. import networks
from ..elmo_networks import fit_over_elmo
from ..fitted import Fitted
from ..model_rows import Work
from .encoding import encode_texts, label_names
from .prediction import label_ids, word_weights

NETWORK_RECIPE = networks.NetworkRecipe(
    labels=label_names,
    encode=encode_texts,
    collator=DataCollatorWithPadding,
    metrics=lambda train: classification_metrics,
    answer=label_ids,
)


def fit_recurrent(work: Work) -> Fitted:
    """Train a recurrent network over word vectors."""
    model, tokenizer = networks.word_network(work, NETWORK_RECIPE, RecurrentConfig)
    fitted = networks.fit_network(work, NETWORK_RECIPE, model, tokenizer)
    config: Any = model.config
    if config.pooling == "attention":
        fitted.explain = partial(word_weights, model, tokenizer, max_length=work.max_length)
    return fitted


def fit_static(work: Work) -> Fitted:
    """Train a classifier on the mean of word vectors, which has no hidden layer."""
    model, tokenizer = networks.word_network(
        work, NETWORK_RECIPE, StaticEmbeddingConfig, left_out=("hidden_size",)
    )
    return networks.fit_network(work, NETWORK_RECIPE, model, tokenizer)


def fit_elmo(work: Work) -> Fitted:
    """Train a recurrent network over ELMo's vectors, with ELMo or over it as it is."""
    return fit_over_elmo(work, NETWORK_RECIPE)


def fit_encoder(work: Work) -> Fitted:
    """Train a fresh classifier on a pretrained encoder, with it or on it as it is."""
    return networks.fit_encoder(work, NETWORK_RECIPE)
