"""Picture encoders by their name, and the recipe over a trained one."""

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import ResNetConfig, ResNetModel, ViTConfig, ViTForImageClassification

from hf_recurrent import (
    RecurrentForVideoCaptioning,
    RecurrentForVideoClassification,
    RecurrentVideoCaptioningConfig,
    RecurrentVideoConfig,
)
from hf_recurrent.hub import Record
from hf_recurrent.tasks.video_classification import encoding, pictures
from hf_recurrent.tasks.video_classification.encoding import ClipReader, read_afresh
from hf_recurrent.tasks.video_classification.pictures import (
    make_processor,
    picture_input,
    start_encoder,
)
from tests.common.bad_input import assert_one_sentence
from tests.common.clips import write_clip

SCRIPT = Path(__file__).parents[3] / "scripts" / "train_video_classification.py"
TOLD = {"image_mean": [0.1, 0.2, 0.3], "image_std": [0.4, 0.5, 0.6], "size": {"shortest_edge": 24}}


@pytest.fixture(scope="module")
def vit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier of pictures, which is saved without a pooler."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("vit")
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = ViTConfig(**sizes, intermediate_size=8, image_size=16, patch_size=8)
    ViTForImageClassification(config).save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(TOLD))
    return folder


def test_a_trained_image_model_gives_its_vectors(vit: Path) -> None:
    found = picture_input(str(vit), num_frames=5)
    config = RecurrentVideoConfig(embedding_config=dict(found.layer), hidden_size=4, num_frames=5)
    model = RecurrentForVideoClassification(config).eval()
    start_encoder(model, found)
    layer = model.get_input_embeddings()
    assert not any(weight.requires_grad for weight in layer.encoder.parameters())
    frames = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), np.uint8)
    batch = found.processor(frames)
    with torch.no_grad():
        vectors = layer(batch["pixel_values_videos"][:, :3])[0]
    assert len(layer.store) == 3
    read_afresh(model, ClipReader(found.processor))
    assert layer.store is None
    own = ViTForImageClassification.from_pretrained(vit).vit
    mean, std = torch.tensor(TOLD["image_mean"]), torch.tensor(TOLD["image_std"])
    pixels = ((torch.tensor(frames) / 255 - mean) / std).permute(0, 3, 1, 2)
    with torch.no_grad():
        expected = own(pixel_values=pixels).last_hidden_state.mean(1)
    torch.testing.assert_close(vectors, expected, atol=1e-5, rtol=1e-4)


def test_a_captioner_takes_it_for_its_encoder(vit: Path) -> None:
    found = picture_input(str(vit))
    config = RecurrentVideoCaptioningConfig(
        encoder={"embedding_config": dict(found.layer), "hidden_size": 4},
        vocab_size=9,
        hidden_size=4,
        bos_token_id=1,
    )
    model = RecurrentForVideoCaptioning(config)
    start_encoder(model, found)
    layer = model.get_encoder().get_input_embeddings()
    given = found.weights.state_dict()
    for name, value in layer.encoder.model.state_dict().items():
        assert torch.equal(value, given[name])
    assert layer.store is not None


def test_encoders_by_name(vit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "efficientnet_lite0_weights", lambda: {"a": 1})
    found = picture_input("efficientnet_lite0", (None, 96), frozen=False)
    assert found.processor.size == {"height": 224, "width": 96}
    assert (found.layer["frozen"], found.weights) == (False, {"a": 1})
    assert "Apache License" in found.notices[0]
    assert picture_input("pixels").layer["encoder"] == {"kind": "pixels", "height": 16, "width": 28}
    small = ResNetConfig(embedding_size=4, hidden_sizes=[4, 8], depths=[1, 1], layer_type="basic")
    ResNetModel(small).save_pretrained(tmp_path)
    with pytest.raises(OSError, match=r"has no preprocessor_config\.json"):
        picture_input(str(tmp_path))
    (tmp_path / "preprocessor_config.json").write_text(json.dumps({"do_normalize": False, **TOLD}))
    found = picture_input(str(tmp_path))
    assert found.processor.size == {"height": 24, "width": 24}
    assert found.processor.image_mean == [0, 0, 0]
    assert found.layer["pooled"]
    with pytest.raises(OSError, match=r"picture_encoder is '.*no-such', and no model"):
        picture_input(str(tmp_path / "no-such"))
    (tmp_path / "model.safetensors").unlink()
    torch.save(ResNetModel(small).state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(OSError, match="No picture encoder could be loaded from") as caught:
        picture_input(str(tmp_path))
    assert_one_sentence(caught.value, "safetensors")


def test_clips_beyond_what_memory_may_hold_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = str(write_clip(tmp_path / "a.mp4", 2))
    reader = ClipReader(make_processor((4, 4)))
    assert reader(clip) is reader(clip)
    monkeypatch.setattr(encoding, "_KEPT", 0)
    reader = ClipReader(make_processor((4, 4)))
    assert reader(clip) is not reader(clip)


def test_the_recipe_over_a_trained_encoder(
    vit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    for number in range(12):
        label = ("dark", "light")[number % 2]
        (tmp_path / "clips" / label).mkdir(parents=True, exist_ok=True)
        shade = np.full((3, 16, 16, 3), 200 * (number % 2) + number, np.uint8)
        write_clip(tmp_path / "clips" / label / f"{number}.mp4", shade)
    out = tmp_path / "out"
    flags = ["--dataset", str(tmp_path / "clips"), "--output_dir", str(out), "--use_cpu", "True"]
    flags += ["--hidden_size", "4", "--num_train_epochs", "2", "--disable_tqdm", "True"]
    flags += ["--threads", "1", "--picture_encoder", str(vit), "--num_frames", "2"]
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *flags])
    kept_of: list[bool] = []
    batch = ClipReader.batch
    monkeypatch.setattr(
        ClipReader, "batch", lambda self, clips: kept_of.append(self.keeps) or batch(self, clips)
    )
    with pytest.warns(UserWarning, match="drawn at random"):
        runpy.run_path(str(SCRIPT), run_name="__main__")
    assert kept_of[0]
    assert not kept_of[-1]  # when it is timed
    model = RecurrentForVideoClassification.from_pretrained(out)
    kept = model.get_input_embeddings().encoder.model.state_dict()
    given = ViTForImageClassification.from_pretrained(vit).vit.state_dict()
    assert kept.keys() == given.keys()
    assert all(torch.equal(kept[name], value) for name, value in given.items())
    assert model.config.num_frames == 2
    assert f"has the weights of {vit.name}" in Record.load(out).limits[0]
