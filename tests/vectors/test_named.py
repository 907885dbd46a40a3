"""Named vectors, from packages made for the test."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hf_recurrent.vectors import load_named_vectors, named

from .files import MATRIX, assert_same, binary_file

WORDS = ["the", "null", "我"]
GLOVE = np.arange(6, dtype=np.float32).reshape(3, 2)


@pytest.fixture
def packages(tmp_path, monkeypatch):
    for name in ("glove", "word2vec"):
        (tmp_path / name).mkdir()
    np.save(tmp_path / "glove" / "glove_6B_50d_emb.npy", GLOVE)
    table = pa.table({"index": WORDS})
    pq.write_table(table, tmp_path / "glove" / "glove_6B_index.parquet")
    binary = tmp_path / "word2vec" / "GoogleNews-vectors-negative300-bolukbasi.bin"
    binary.write_bytes(binary_file(["the", "of"], MATRIX))
    monkeypatch.setattr(named, "fetch", lambda name: tmp_path / name)
    return tmp_path


def test_named_vectors(packages):
    assert_same(load_named_vectors("glove"), WORDS, GLOVE)
    assert_same(load_named_vectors("glove", limit=2), WORDS[:2], GLOVE[:2])
    assert load_named_vectors("glove").vectors.flags.writeable
    assert_same(load_named_vectors("word2vec"), ["the", "of"], MATRIX)
    assert_same(load_named_vectors("word2vec", limit=1), ["the"], MATRIX[:1])


def test_joined_names_give_a_list(packages):
    second, first = load_named_vectors("word2vec+glove", limit=1)
    assert_same(first, ["the"], GLOVE[:1])
    assert_same(second, ["the"], MATRIX[:1])


@pytest.mark.parametrize("name", ["fasttext", "", "glove+", "Glove", "glove + word2vec"])
def test_unknown_names(name):
    with pytest.raises(ValueError, match=r"no vectors named .*; there are glove, word2vec"):
        load_named_vectors(name)


def test_damaged_packages(packages):
    path = packages / "glove" / "glove_6B_50d_emb.npy"
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole[:20], b"", np.array([{}], dtype=object).dumps()):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="GloVe vectors is damaged"):
            load_named_vectors("glove")
    np.save(path, GLOVE[:2])
    with pytest.raises(ValueError, match=r"shape \(2, 2\), expected a row for each of the 3 words"):
        load_named_vectors("glove")
    path.write_bytes(whole)
    (packages / "glove" / "glove_6B_index.parquet").write_bytes(b"PAR1")
    with pytest.raises(ValueError, match="GloVe vectors is damaged"):
        load_named_vectors("glove")


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(limit):
    with pytest.raises(ValueError, match="limit must be at least 1"):
        load_named_vectors("glove", limit)
