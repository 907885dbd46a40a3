"""gensim's own files are pickles: they are opened only if the user allows it."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from gensim.models import FastText, KeyedVectors, Word2Vec

from hf_recurrent.vectors import convert_vectors, load_vectors, save_vectors

from ..files import assert_same
from .samples import WORDS, plain_vectors, subword_vectors


class Bomb:
    """An object that makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_pickle_is_never_opened_unasked(tmp_path: Path) -> None:
    path, trace = tmp_path / "bomb.txt", tmp_path / "trace"
    path.write_bytes(pickle.dumps(Bomb(trace)))
    for format in ("auto", "gensim", "glove", "word2vec-binary", "fasttext"):
        with pytest.raises(ValueError, match=r"bomb\.txt") as error:
            load_vectors(path, format)
        with pytest.raises(ValueError, match=r"bomb\.txt"):
            convert_vectors(path, tmp_path / "out", "glove", source_format=format)
        if format in ("auto", "gensim"):
            assert "a pickle runs whatever code its author put into it" in str(error.value)
            assert "--allow-pickle`, or allow it by allow_pickle=True." in str(error.value)
    assert not trace.exists()
    with pytest.raises(ValueError, match=r"gensim cannot load|expected word vectors"):
        load_vectors(path, allow_pickle=True)
    assert trace.exists()  # so the bomb was a true one


def test_models_and_vectors_that_gensim_saved(tmp_path: Path) -> None:
    path = str(tmp_path / "model")
    settings = {"vector_size": 4, "min_count": 1, "workers": 1}
    for kind in (Word2Vec, FastText):
        model = kind([WORDS] * 3, **settings)
        for saved in (model, model.wv):
            saved.save(path)
            found = load_vectors(path, allow_pickle=True)
            assert found.index_to_key == model.wv.index_to_key
            assert np.array_equal(found.vectors, model.wv.vectors)
            assert found.get_vecattr("the", "count") == 3
    assert np.array_equal(found["unseen"], model.wv["unseen"])


def test_side_files(tmp_path: Path) -> None:
    vectors = plain_vectors()
    vectors.save(str(tmp_path / "kv"), separately=["vectors"])
    assert {path.name for path in tmp_path.iterdir()} == {"kv", "kv.vectors.npy"}
    assert_same(load_vectors(tmp_path / "kv", allow_pickle=True), WORDS, vectors.vectors)
    (tmp_path / "kv.vectors.npy").unlink()
    with pytest.raises(FileNotFoundError, match=r"kv\.vectors\.npy"):
        load_vectors(tmp_path / "kv", allow_pickle=True)


def test_the_header_of_a_side_file_is_not_believed(tmp_path: Path) -> None:
    plain_vectors().save(str(tmp_path / "kv"), separately=["vectors"])
    side = tmp_path / "kv.vectors.npy"
    data = side.read_bytes()
    assert b"(9, 3)" in data
    side.write_bytes(data.replace(b"(9, 3), }      ", b"(9, 399999), } "))
    with pytest.raises(ValueError, match=r"vectors\.npy: the header promises 9 x 399999 numbers"):
        load_vectors(tmp_path / "kv", allow_pickle=True)


def test_gensim_loads_ours(tmp_path: Path) -> None:
    vectors = subword_vectors()
    save_vectors(vectors, tmp_path / "kv", "gensim")
    found = KeyedVectors.load(str(tmp_path / "kv"))
    assert np.array_equal(found.vectors, vectors.vectors)
    assert np.array_equal(found["unseen"], vectors["unseen"])


def test_parts_of_fasttext_vectors(tmp_path: Path) -> None:
    vectors = subword_vectors()
    save_vectors(vectors, tmp_path / "kv", "gensim")
    options = {"allow_pickle": True, "limit": 3, "vocabulary": WORDS[2:]}
    part = load_vectors(tmp_path / "kv", dtype="float16", **options)
    assert part.index_to_key == WORDS[2:5]
    assert part.vectors.dtype == part.vectors_ngrams.dtype == np.float16
    assert np.allclose(part["unseen"], vectors["unseen"], atol=1e-3)
    assert part.expandos["count"].tolist() == vectors.expandos["count"][2:5].tolist()
    # What is left is whole enough to be saved again.
    save_vectors(part, tmp_path / "part.bin", "fasttext")
    again = load_vectors(tmp_path / "part.bin")
    assert np.allclose(again.vectors, vectors.vectors[2:5], atol=1e-3)


def test_bad_numbers_and_other_pickles(tmp_path: Path) -> None:
    vectors = plain_vectors()
    vectors.vectors[1, 1] = np.nan
    vectors.save(str(tmp_path / "kv"))
    with pytest.raises(ValueError, match="vector 2, word 'of': found NaN or infinity"):
        load_vectors(tmp_path / "kv", allow_pickle=True)
    with pytest.warns(UserWarning, match="1 bad row was dropped"):
        found = load_vectors(tmp_path / "kv", allow_pickle=True, strict=False)
    assert found.index_to_key == [WORDS[0], *WORDS[2:]]
    assert np.array_equal(found.vectors, vectors.vectors[[0, *range(2, len(WORDS))]])
    for thing in ([1, 2], {"a": 1}):
        (tmp_path / "other").write_bytes(pickle.dumps(thing))
        with pytest.raises(ValueError, match="other: "):
            load_vectors(tmp_path / "other", allow_pickle=True)
    whole = (tmp_path / "kv").read_bytes()
    (tmp_path / "kv").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="gensim cannot load the file"):
        load_vectors(tmp_path / "kv", allow_pickle=True)
