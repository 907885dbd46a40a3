"""Models that read frames keep the promises."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor

from hf_recurrent import RecurrentConfig, RecurrentModel, StaticEmbeddingConfig
from hf_recurrent.models.frames import FrameEmbedding

from .test_input_layer_families import InputLayers
from .test_recurrent_family import TestRecurrentFamily as RecurrentFamily

IDS = torch.tensor([[3, 4, 5], [6, 7, 0]])
FRAMES = torch.zeros(2, 3, 3)


def frames_by_loop(self: FrameEmbedding, input_features: Tensor) -> Tensor:
    """Each frame by itself, by the formulas."""
    vectors = []
    for frame in input_features.to(self.like.dtype).flatten(0, 1):
        vector = frame
        if self.layer_norm is not None:
            centred = vector - vector.mean()
            scaled = centred / (centred.square().mean() + self.layer_norm.eps).sqrt()
            vector = self.layer_norm.weight * scaled + self.layer_norm.bias
        if self.projection is not None:
            vector = self.projection.weight @ vector + self.projection.bias
        vectors.append(vector)
    size = (*input_features.shape[:2], self.embedding_dim)
    return torch.stack(vectors).view(size)


def frames(**fields: Any) -> dict[str, Any]:
    return {"embedding_config": {"kind": "frames", "num_channels": 3, **fields}}


class TestRecurrentFrames(InputLayers, RecurrentFamily):
    bucket: ClassVar = None
    num_channels: ClassVar = 3
    variants: ClassVar = {
        "lstm_crf": {**frames(), "crf": True},
        "bigru_projected": {**frames(projection=True), "cell_type": "gru", "bidirectional": True},
        "rnn_tanh_normed": {**frames(layer_norm=True), "cell_type": "rnn_tanh", "pooling": "max"},
        "rnn_relu_normed_projected": {
            **frames(layer_norm=True, projection=True),
            "cell_type": "rnn_relu",
            "pooling": "attention",
        },
    }
    bad_fields: ClassVar = (
        ({"embedding_config": {"kind": "frames"}}, "num_channels"),
        (frames(num_channels=0), "num_channels"),
        (frames(num_channels=True), "num_channels"),
        (frames(projection=8), "projection"),
        (frames(num_channels=1, layer_norm=True), "layer_norm"),
        (
            {
                "embedding_config": {
                    "kind": "joined",
                    "parts": [
                        {"kind": "plain", "embedding_size": 2},
                        {"kind": "frames", "num_channels": 3, "embedding_size": 2},
                    ],
                }
            },
            "part 1 reads input_features",
        ),
    )
    bad_arguments: ClassVar = {
        "nothing": ({}, ["input_features", "inputs_embeds"]),
        "both": ({"input_features": FRAMES, "inputs_embeds": FRAMES}, ["not both"]),
        "one row": ({"input_features": FRAMES[0]}, ["(3, 3)", "(batch, time, channels)"]),
        "channels": ({"input_features": torch.zeros(2, 3, 4)}, ["4 channels", "num_channels 3"]),
        "whole numbers": ({"input_features": FRAMES.long()}, ["torch.int64", "floating-point"]),
        "long mask": (
            {"input_features": FRAMES, "attention_mask": torch.ones(2, 4)},
            ["attention_mask", "(2, 4)", "(2, 3)"],
        ),
        "wide vectors": ({"inputs_embeds": torch.zeros(2, 3, 99)}, ["inputs_embeds", "99"]),
    }
    # These are about words and tokenizers.
    test_pad_ids_without_a_mask_warn_once = None
    test_pipeline = None
    test_word_vectors_that_do_not_fit = None

    def test_ids_are_refused(self, auto_class: str) -> None:
        model = self.make(auto_class, "lstm_crf")
        for ids in (IDS, FRAMES):  # the first argument by its place
            with pytest.raises(
                ValueError, match=r"reads input_features .* and input_ids was given"
            ):
                model(ids)
        with pytest.raises(ValueError, match="no token ids to resize"):
            model.resize_token_embeddings(9)

    @contextmanager
    def naively(self) -> Iterator[None]:
        with super().naively(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(FrameEmbedding, "forward", frames_by_loop)
            yield


def test_what_a_model_reads_is_known_from_its_configuration(tmp_path: Any) -> None:
    words, config = RecurrentModel(RecurrentConfig(vocab_size=9)), RecurrentConfig(**frames())
    model = RecurrentModel(config)
    assert config.embedding_size == model.embed_tokens.embedding_dim == 3
    assert (words.main_input_name, model.main_input_name) == ("input_ids", "input_features")
    assert words(**words.dummy_inputs).last_hidden_state.shape == (1, 2, 256)
    assert model(**model.dummy_inputs).last_hidden_state.shape == (1, 2, 256)
    model.save_pretrained(tmp_path)
    assert RecurrentModel.from_pretrained(tmp_path).main_input_name == "input_features"


def test_frames_take_the_type_of_the_model() -> None:
    torch.manual_seed(0)
    model = RecurrentModel(RecurrentConfig(**frames(projection=True), hidden_size=4))
    x = torch.randn(2, 3, 3, dtype=torch.float64)
    assert torch.equal(model(input_features=x)[0], model(input_features=x.float())[0])
    assert model.bfloat16()(input_features=x)[0].dtype == torch.bfloat16


def test_static_embeddings_have_no_frames() -> None:
    with pytest.raises(ValueError, match="it reads input_features, and static embeddings are"):
        StaticEmbeddingConfig(**frames())
