"""Trained weights of EfficientNet-Lite0: every tensor has its place, and they see what they saw."""

import pytest
import torch

from hf_recurrent.data.efficientnet_weights import (
    IMAGE_MEAN,
    IMAGE_STD,
    _renamed,
    efficientnet_lite0_weights,
)
from hf_recurrent.data.packages import PackageError
from hf_recurrent.models.efficientnet import EfficientNetLite0
from hf_recurrent.models.picture_encoders import copy_weights


def test_every_tensor_of_the_encoder_has_a_name_there() -> None:
    theirs = ["_conv_stem.weight", "_conv_head.weight"]
    norm = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    theirs += [f"{name}.{each}" for name in ("_bn0", "_bn1") for each in norm]
    for block in range(16):
        parts = ["expand"] * (block > 0) + ["depthwise", "project"]
        theirs += [f"_blocks.{block}._{part}_conv.weight" for part in parts]
        numbers = range(3) if block else range(1, 3)
        theirs += [f"_blocks.{block}._bn{number}.{each}" for number in numbers for each in norm]
    with torch.device("meta"):
        encoder = EfficientNetLite0(3, {})
    assert {_renamed(name) for name in theirs} == {*encoder.state_dict()}
    assert sum(p.numel() for p in encoder.parameters()) == 4_652_008 - 1_281_000
    with pytest.raises(ValueError, match=r"unknown tensor '_se\.weight'"):
        _renamed("_se.weight")


@pytest.mark.slow
def test_the_features_are_those_of_the_published_code() -> None:
    try:
        weights = efficientnet_lite0_weights(progress=False)
    except PackageError as error:
        pytest.skip(str(error))
    encoder = EfficientNetLite0(3, {}).eval()
    copy_weights(encoder, weights)
    rows, columns = torch.meshgrid(torch.arange(224.0), torch.arange(224.0), indexing="ij")
    picture = torch.stack([rows, columns, (rows + columns) / 2]).mul(255 / 223) / 255
    mean, std = (torch.tensor(value).view(3, 1, 1) for value in (IMAGE_MEAN, IMAGE_STD))
    with torch.no_grad():
        found = encoder(((picture - mean) / std).unsqueeze(0))[0]
    assert found.shape == (1280,)
    # What efficientnet-lite-pytorch 0.1.0 gives for the same picture.
    expected = torch.tensor([11.3508, 9.2943, 16.1868, 8.2317, 13.3806, 17.6098, 8.6627, 12.8597])
    sums = found.view(8, 160).sum(1)
    torch.testing.assert_close(sums, expected, rtol=1e-3, atol=1e-3)
