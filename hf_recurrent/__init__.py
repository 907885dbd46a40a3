"""Recurrent networks and word vectors for the Hugging Face ecosystem.

Importing the package registers its models with the Auto classes of transformers.
"""

from importlib.metadata import version
from typing import Any

from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForSequenceClassification,
    AutoTokenizer,
)

from .models.checks import FamilyConfig
from .models.configuration_recurrent import RecurrentConfig
from .models.configuration_static_embedding import StaticEmbeddingConfig
from .models.modeling_recurrent import RecurrentForSequenceClassification, RecurrentModel
from .models.modeling_static_embedding import (
    StaticEmbeddingForSequenceClassification,
    StaticEmbeddingModel,
)
from .models.tokenization_ngrams import NgramTokenizer

__version__ = version("hf-recurrent")

for _config, _model, _classifier in (
    (RecurrentConfig, RecurrentModel, RecurrentForSequenceClassification),
    (StaticEmbeddingConfig, StaticEmbeddingModel, StaticEmbeddingForSequenceClassification),
):
    AutoConfig.register(_config.model_type, _config, exist_ok=True)
    AutoModel.register(_config, _model, exist_ok=True)
    AutoModelForSequenceClassification.register(_config, _classifier, exist_ok=True)
# By no family's own configuration, for each of them also takes plain tokenizers.
AutoTokenizer.register(FamilyConfig, NgramTokenizer, exist_ok=True)

_LAZY = {
    "load_text_dataset": "data",
    "load_vectors": "vectors",
    "tokenizer_from_texts": "vectors",
    "tokenizer_from_vectors": "vectors",
}

__all__ = [
    "NgramTokenizer",
    "RecurrentConfig",
    "RecurrentForSequenceClassification",
    "RecurrentModel",
    "StaticEmbeddingConfig",
    "StaticEmbeddingForSequenceClassification",
    "StaticEmbeddingModel",
    "__version__",
    *_LAZY,
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
