import json
import os
import re
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
from hf_recurrent.models.recurrent_layer import RecurrentLayer
from hf_recurrent.models.saving import auto_map, staged
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
        "AutoModelForTokenClassification": "modeling_recurrent.RecurrentForTokenClassification",
        "AutoModelForCausalLM": "modeling_recurrent.RecurrentForCausalLM",
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


@pytest.mark.parametrize("variant", [None, "fp16"])
@pytest.mark.parametrize("sizes", [(300, "1GB"), ("1GB", 300), (300, 500)])
def test_the_weights_last_saved_are_loaded(
    variant: str | None, sizes: tuple[int | str, int | str], tmp_path: Path
) -> None:
    """Whole or in shards, none of an earlier save are left; what else lies there is."""
    kept = {"notes.txt", "model-card.txt", "adapter_model.safetensors", "model.bf16.safetensors"}
    kept |= {"model.safetensors.index.bf16.json", "model.bf16-00001-of-00002.safetensors"}
    for name in kept:
        (tmp_path / name).write_text("kept")
    (tmp_path / "model-00001-of-00002.safetensors.d").mkdir()
    for number, size in enumerate(sizes):
        model = RecurrentModel(RecurrentConfig(**TINY))
        model.save_pretrained(tmp_path, variant=variant, max_shard_size=size)
        model.save_pretrained(tmp_path / f"{number}", variant=variant, max_shard_size=size)
    loaded = AutoModel.from_pretrained(tmp_path, variant=variant)
    assert torch.equal(loaded.embed_tokens.weight, model.embed_tokens.weight)
    saved = {file.name for file in (tmp_path / "1").iterdir()}
    assert {file.name for file in tmp_path.iterdir() if file.is_file()} == saved | kept
    assert all((tmp_path / name).read_text() == "kept" for name in kept)
    assert (tmp_path / "model-00001-of-00002.safetensors.d").is_dir()


def test_weights_stay_where_none_are_written(tmp_path: Path) -> None:
    RecurrentModel(RecurrentConfig(**TINY)).save_pretrained(tmp_path)
    before = contents(tmp_path)
    with staged(tmp_path) as place:
        (place / "config.json").write_text("{}")
    assert contents(tmp_path) == before | {"config.json": b"{}"}


def test_a_file_that_cannot_take_its_place_leaves_the_folder(tmp_path: Path) -> None:
    """Others were replaced before it: they are put back, links as well."""
    model = RecurrentModel(RecurrentConfig(**TINY))
    model.save_pretrained(tmp_path / "a", max_shard_size=300)
    (tmp_path / "a" / "pooling.py").unlink()
    (tmp_path / "a" / "config.json").rename(tmp_path / "config.json")
    (tmp_path / "a" / "config.json").symlink_to("../config.json")
    before = contents(tmp_path / "a")
    in_the_way = tmp_path / "a" / "model.safetensors"
    in_the_way.mkdir()
    with pytest.raises(IsADirectoryError) as error:
        model.save_pretrained(tmp_path / "a")
    assert str(error.value) == f"[Errno 21] Is a directory: '{in_the_way}'"
    in_the_way.rmdir()
    assert contents(tmp_path / "a") == before
    assert (tmp_path / "a" / "config.json").is_symlink()


def test_weights_are_replaced_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = RecurrentModel(RecurrentConfig(**TINY))
    model.save_pretrained(tmp_path)
    before = contents(tmp_path)
    moved, replace = [], os.replace

    def interrupted(source: Path, target: Path) -> None:
        moved.append(target)
        if target == tmp_path / "model.safetensors" and moved.count(target) == 1:
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        RecurrentModel(RecurrentConfig(**TINY)).save_pretrained(tmp_path)
    arrived = moved[: moved.index(tmp_path / "model.safetensors")]
    assert {tmp_path / name for name in before.keys() - {"model.safetensors"}} <= set(arrived)
    assert contents(tmp_path) == before


def test_a_link_to_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("disk/model")
    model = RecurrentModel(RecurrentConfig(**TINY))
    with disk_of(20), pytest.raises(OSError, match=re.escape(str(tmp_path / "link"))):
        model.save_pretrained(tmp_path / "link")
    assert not (tmp_path / "disk" / "model").exists()
    model.save_pretrained(tmp_path / "link")
    loaded = AutoModel.from_pretrained(tmp_path / "disk" / "model")
    assert torch.equal(loaded.embed_tokens.weight, model.embed_tokens.weight)
    assert (tmp_path / "link").is_symlink()


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
        if isinstance(module, RecurrentLayer | torch.nn.Linear):
            assert not [p for p in module.parameters() if p.data_ptr() % 64]
    ids = torch.arange(20).view(4, 5) + 1
    mask = torch.arange(5) < torch.tensor([[5], [1], [3], [5]])
    with torch.no_grad():
        for each in (None, mask):
            assert torch.equal(model(ids, each).logits, loaded(ids, each).logits)


@pytest.mark.skipif(os.name == "nt", reason="rights of another kind")
@pytest.mark.parametrize("mask", [0o022, 0o077])
@pytest.mark.parametrize("arguments", [(), (True,)])
def test_the_umask_decides_who_may_read(
    tmp_path: Path, umask, mask: int, arguments: tuple[bool, ...]
) -> None:
    umask(mask)
    model, folder = (
        RecurrentModel(RecurrentConfig(**TINY | {"vocab_size": 900})),
        tmp_path / "model",
    )
    for _ in range(2):
        model.save_pretrained(folder, *arguments, max_shard_size="1KB")
        rights = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
        assert set(rights.values()) == {0o666 & ~mask}, rights
        assert sum(name.endswith(".safetensors") for name in rights) > 1
    assert folder.stat().st_mode & 0o777 == 0o777 & ~mask


@pytest.mark.skipif(os.name == "nt", reason="rights of another kind")
def test_a_file_that_is_replaced_passes_its_rights_on(tmp_path: Path, umask) -> None:
    umask(0o022)
    model = RecurrentModel(RecurrentConfig(**TINY))
    model.save_pretrained(tmp_path)
    (tmp_path / "model.safetensors").chmod(0o640)
    model.save_pretrained(tmp_path)
    assert (tmp_path / "model.safetensors").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "config.json").stat().st_mode & 0o777 == 0o644
