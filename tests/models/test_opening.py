"""The short way into a folder gives what transformers gives, or leaves it to transformers."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel

from hf_recurrent import (
    RecurrentConfig,
    RecurrentModel,
    StaticEmbeddingConfig,
    StaticEmbeddingForSequenceClassification,
    StaticEmbeddingModel,
)
from hf_recurrent.models import modeling_static_embedding
from hf_recurrent.models.opening import open_folder

FIELDS = {"vocab_size": 9, "embedding_size": 4, "pad_token_id": 8}
VARIANTS = {
    "plain": {},
    "weighted": {"weighting": "sif", "num_components": 2},
    "frozen": {"freeze_embeddings": True},
    "joined": {
        "embedding_config": {
            "kind": "joined",
            "parts": [{"kind": "plain", "embedding_size": n, "frozen": n == 1} for n in (1, 3)],
        }
    },
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    StaticEmbeddingModel(StaticEmbeddingConfig(**FIELDS)).save_pretrained(tmp_path)
    return tmp_path


def opened(folder: Path) -> object:
    return open_folder(StaticEmbeddingModel, folder)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("loader", [StaticEmbeddingModel, AutoModel])
def test_short_way_equals_long_way(
    variant: str, loader: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = StaticEmbeddingModel(StaticEmbeddingConfig(**FIELDS, **VARIANTS[variant]))
    for buffer in saved.buffers():
        buffer.normal_()
    saved.half().save_pretrained(tmp_path)
    taken = []

    def counted(*args: object, **kwargs: object) -> object:
        taken.append(open_folder(*args, **kwargs))
        return taken[-1]

    monkeypatch.setattr(modeling_static_embedding, "open_folder", counted)
    found = loader.from_pretrained(tmp_path)
    assert taken == [found]
    monkeypatch.setattr(modeling_static_embedding, "open_folder", lambda *a, **k: None)
    expected = loader.from_pretrained(tmp_path)
    assert type(found) is type(expected)
    assert found.config.to_dict() == expected.config.to_dict()
    assert found.config.name_or_path == expected.config.name_or_path == str(tmp_path)
    assert found.name_or_path == expected.name_or_path
    assert (found.training, found.dtype, found.device) == (False, torch.float16, expected.device)
    assert found.state_dict().keys() == expected.state_dict().keys()
    for name, value in expected.state_dict().items():
        assert torch.equal(found.state_dict()[name], value)
    for name, parameter in expected.named_parameters():
        assert found.get_parameter(name).requires_grad == parameter.requires_grad
        assert found.get_parameter(name).is_leaf


def test_trains_and_is_saved_where_it_lies(folder: Path) -> None:
    """The weights are mapped: neither a step nor a new file in the old place disturbs them."""
    before = load_file(folder / "model.safetensors")["embedding.weight"].clone()
    model, second = opened(folder), opened(folder)
    model(torch.tensor([[1, 2]])).pooler_output.sum().backward()
    torch.optim.SGD(model.parameters(), lr=1.0).step()
    assert not torch.equal(model.embedding.weight, before)
    assert torch.equal(opened(folder).embedding.weight, before)
    model.save_pretrained(folder)
    assert torch.equal(second.embedding.weight, before)
    assert torch.equal(opened(folder).embedding.weight, model.embedding.weight)


def test_what_is_left_to_transformers(folder: Path, tmp_path: Path) -> None:
    assert opened(folder) is not None
    for arguments in (
        {"dtype": torch.float64},
        {"freeze_embeddings": False},
        {"output_loading_info": True},
        {"revision": "main"},
    ):
        assert open_folder(StaticEmbeddingModel, folder, **arguments) is None
        assert StaticEmbeddingModel.from_pretrained(folder, **arguments) is not None
    assert open_folder(StaticEmbeddingModel, folder, config=RecurrentConfig()) is None
    assert opened("ada/vectors") is None
    assert opened(None) is None
    with torch.device("meta"):
        assert opened(folder) is None
    (folder / "adapter_config.json").write_text("{}")
    assert opened(folder) is None


def test_weights_that_do_not_fit(folder: Path) -> None:
    path = folder / "model.safetensors"
    weight = load_file(path)["embedding.weight"].clone()
    for name, weights in {
        "missing": {"other": weight},
        "too many": {"embedding.weight": weight, "other": weight.clone()},
        "shape": {"embedding.weight": weight[:-1].clone()},
        "dtype": {"embedding.weight": weight.double()},
        "a classifier": StaticEmbeddingForSequenceClassification(
            StaticEmbeddingConfig(**FIELDS)
        ).state_dict(),
    }.items():
        save_file(weights, path, metadata={"format": "pt"})
        assert opened(folder) is None, name
    loaded = StaticEmbeddingModel.from_pretrained(folder)
    assert torch.equal(loaded.embedding.weight, weights["model.embedding.weight"])
    path.write_bytes(path.read_bytes()[:100])
    assert opened(folder) is None
    with pytest.raises(Exception, match=r"(?i)header|safetensors"):
        StaticEmbeddingModel.from_pretrained(folder)


def test_another_family(tmp_path: Path) -> None:
    RecurrentModel(RecurrentConfig(vocab_size=9, embedding_size=4)).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="model_type 'recurrent'"):
        StaticEmbeddingModel.from_pretrained(tmp_path)


def test_old_folder(folder: Path) -> None:
    """Configurations of the first version have none of the new fields."""
    config = json.loads((folder / "config.json").read_text())
    for name in ("embedding_config", "weighting", "num_components", "num_words"):
        del config[name]
    (folder / "config.json").write_text(json.dumps(config))
    shutil.rmtree(folder / "modules.json", ignore_errors=True)
    assert opened(folder).config.weighting is None
