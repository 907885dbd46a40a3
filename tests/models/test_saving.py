import json
from pathlib import Path

import pytest
import torch
from transformers import AutoModel, AutoModelForSequenceClassification

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForSequenceClassification,
    RecurrentModel,
    StaticEmbeddingConfig,
    StaticEmbeddingForSequenceClassification,
    StaticEmbeddingModel,
)
from hf_recurrent.models.saving import auto_map
from tests.common.full_disk import disk_of

TINY = {"vocab_size": 9, "embedding_size": 4, "hidden_size": 3}


def frozen(model: torch.nn.Module) -> set[str]:
    return {
        name.removeprefix("model.")
        for name, parameter in model.named_parameters()
        if not parameter.requires_grad
    }


def test_auto_map_names_every_class_whose_file_travels() -> None:
    expected = {
        "AutoConfig": "configuration_recurrent.RecurrentConfig",
        "AutoModel": "modeling_recurrent.RecurrentModel",
        "AutoModelForSequenceClassification": (
            "modeling_recurrent.RecurrentForSequenceClassification"
        ),
    }
    assert auto_map(RecurrentModel) == expected
    assert auto_map(RecurrentForSequenceClassification) == expected
    assert auto_map(StaticEmbeddingForSequenceClassification)["AutoModel"] == (
        "modeling_static_embedding.StaticEmbeddingModel"
    )


def test_saved_folder_holds_the_code(tmp_path: Path) -> None:
    RecurrentModel(RecurrentConfig(**TINY)).save_pretrained(tmp_path)
    written = json.loads((tmp_path / "config.json").read_text())
    assert written["auto_map"] == auto_map(RecurrentModel)
    for reference in written["auto_map"].values():
        assert (tmp_path / f"{reference.split('.')[0]}.py").is_file()
    assert not list(tmp_path.glob("*.bin"))


def test_a_model_without_weights_is_not_saved(tmp_path: Path) -> None:
    """Of one-hot vectors and nothing else transformers would write no file, and load none."""
    config = StaticEmbeddingConfig(vocab_size=5, embedding_config={"kind": "one_hot"})
    with pytest.raises(ValueError, match="StaticEmbeddingModel has no weights"):
        StaticEmbeddingModel(config).save_pretrained(tmp_path / "model")
    assert not (tmp_path / "model").exists()
    config = StaticEmbeddingConfig(vocab_size=5, embedding_config={"kind": "int8"})
    StaticEmbeddingModel(config).save_pretrained(tmp_path / "codes")  # these are buffers
    assert (tmp_path / "codes" / "model.safetensors").is_file()


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize("size", [1000, 20_000])  # the code does not fit, the weights do not
def test_a_full_disk_leaves_the_earlier_checkpoint(tmp_path: Path, size: int) -> None:
    folder = tmp_path / "model"
    RecurrentModel(RecurrentConfig(**TINY)).save_pretrained(folder)
    before = contents(folder)
    larger = RecurrentModel(RecurrentConfig(**TINY | {"vocab_size": 9000}))
    for place in (folder, tmp_path / "new"):
        with disk_of(size), pytest.raises(OSError, match="File too large") as e:
            larger.save_pretrained(place)
        assert str(place) in str(e.value)
        assert "\n" not in str(e.value)
    assert contents(folder) == before
    assert [file.name for file in tmp_path.iterdir()] == ["model"]
    larger.save_pretrained(folder)
    assert AutoModel.from_pretrained(folder).config.vocab_size == 9000


def test_shards_of_an_earlier_save_are_removed(tmp_path: Path) -> None:
    model = RecurrentModel(RecurrentConfig(**TINY))
    model.save_pretrained(tmp_path, max_shard_size=300)
    assert len(list(tmp_path.glob("model-0*.safetensors"))) > 1
    (tmp_path / "notes.txt").write_text("kept")
    model.save_pretrained(tmp_path)
    assert not list(tmp_path.glob("model-0*.safetensors"))
    assert (tmp_path / "notes.txt").read_text() == "kept"
    loaded = AutoModel.from_pretrained(tmp_path)
    assert torch.equal(loaded.embed_tokens.weight, model.embed_tokens.weight)


FREEZE = {"num_hidden_layers": 3, "freeze_embeddings": True, "frozen_layers": [0, 2]}
FROZEN = {"embed_tokens.weight"} | {
    f"layers.{layer}.{name}_l0"
    for layer in (0, 2)
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
}


@pytest.mark.parametrize("auto", [AutoModel, AutoModelForSequenceClassification])
def test_frozen_stays_frozen(auto: type, tmp_path: Path) -> None:
    model = auto.from_config(RecurrentConfig(**TINY, **FREEZE))
    assert frozen(model) == FROZEN
    model.save_pretrained(tmp_path)
    loaded, _ = auto.from_pretrained(tmp_path, output_loading_info=True)
    assert frozen(loaded) == frozen(auto.from_pretrained(tmp_path)) == FROZEN
    loaded.resize_token_embeddings(20, mean_resizing=False)
    assert frozen(loaded) == FROZEN
    assert (
        frozen(auto.from_pretrained(tmp_path, frozen_layers=[], freeze_embeddings=False)) == set()
    )


def test_a_head_of_another_class_is_frozen_alike(tmp_path: Path) -> None:
    RecurrentModel(RecurrentConfig(**TINY, **FREEZE)).save_pretrained(tmp_path)
    assert frozen(AutoModelForSequenceClassification.from_pretrained(tmp_path)) == FROZEN


def test_frozen_static_embeddings(tmp_path: Path) -> None:
    config = StaticEmbeddingConfig(vocab_size=9, embedding_size=4, freeze_embeddings=True)
    model = StaticEmbeddingForSequenceClassification(config)
    model.save_pretrained(tmp_path)
    for found in (model, AutoModelForSequenceClassification.from_pretrained(tmp_path)):
        assert frozen(found) == {"embedding.weight"}


def test_frozen_weights_do_not_move() -> None:
    model = RecurrentForSequenceClassification(RecurrentConfig(**TINY, **FREEZE))
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0, weight_decay=0.1)
    model(torch.tensor([[1, 2, 3]]), labels=torch.tensor([1])).loss.backward()
    optimizer.step()
    moved = {n for n, p in model.named_parameters() if not torch.equal(p, before[n])}
    assert not {name.removeprefix("model.") for name in moved} & FROZEN
    assert "model.layers.1.weight_ih_l0" in moved


@pytest.mark.parametrize("cell_type", ["lstm", "gru", "rnn_tanh"])
def test_a_loaded_model_answers_bit_for_bit(cell_type: str, tmp_path: Path) -> None:
    """The last bit of a product depends on where its weights lie in memory."""
    config = RecurrentConfig(vocab_size=21, embedding_size=6, hidden_size=5, cell_type=cell_type)
    torch.manual_seed(0)
    model = RecurrentForSequenceClassification(config).eval()
    model.save_pretrained(tmp_path)
    loaded = AutoModelForSequenceClassification.from_pretrained(tmp_path)
    for module in loaded.modules():
        if isinstance(module, torch.nn.RNNBase | torch.nn.Linear):
            assert not [p for p in module.parameters() if p.data_ptr() % 64]
    ids = torch.arange(20).view(4, 5) + 1
    mask = torch.arange(5) < torch.tensor([[5], [1], [3], [5]])
    with torch.no_grad():
        for each in (None, mask):
            assert torch.equal(model(ids, each).logits, loaded(ids, each).logits)
