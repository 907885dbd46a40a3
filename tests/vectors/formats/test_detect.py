"""The format of a file is found from its content, whatever its name is."""

from pathlib import Path

import numpy as np
import pytest
from gensim.test.utils import datapath

from hf_recurrent import RecurrentConfig, RecurrentForSequenceClassification
from hf_recurrent.vectors.formats import FORMATS
from hf_recurrent.vectors.formats.detection import find_format

from ..files import GLOVE, write
from .samples import save_samples


def test_names_do_not_matter(tmp_path: Path) -> None:
    for format, path in save_samples(tmp_path).items():
        for name in ("vectors.txt", "vectors.bin", "model.npy", "x"):
            place = path.rename(tmp_path / name)
            assert find_format(place) == format
            place.rename(path)


def test_old_fasttext_files_have_no_magic_number() -> None:
    assert find_format(Path(datapath("lee_fasttext.bin"))) == "fasttext"
    assert find_format(Path(datapath("lee_fasttext_new.bin"))) == "fasttext"
    assert find_format(Path(datapath("lee_fasttext.vec"))) == "word2vec"
    assert find_format(Path(datapath("word2vec_pre_kv_c"))) == "word2vec"
    assert find_format(Path(datapath("euclidean_vectors.bin"))) == "word2vec-binary"
    assert find_format(Path(datapath("word2vec_pre_kv_py3"))) == "gensim"


def test_what_is_no_file_of_vectors_is_said(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.eye(3))
    with pytest.raises(ValueError, match=r"x\.npy: an array has no words; expected the folder"):
        find_format(tmp_path / "x.npy")
    matrix = save_samples(tmp_path)["model2vec"] / "model.safetensors"
    with pytest.raises(ValueError, match=r"model\.safetensors: a safetensors file has no words"):
        find_format(matrix)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="empty: found no file of theirs, expected a folder of"):
        find_format(tmp_path / "empty")
    config = RecurrentConfig(vocab_size=5, embedding_size=2, hidden_size=2)
    RecurrentForSequenceClassification(config).save_pretrained(tmp_path / "model")
    with pytest.raises(ValueError, match="found a model of the type 'recurrent', expected a"):
        find_format(tmp_path / "model")


def test_a_wrong_name_and_a_wrong_kind_of_place(tmp_path: Path) -> None:
    path = write(tmp_path, GLOVE)
    with pytest.raises(ValueError, match=f"format must be one of auto, {', '.join(FORMATS)}, not"):
        find_format(path, "fast-text")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        find_format(tmp_path / "nowhere")
