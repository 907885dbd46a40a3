"""Networks that write a sentence for a clip keep the promises of their family."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch
from transformers import AutoModelForImageTextToText

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForVideoCaptioning,
    RecurrentVideoCaptioningConfig,
    RecurrentVideoCaptioningModel,
    RecurrentVideoConfig,
)
from hf_recurrent.models.picture_encoders import CnnEncoder
from tests.common.plain_tools import NEXT_TOKEN_LOSSES

from .test_seq2seq_family import TestSeq2SeqFamily as Seq2SeqFamily
from .test_video_family import encode_by_loop, pictures

CLIPS = torch.randn(2, 3, 1, 4, 5, generator=torch.Generator().manual_seed(0))


def encoder(**fields: Any) -> dict[str, Any]:
    return {**pictures(), "hidden_size": 4, **fields}


class TestVideoCaptioningFamily(Seq2SeqFamily):
    config_class = RecurrentVideoCaptioningConfig
    heads: ClassVar = {
        "AutoModel": RecurrentVideoCaptioningModel,
        "AutoModelForImageTextToText": RecurrentForVideoCaptioning,
    }
    labelling = ()
    picture_shape: ClassVar = (1, 4, 5)
    fields: ClassVar = {**Seq2SeqFamily.fields, "encoder": encoder()}
    variants: ClassVar = {
        "temporal_attention": {
            "encoder": encoder(bidirectional=True),
            "attention_type": "additive",
            "input_feeding": True,
        },
        "s2vt": {"encoder": encoder(), "attention_type": "none", "bridge": "copy"},
    }
    losses: ClassVar = {
        "AutoModelForImageTextToText": {"next tokens": NEXT_TOKEN_LOSSES["next tokens"]}
    }
    # What reads a clip is checked over pictures by its own family, and the decoder over words.
    by_hand: ClassVar = (
        "test_two_ranks_equal_one_process",
        "test_saved_equals_loaded",
        "test_accumulated_equals_whole",
        "test_lacking_keys_are_fresh_and_named",
        "test_fast_equals_naive",
    )
    bad_fields: ClassVar = (
        ({"encoder": {"num_frames": 0}}, "num_frames"),
        ({"encoder": {"model_type": "rwkv9"}}, "rwkv9"),
        ({"attention_type": "luong"}, "attention_type"),
    )
    bad_arguments: ClassVar = {
        "nothing": ({"decoder_input_ids": torch.ones(2, 3).long()}, ["pixel_values_videos"]),
        "colour": (
            {
                "pixel_values_videos": CLIPS.repeat(1, 1, 3, 1, 1),
                "decoder_input_ids": torch.ones(2, 3).long(),
            },
            ["num_channels is 1"],
        ),
    }
    test_pad_ids_without_a_mask_warn_once = None
    test_word_vectors_that_do_not_fit = None

    @contextmanager
    def naively(self) -> Iterator[None]:
        with super().naively(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(CnnEncoder, "forward", encode_by_loop)
            yield


def test_what_a_clip_is_read_by() -> None:
    config = RecurrentVideoCaptioningConfig(vocab_size=9)
    assert isinstance(config.encoder, RecurrentVideoConfig)
    assert config.encoder.bidirectional
    words = RecurrentVideoCaptioningConfig(encoder={"model_type": "recurrent"}, vocab_size=9)
    assert type(words.encoder) is RecurrentConfig


@pytest.mark.parametrize("variant", ["temporal_attention", "s2vt"])
def test_sentences_are_those_of_a_loop(variant: str) -> None:
    model = TestVideoCaptioningFamily().make("AutoModelForImageTextToText", variant)
    model.config.eos_token_id = model.generation_config.eos_token_id = None
    mask = torch.tensor([[1, 1, 1], [1, 1, 0]])
    found = model.generate(
        pixel_values_videos=CLIPS, attention_mask=mask, max_new_tokens=5, do_sample=False
    )
    ids = torch.ones(2, 1, dtype=torch.long)
    with torch.no_grad():
        for _ in range(5):
            logits = model(
                pixel_values_videos=CLIPS, attention_mask=mask, decoder_input_ids=ids
            ).logits
            ids = torch.cat([ids, logits[:, -1:].argmax(-1)], dim=1)
        assert torch.equal(found, ids)
        beams = model.generate(
            pixel_values_videos=CLIPS, attention_mask=mask, max_new_tokens=5, num_beams=3
        )
        assert beams.shape == (2, 6)
        alone = model.generate(pixel_values_videos=CLIPS[1:, :2], max_new_tokens=5, num_beams=3)
        assert torch.equal(alone[0], beams[1])
        weights = model(
            pixel_values_videos=CLIPS,
            attention_mask=mask,
            decoder_input_ids=ids,
            output_attentions=True,
        ).cross_attentions
    if variant == "s2vt":
        assert weights is None
        return
    assert weights[0].shape == (2, 1, 6, 3)
    assert not weights[0][1, :, :, 2].any()  # the frame of the padding
    torch.testing.assert_close(weights[0].sum(-1), torch.ones(2, 1, 6))


VIT = {"model_type": "vit", "hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 1}
VIT |= {"intermediate_size": 4, "image_size": 32, "patch_size": 16}


@pytest.mark.parametrize("kind", [{"kind": "efficientnet_lite0"}, VIT], ids=["lite0", "vit"])
def test_any_picture_encoder_is_below_a_captioner(kind: dict[str, Any], tmp_path: Path) -> None:
    """It is saved with it, stays frozen, and encodes each picture once where they are kept."""
    torch.manual_seed(0)
    layer = pictures(kind, num_channels=3, frozen=True)
    fields = {"vocab_size": 9, "hidden_size": 4, "embedding_size": 4, "bos_token_id": 1}
    config = RecurrentVideoCaptioningConfig(encoder={**layer, "hidden_size": 4}, **fields)
    model = RecurrentForVideoCaptioning(config).eval()
    clips = torch.rand(1, 2, 3, 32, 32)
    inputs = {"pixel_values_videos": clips, "labels": torch.tensor([[5, 2]])}
    output = model(**inputs)
    output.loss.backward()
    own = model.get_encoder().get_input_embeddings()
    assert all(weight.grad is None for weight in own.encoder.parameters())
    assert model.get_encoder().layers[0].weight_ih_l0.grad.any()
    model.save_pretrained(tmp_path)
    loaded = AutoModelForImageTextToText.from_pretrained(tmp_path)
    kept = loaded.get_encoder().get_input_embeddings()
    kept.keep_pictures(str(tmp_path))
    with torch.no_grad():
        assert torch.equal(loaded(**inputs).loss, output.loss)
        kept.encoder.forward = None  # it is not asked again
        assert torch.equal(loaded(**inputs).loss, output.loss)
