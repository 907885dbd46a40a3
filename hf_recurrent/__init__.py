"""Recurrent networks and word vectors for the Hugging Face ecosystem.

Importing the package registers its models with the Auto classes of transformers: at once if these
are already imported, otherwise when they are imported.
"""

from typing import TYPE_CHECKING, Any

from ._lazy import lazy_names
from ._registration import register_when_used

if TYPE_CHECKING:
    from .data import load_text_dataset
    from .models.configuration_recurrent import RecurrentConfig
    from .models.configuration_static_embedding import StaticEmbeddingConfig
    from .models.modeling_recurrent import (
        RecurrentForCausalLM,
        RecurrentForSequenceClassification,
        RecurrentForTokenClassification,
        RecurrentModel,
    )
    from .models.modeling_static_embedding import (
        StaticEmbeddingForSequenceClassification,
        StaticEmbeddingModel,
    )
    from .models.tokenization_characters import CharTokenizer
    from .models.tokenization_ngrams import NgramTokenizer
    from .models.tokenization_word_starts import WordStartTokenizer
    from .vectors import load_vectors, tokenizer_from_texts, tokenizer_from_vectors

    __version__: str

__all__ = [
    "CharTokenizer",
    "NgramTokenizer",
    "RecurrentConfig",
    "RecurrentForCausalLM",
    "RecurrentForSequenceClassification",
    "RecurrentForTokenClassification",
    "RecurrentModel",
    "StaticEmbeddingConfig",
    "StaticEmbeddingForSequenceClassification",
    "StaticEmbeddingModel",
    "WordStartTokenizer",
    "__version__",
    "load_text_dataset",
    "load_vectors",
    "tokenizer_from_texts",
    "tokenizer_from_vectors",
]

_attribute, _names = lazy_names(
    __name__,
    {
        "data": ("load_text_dataset",),
        "models.configuration_recurrent": ("RecurrentConfig",),
        "models.configuration_static_embedding": ("StaticEmbeddingConfig",),
        "models.modeling_recurrent": (
            "RecurrentForCausalLM",
            "RecurrentForSequenceClassification",
            "RecurrentForTokenClassification",
            "RecurrentModel",
        ),
        "models.modeling_static_embedding": (
            "StaticEmbeddingForSequenceClassification",
            "StaticEmbeddingModel",
        ),
        "models.tokenization_characters": ("CharTokenizer",),
        "models.tokenization_ngrams": ("NgramTokenizer",),
        "models.tokenization_word_starts": ("WordStartTokenizer",),
        "vectors": ("load_vectors", "tokenizer_from_texts", "tokenizer_from_vectors"),
    },
    submodules=("data", "hub", "metrics", "models", "training", "vectors"),
)


def __getattr__(name: str) -> Any:
    if name == "__version__":  # reading it takes as long as everything else here together
        from importlib.metadata import version

        globals()[name] = version("hf-recurrent")
        return globals()[name]
    return _attribute(name)


def __dir__() -> list[str]:
    return sorted({*_names(), "__version__"})


register_when_used()
