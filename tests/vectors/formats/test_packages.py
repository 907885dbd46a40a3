"""Named vectors, from packages made for the test."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hf_recurrent.vectors import convert_vectors, load_vectors
from hf_recurrent.vectors.formats import _packages

from ..files import MATRIX, assert_same, binary_file, write

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
    monkeypatch.setattr(_packages, "fetch", lambda name: tmp_path / name)
    return tmp_path


def test_named_vectors(packages):
    assert_same(load_vectors("glove"), WORDS, GLOVE)
    assert_same(load_vectors("glove", limit=2), WORDS[:2], GLOVE[:2])
    assert load_vectors("glove").vectors.flags.writeable
    assert_same(load_vectors("word2vec"), ["the", "of"], MATRIX)
    assert_same(load_vectors("word2vec", limit=1), ["the"], MATRIX[:1])


def test_the_other_options_count(packages, tmp_path):
    found = load_vectors("glove", vocabulary=["null", "我", "of"], limit=1, dtype="float16")
    assert found.index_to_key == ["null"]
    assert found.vectors.dtype == np.float16
    assert convert_vectors("glove", tmp_path / "new", "numpy") == 3
    assert_same(load_vectors(tmp_path / "new"), WORDS, GLOVE)
    assert convert_vectors("word2vec", tmp_path / "new.bin", "fasttext") == 2
    assert_same(load_vectors(tmp_path / "new.bin"), ["the", "of"], MATRIX)


def test_a_file_comes_before_a_name(packages, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "mine 1 2\n", "word2vec.txt").rename(tmp_path / "glove.txt")
    assert load_vectors("glove.txt").index_to_key == ["mine"]
    (tmp_path / "glove").rename(tmp_path / "aside")
    write(tmp_path, "mine 1 2\n", "glove")
    assert load_vectors("glove").index_to_key == ["mine"]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("fasttext", ""),
        ("Glove", " Did you mean 'glove'?"),
        ("word2vecs", " Did you mean 'word2vec'?"),
        ("glove + word2vec", " Did you mean 'word2vec'?"),
        ("{folder}/vectros.txt", " Did you mean '{folder}/vectors.txt'?"),
    ],
)
def test_what_is_neither_a_file_nor_a_name(tmp_path, monkeypatch, name, nearest):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "mine 1 2\n")
    name, nearest = (text.replace("{folder}", str(tmp_path)) for text in (name, nearest))
    sentence = (
        f"'{name}' is neither a file or folder nor the name of word vectors (glove, word2vec)"
    )
    for load in (load_vectors, lambda name: convert_vectors(name, tmp_path / "out", "numpy")):
        with pytest.raises(FileNotFoundError) as error:
            load(name)
        assert str(error.value) == f"{sentence}.{nearest}"


def test_damaged_packages(packages):
    path = packages / "glove" / "glove_6B_50d_emb.npy"
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole[:20], b"", np.array([{}], dtype=object).dumps()):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="GloVe vectors is damaged"):
            load_vectors("glove")
    np.save(path, GLOVE[:2])
    with pytest.raises(ValueError, match=r"shape \(2, 2\), expected a row for each of the 3 words"):
        load_vectors("glove")
    path.write_bytes(whole)
    (packages / "glove" / "glove_6B_index.parquet").write_bytes(b"PAR1")
    with pytest.raises(ValueError, match="GloVe vectors is damaged"):
        load_vectors("glove")


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(limit):
    with pytest.raises(ValueError, match="limit must be at least 1"):
        load_vectors("glove", limit=limit)
