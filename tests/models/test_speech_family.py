"""The family over sound keeps the promises."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn

from hf_recurrent import (
    RecurrentForAudioClassification,
    RecurrentForCTC,
    RecurrentSpeechConfig,
    RecurrentSpeechModel,
)
from hf_recurrent.models.subsampling import Subsampling
from tests.common.plain_tools import LOSSES

from .test_frames import TestRecurrentFrames as Frames
from .test_recurrent_family import TestRecurrentFamily as RecurrentFamily

FRAMES = {"embedding_config": {"kind": "frames", "num_channels": 3}}
CONVOLUTIONS = {"conv_dim": [4, 5], "conv_kernel": [3, 2], "conv_stride": [1, 2]}
# Texts of ROWS rows, of which row i has i % 6 + 1 frames: one for each frame and one too long.
TEXTS = [[1, 2, 3, 4, 5, 6][: row % 6 + 1] for row in range(8)]
PADDED = [text + [-100] * (6 - len(text)) for text in TEXTS]


def subsampled_by_loop(self: Subsampling, frames: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Each row by itself, each step a sum over the frames that it reads."""
    rows = [row[real] for row, real in zip(frames, mask, strict=True)]
    longest = mask.shape[1]
    for layer in self.layers:
        kernel, stride = layer.kernel_size[0], layer.stride[0]
        longest = -(-longest // stride)
        steps = []
        for row in rows:
            found = [
                layer.bias
                + sum(
                    layer.weight[:, :, k] @ row[step - kernel + 1 + k]
                    for k in range(kernel)
                    if step - kernel + 1 + k >= 0
                )
                for step in range(0, len(row), stride)
            ]
            steps.append(torch.stack(found).relu() if found else row.new_zeros(0, len(layer.bias)))
        rows = steps
    real = torch.tensor([[step < len(row) for step in range(longest)] for row in rows])
    return torch.stack([nn.functional.pad(r, (0, 0, 0, longest - len(r))) for r in rows]), real


class TestSpeechFamily(RecurrentFamily):
    config_class = RecurrentSpeechConfig
    heads: ClassVar = {
        "AutoModel": RecurrentSpeechModel,
        "AutoModelForCTC": RecurrentForCTC,
        "AutoModelForAudioClassification": RecurrentForAudioClassification,
    }
    elsewhere: ClassVar = ()
    num_channels: ClassVar = 3
    fields: ClassVar = {"vocab_size": 13, "hidden_size": 4, **FRAMES}
    variants: ClassVar = {
        "lstm": {"cell_type": "lstm"},
        "bigru_subsampled": {
            **CONVOLUTIONS,
            "cell_type": "gru",
            "bidirectional": True,
            "pooling": "attention",
        },
    }
    of_heads: ClassVar = (
        "test_padded_equals_single",
        "test_fast_equals_naive",
        "test_lacking_keys_are_fresh_and_named",
    )
    by_hand: ClassVar = ("test_two_ranks_equal_one_process", "test_saved_equals_loaded")
    losses: ClassVar = {
        "AutoModelForAudioClassification": {"single label": LOSSES["single label"]},
        "AutoModelForCTC": {"texts": ({}, PADDED), "one too long": ({}, [[7, 7], *([[1, 2]] * 7)])},
    }
    bad_fields: ClassVar = (
        ({"embedding_config": {"kind": "one_hot"}}, "'frames'"),
        ({"conv_dim": [4]}, "conv_kernel"),
        ({"conv_dim": [4], "conv_kernel": [2], "conv_stride": [3]}, "conv_stride 3"),
        ({"conv_dim": [0], "conv_kernel": [2], "conv_stride": [2]}, "conv_dim"),
        ({"samples_per_frame": 0}, "samples_per_frame"),
        ({"mask_time_prob": 1.0}, "mask_time_prob"),
    )
    bad_head_fields: ClassVar = {
        "AutoModelForCTC": (
            ({"pad_token_id": None}, "blank"),
            ({"label_smoothing": 0.1}, "label_smoothing"),
            ({"class_weights": [1.0, 2.0]}, "class_weights"),
            ({"classifier_dropout": 1.0}, "classifier_dropout"),
        ),
        "AutoModelForAudioClassification": (({"pooling": "median"}, "pooling"),),
    }
    bad_arguments: ClassVar = Frames.bad_arguments
    # These are about words and tokenizers.
    test_pad_ids_without_a_mask_warn_once = None
    test_pipeline = None
    test_word_vectors_that_do_not_fit = None

    def steps(self, config: Any, time: int) -> int:
        return -(-time // config.subsampling)

    def check_padding(self, logits: Tensor) -> None:
        """The blank is certain."""
        assert logits[:, 0].eq(0).all()
        assert logits[:, 1:].le(-9e3).all()

    def one_direction(self, variant: str) -> bool:
        config = self.make_config(variant)
        return not config.bidirectional and config.subsampling == 1

    @contextmanager
    def naively(self) -> Iterator[None]:
        with super().naively(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(Subsampling, "forward", subsampled_by_loop)
            yield
