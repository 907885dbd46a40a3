"""Sounds, and a small recogniser of them."""

from typing import Any

import numpy as np
import torch

from hf_recurrent import (
    LogMelFeatureExtractor,
    RecurrentForCTC,
    RecurrentSpeechConfig,
    RecurrentSpeechProcessor,
)
from hf_recurrent.speech import ctc_tokenizer

STREAMING = {"normalize": "fixed", "delta_order": 2, "causal_deltas": True}


def sound(samples: int, seed: int = 0) -> np.ndarray:
    """Return a few tones that come and go, and noise."""
    chance = np.random.default_rng(seed)
    time = np.arange(samples) / 16_000
    tones = sum(np.sin(6.28 * f * time + f) * np.sin(f * time) for f in (210, 530, 1700))
    return np.asarray(0.2 * tones + 0.01 * chance.normal(size=samples), dtype=np.float32)


def recognizer(**fields: Any) -> tuple[RecurrentForCTC, RecurrentSpeechProcessor]:
    """Return a model with a processor; its weights are large, so that it writes something."""
    extractor = LogMelFeatureExtractor(num_mel_bins=8, frame_length=400, **STREAMING)
    extractor.fit([sound(8000, seed) for seed in range(2)])
    tokenizer = ctc_tokenizer(["ab cad", "bad"])
    torch.manual_seed(0)
    config = RecurrentSpeechConfig(
        vocab_size=len(tokenizer),
        embedding_config={"kind": "frames", "num_channels": 24},
        hidden_size=8,
        conv_dim=[6, 7],
        conv_kernel=[3, 3],
        conv_stride=[2, 1],
        **fields,
    )
    model = RecurrentForCTC(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
        model.lm_head.weight.mul_(3)
    return model.eval(), RecurrentSpeechProcessor(extractor, tokenizer)
