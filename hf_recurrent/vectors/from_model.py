"""Word vectors from a model, the reverse of ``StaticEmbeddingModel.from_vectors``."""

from typing import Any

import numpy as np
import torch
from gensim.models import KeyedVectors
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from .._wording import counted
from ..models.publishable import passing_on
from ._keyed_vectors import keyed_vectors
from ._preparation import from_built_tokenizer, keep_preparation
from .matrix import words_by_id

_ROWS_AT_ONCE = 1 << 16


def vectors_from_model(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> KeyedVectors:
    """Return the word vectors of a model's input layer, without those of special tokens.

    All rows that came with the vectors of ``from_vectors`` are kept. Of the other rows those of
    special tokens are left out, and words that were added to tokenizer and model are kept.

    Args:
        model: A model of this package, or any with a look-up as its input embeddings.
        tokenizer: The tokenizer that belongs to it.

    Returns:
        The vectors, float32, in the order of the ids, with the mark of data that may not be passed
        on if the model or the tokenizer has it. They share the memory of a float32 look-up
        if all words come before the rows that are left out.

    Raises:
        ValueError: If the tokenizer has other ids than the model, or the vector of a token depends
            on more than its id.
    """
    layer: Any = model.get_input_embeddings()
    if getattr(layer, "extra_inputs", ()):
        raise ValueError(
            f"The model makes the vector of a token of {', '.join(layer.extra_inputs)} too, so it "
            "has no vector for each id."
        )
    words = words_by_id(tokenizer)
    if len(words) > layer.num_embeddings:
        raise ValueError(
            f"The tokenizer has {counted(len(words), 'token')}, expected at most "
            f"{layer.num_embeddings:,} as the model has rows: they do not belong together."
        )
    known = getattr(model.config, "num_words", None) or 0
    special = set(tokenizer.all_special_tokens)
    kept = [row for row, word in enumerate(words) if row < known or word not in special]
    if not kept:
        raise ValueError("The tokenizer has no words other than special tokens.")
    words = [words[row] for row in kept]
    in_front = kept[-1] == len(kept) - 1
    matrix = _matrix(layer, slice(len(kept)) if in_front else np.array(kept))
    vectors = keyed_vectors(words, {word: row for row, word in enumerate(words)}, matrix)
    keep_preparation(vectors, from_built_tokenizer(tokenizer))
    return passing_on(vectors, model, tokenizer)


@torch.no_grad()
def _matrix(layer: Any, rows: slice | np.ndarray) -> np.ndarray:
    if isinstance(layer, nn.Embedding):
        return layer.weight.detach()[rows].cpu().float().numpy()
    device = next(iter(layer.state_dict().values()), torch.empty(0)).device
    ids = torch.arange(layer.num_embeddings)[rows].to(device)
    parts = [layer(part.unsqueeze(0))[0].cpu().float() for part in ids.split(_ROWS_AT_ONCE)]
    return torch.cat(parts).numpy()
