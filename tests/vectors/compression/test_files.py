import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from transformers import AutoModel, AutoTokenizer

from hf_recurrent import RecurrentConfig, RecurrentForSequenceClassification
from hf_recurrent.vectors.compression import (
    METHODS,
    CompressedKeyedVectors,
    compress_model,
    is_compressed,
)
from hf_recurrent.vectors.tokenizer import tokenizer_from_vectors

from ..files import make_vectors

WORDS = ["the", "plot", ",", *(f"w{i}" for i in range(300))]


@pytest.mark.parametrize("method", METHODS)
def test_saved_equals_loaded_and_is_a_model(method: str, tmp_path: Path) -> None:
    vectors = CompressedKeyedVectors.compress(make_vectors(WORDS, 7), method)
    assert not is_compressed(tmp_path)
    vectors.save(tmp_path / "out")
    assert is_compressed(tmp_path / "out")
    loaded = CompressedKeyedVectors.load(tmp_path / "out")
    assert loaded.index_to_key == WORDS
    for name, array in vectors.vectors.arrays.items():
        assert np.array_equal(loaded.vectors.arrays[name], array)
    first = CompressedKeyedVectors.load(tmp_path / "out", limit=5)
    assert first.index_to_key == WORDS[:5]
    assert np.array_equal(first["w1"], vectors["w1"])
    model = AutoModel.from_pretrained(tmp_path / "out")
    batch = AutoTokenizer.from_pretrained(tmp_path / "out")("plot w3", return_tensors="pt")
    assert np.array_equal(model(**batch).last_hidden_state[0], vectors[["plot", "w3"]])


def test_the_input_layer_of_any_head_is_found(tmp_path: Path) -> None:
    tokenizer = tokenizer_from_vectors(make_vectors(WORDS, 6))
    config = RecurrentConfig(vocab_size=len(tokenizer), embedding_size=6, hidden_size=3)
    model = compress_model(RecurrentForSequenceClassification(config), "int8")
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    vectors = CompressedKeyedVectors.load(tmp_path)
    ids = torch.tensor([[2, 1]])
    assert np.array_equal(model.get_input_embeddings()(ids)[0], vectors[[",", "plot"]])


def test_damage_is_named(tmp_path: Path) -> None:
    path, config = tmp_path / "model.safetensors", tmp_path / "config.json"
    CompressedKeyedVectors.compress(make_vectors(WORDS, 7), "pq").save(tmp_path)
    arrays, described = load_file(path), json.loads(config.read_text())
    codes, codebooks = arrays["embedding.codes"], arrays["embedding.codebooks"]
    broken = codebooks.copy()
    broken[1, 2, 0] = np.nan
    for damaged, named in (
        ({"embedding.codes": codes}, "codebooks"),
        ({"embedding.codebooks": codebooks}, "expected embedding.codes"),
        ({"embedding.codes": codes[:-1], "embedding.codebooks": codebooks}, "305 tokens"),
        ({"embedding.codes": codes[:, :-1], "embedding.codebooks": codebooks}, "do not go"),
        ({"embedding.codes": codes, "embedding.codebooks": codebooks[:, :9]}, "do not go"),
        ({"embedding.codes": codes.astype("i8"), "embedding.codebooks": codebooks}, "do not go"),
        ({"embedding.codes": codes, "embedding.codebooks": broken}, "NaN"),
    ):
        save_file({k: np.ascontiguousarray(v) for k, v in damaged.items()}, path)
        with pytest.raises(ValueError, match=named) as caught:
            CompressedKeyedVectors.load(tmp_path)
        assert str(path) in str(caught.value)
    save_file(arrays, path)
    assert len(CompressedKeyedVectors.load(tmp_path)) == 303
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ValueError, match="safetensors"):
        CompressedKeyedVectors.load(tmp_path)
    for wrong in ({"embedding_size": 5}, {"embedding_size": "7"}):
        save_file(arrays, path)
        config.write_text(json.dumps({**described, **wrong}))
        with pytest.raises(ValueError, match="embedding_size"):
            CompressedKeyedVectors.load(tmp_path)
    config.write_text("{}")
    with pytest.raises(ValueError, match="expected one of the kinds"):
        CompressedKeyedVectors.load(tmp_path)
    with pytest.raises(OSError, match="missing"):
        CompressedKeyedVectors.load(tmp_path / "missing")
    with pytest.raises(ValueError, match="limit"):
        CompressedKeyedVectors.load(tmp_path, limit=0)


def test_what_stood_there_stays_after_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (
        CompressedKeyedVectors.compress(make_vectors(WORDS, 7, seed), "int8") for seed in (0, 1)
    )
    old.save(tmp_path / "out")

    def fail(*arguments: object, **settings: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("transformers.PreTrainedTokenizerFast.save_pretrained", fail)
    with pytest.raises(OSError, match="No space left"):
        new.save(tmp_path / "out")
    assert np.array_equal(CompressedKeyedVectors.load(tmp_path / "out")["w1"], old["w1"])
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
