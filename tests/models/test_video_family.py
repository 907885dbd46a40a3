"""Models over clips keep the promises, and their picture encoders are what they should be."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn
from transformers import ResNetConfig, ResNetModel, ViTConfig, ViTModel

from hf_recurrent import (
    RecurrentForVideoClassification,
    RecurrentVideoConfig,
    RecurrentVideoModel,
)
from hf_recurrent.models.picture_encoders import CnnEncoder, ConvLayer
from tests.common.plain_tools import LOSSES

from .test_recurrent_family import TestRecurrentFamily as RecurrentFamily

CNN = {"kind": "cnn", "channels": [2], "grid": 2}
RESNET = {"model_type": "resnet", "depths": [1], "hidden_sizes": [3], "embedding_size": 2}
RESNET |= {"layer_type": "basic", "num_channels": 1}
CLIPS = torch.zeros(2, 3, 1, 4, 5)


def pictures(encoder: dict[str, Any] = CNN, **fields: Any) -> dict[str, Any]:
    given = {"kind": "pictures", "encoder": encoder, "num_channels": 1, **fields}
    return {"embedding_config": given}


def conv_by_loop(self: ConvLayer, x: Tensor) -> Tensor:
    """Each place of each map by itself: a product, the norm of the picture, ReLU."""
    padded = nn.functional.pad(x, (1, 1, 1, 1))
    height, width = (-(-size // 2) for size in x.shape[2:])
    maps = []
    for picture in padded:
        places = [
            (self.conv.weight * picture[:, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3]).sum((1, 2, 3))
            + self.conv.bias
            for i in range(height)
            for j in range(width)
        ]
        values = torch.stack(places, dim=1).view(-1, height, width)
        centred = values - values.mean()
        scaled = centred / (centred.square().mean() + self.norm.eps).sqrt()
        maps.append(scaled * self.norm.weight[:, None, None] + self.norm.bias[:, None, None])
    return torch.stack(maps).relu()


def encode_by_loop(self: CnnEncoder, x: Tensor) -> Tensor:
    for layer in self.layers:
        x = conv_by_loop(layer, x)
    (height, width), grid = x.shape[2:], self.grid
    cells = [
        x[
            :,
            :,
            i * height // grid : -(-(i + 1) * height // grid),
            j * width // grid : -(-(j + 1) * width // grid),
        ].mean((2, 3))
        for i in range(grid)
        for j in range(grid)
    ]
    return torch.stack(cells, dim=2).flatten(1)


class TestVideoFamily(RecurrentFamily):
    config_class = RecurrentVideoConfig
    heads: ClassVar = {
        "AutoModel": RecurrentVideoModel,
        "AutoModelForVideoClassification": RecurrentForVideoClassification,
    }
    elsewhere: ClassVar = ()
    labelling = ()
    picture_shape: ClassVar = (1, 4, 5)
    variants: ClassVar = {
        "bilstm_cnn": {**pictures(), "bidirectional": True, "pooling": "attention"},
        "gru_resnet_projected": {**pictures(RESNET, projection=True), "cell_type": "gru"},
    }
    losses: ClassVar = {"AutoModelForVideoClassification": {"one": LOSSES["single label"]}}
    of_heads: ClassVar = (
        "test_padded_equals_single",
        "test_fast_equals_naive",
        "test_lacking_keys_are_fresh_and_named",
    )
    # tests/models/test_video_processing.py loads model and processor without the package.
    by_hand: ClassVar = ("test_two_ranks_equal_one_process", "test_saved_equals_loaded")
    bad_fields: ClassVar = (
        ({"num_frames": 0}, "num_frames"),
        ({"embedding_config": {"kind": "pictures", "num_channels": 2}}, "num_channels is 2"),
        (pictures(projection=1), "projection"),
        (pictures({"kind": "vgg"}), "cnn, efficientnet_lite0, pixels"),
        (pictures({"kind": "pixels", "height": 0}), "height"),
        (pictures({"kind": "cnn", "width": 3}), "'width'"),
        (pictures({"kind": "cnn", "channels": [4, 0]}), "channels"),
        (pictures({"kind": "cnn", "grid": 0}), "grid"),
        (pictures({"kind": "efficientnet_lite0"}), "in colour"),
        (pictures({"model_type": "rwkv9"}), "rwkv9"),
        (pictures({"model_type": "bert"}), "no pictures"),
        (pictures({"model_type": "vit"}), "3 channels"),
        (pictures({"model_type": "vit_mae", "num_channels": 1}), "at random"),
        (pictures({"model_type": "hgnet_v2", "num_channels": 1}), "makes no vector"),
        (pictures(pooled=1), "pooled"),
        ({"embedding_config": {"kind": "joined", "parts": [{"kind": "pictures"}]}}, "pictures"),
    )
    bad_head_fields: ClassVar = {
        "AutoModelForVideoClassification": (({"pooling": "median"}, "pooling"),)
    }
    bad_arguments: ClassVar = {
        "nothing": ({}, ["pixel_values_videos", "inputs_embeds"]),
        "one clip": ({"pixel_values_videos": CLIPS[0]}, ["(3, 1, 4, 5)", "height, width"]),
        "colour": ({"pixel_values_videos": CLIPS.repeat(1, 1, 3, 1, 1)}, ["num_channels is 1"]),
        "bytes": ({"pixel_values_videos": CLIPS.byte()}, ["torch.uint8", "video processor"]),
        "flat": ({"pixel_values_videos": CLIPS[..., :0]}, ["(2, 3, 1, 4, 0)"]),
        "joints": ({"input_features": CLIPS[..., 0, 0]}, ["pixel_values_videos"]),
        "long mask": (
            {"pixel_values_videos": CLIPS, "attention_mask": torch.ones(2, 4)},
            ["attention_mask", "(2, 4)", "(2, 3)"],
        ),
    }
    # These are about words and tokenizers.
    test_pad_ids_without_a_mask_warn_once = None
    test_pipeline = None
    test_word_vectors_that_do_not_fit = None

    @contextmanager
    def naively(self) -> Iterator[None]:
        with super().naively(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(CnnEncoder, "forward", encode_by_loop)
            yield


def test_skeletons_are_read_by_the_same_classes() -> None:
    joints = {"kind": "frames", "num_channels": 6}
    model = RecurrentForVideoClassification(
        RecurrentVideoConfig(embedding_config=joints, hidden_size=4)
    )
    assert model.main_input_name == "input_features"
    assert model(input_features=torch.zeros(2, 3, 6)).logits.shape == (2, 2)
    with pytest.raises(ValueError, match="pixel_values_videos was given"):
        model(pixel_values_videos=CLIPS)


def test_pixels_are_averaged_to_a_grid() -> None:
    encoder = {"kind": "pixels", "height": 2, "width": 1}
    layer = RecurrentVideoModel(RecurrentVideoConfig(**pictures(encoder))).get_input_embeddings()
    clip = torch.arange(8.0).view(1, 1, 1, 4, 2)
    assert layer(clip).tolist() == [[[1.5, 5.5]]]
    assert not [*layer.parameters()]
    assert layer.bfloat16()(clip).dtype == torch.bfloat16


def test_a_trained_image_model_is_taken_in() -> None:
    torch.manual_seed(0)
    fields = {"hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 1, "image_size": 4}
    fields |= {"intermediate_size": 4, "patch_size": 2, "num_channels": 1}
    trained = ViTModel(ViTConfig(**fields))
    config = RecurrentVideoConfig(**pictures({"model_type": "vit", **fields}, frozen=True))
    model = RecurrentVideoModel(config).eval()
    layer = model.get_input_embeddings()
    layer.copy_encoder(trained)
    clips = torch.randn(2, 3, 1, 4, 4)
    pooled = trained.eval()(pixel_values=clips.flatten(0, 1)).pooler_output
    torch.testing.assert_close(layer(clips).flatten(0, 1), pooled)
    assert not any(p.requires_grad for p in layer.encoder.parameters())
    assert model.dummy_inputs["pixel_values_videos"].shape == (1, 2, 1, 4, 4)
    with pytest.raises(ValueError, match="have no embeddings"):
        layer.copy_encoder({})
    with pytest.raises(ValueError, match=r"of shape \(1,\)"):
        layer.copy_encoder({name: torch.ones(1) for name in trained.state_dict()})


def test_the_width_of_an_image_model_is_found_where_its_fields_do_not_say_it() -> None:
    small = {"model_type": "mobilenet_v1", "depth_multiplier": 0.1, "image_size": 16}
    config = RecurrentVideoConfig(**pictures(small | {"num_channels": 1}), hidden_size=2)
    assert config.embedding_size == 102  # a tenth of 1024
    model = RecurrentForVideoClassification(config).eval()
    assert model(**model.dummy_inputs).logits.shape == (1, 2)
    # The hidden_sizes of others are not the width of what they give.
    sizes = {"hidden_sizes": [4, 4, 4], "neck_hidden_sizes": [4] * 6 + [12]}
    given = {"model_type": "mobilevit", "num_channels": 1, "num_attention_heads": 2} | sizes
    assert RecurrentVideoConfig(**pictures(given)).embedding_size == 12


def test_batch_norms_of_an_image_model_keep_their_statistics() -> None:
    model = RecurrentVideoModel(RecurrentVideoConfig(**pictures(RESNET))).train()
    resnet = model.get_input_embeddings().encoder.model
    assert isinstance(resnet, ResNetModel)
    assert isinstance(resnet.config, ResNetConfig)
    before = {name: value.clone() for name, value in resnet.named_buffers()}
    model(pixel_values_videos=torch.randn(2, 3, 1, 8, 8))
    assert before
    assert all(torch.equal(value, before[name]) for name, value in resnet.named_buffers())


def test_frozen_pictures_are_encoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    fields = {"cell_type": "gru", "hidden_size": 4}
    config = RecurrentVideoConfig(**pictures(frozen=True), **fields)
    model = RecurrentForVideoClassification(config)
    clips, mask = torch.randn(2, 3, 1, 4, 5), torch.tensor([[1, 1, 1], [1, 1, 0]])
    batch = {"pixel_values_videos": clips, "attention_mask": mask}
    expected = model(**batch).logits
    layer, encoded = model.get_input_embeddings(), []
    forward = CnnEncoder.forward

    def counted(self: CnnEncoder, x: Tensor) -> Tensor:
        encoded.append(len(x))
        return forward(self, x)

    monkeypatch.setattr(CnnEncoder, "forward", counted)
    layer.keep_pictures()
    for _ in range(3):
        assert torch.equal(model(**batch).logits, expected)
    assert encoded == [5]  # the picture of the padding is none
    assert len(layer.store) == 5
    with torch.no_grad():
        layer.encoder.layers[0].conv.bias.add_(0.5)
    assert not torch.equal(model(**batch).logits, expected)  # other weights, other vectors
    assert encoded == [5, 5]
    layer.encoder.requires_grad_(True)
    model(**batch).logits.sum().backward()
    assert encoded == [5, 5, 5]  # a trained encoder is never read from the store
    assert layer.encoder.layers[0].conv.weight.grad.any()
