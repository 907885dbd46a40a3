"""A saved folder is one of sentence-transformers too."""

import json
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from hf_recurrent import (
    RecurrentConfig,
    RecurrentModel,
    StaticEmbeddingConfig,
    StaticEmbeddingModel,
)
from hf_recurrent.vectors import tokenizer_from_vectors
from tests.vectors.files import make_vectors

VECTORS = make_vectors(["the", "film", "do", "n't", "good", "."], 7)
TEXTS = ["The film", "", "don't", "unheard words", "the good film . . ."] * 5


@pytest.mark.parametrize("weighted", [False, True])
def test_its_mean_is_ours(weighted: bool, tmp_path: Path) -> None:
    tokenizer, model = tokenizer_from_vectors(VECTORS), StaticEmbeddingModel.from_vectors(VECTORS)
    if weighted:
        model.fit_weights(TEXTS, tokenizer)
    model.save_pretrained(tmp_path / "first")
    tokenizer.save_pretrained(tmp_path / "first")
    theirs = SentenceTransformer(str(tmp_path / "first"), device="cpu")
    theirs.save(str(tmp_path / "second"))
    for found in (theirs, SentenceTransformer(str(tmp_path / "second"), device="cpu")):
        assert found.get_embedding_dimension() == 7
        vectors = found.encode(TEXTS, show_progress_bar=False)
        ours = model.encode(TEXTS, tokenizer, "mean")
        np.testing.assert_allclose(vectors, ours, rtol=0, atol=1e-6)
        assert ours.any(axis=1).tolist() == [True, False, True, False, True] * 5


def test_other_models_do_not_claim_it(tmp_path: Path) -> None:
    codes = {"vocab_size": 9, "embedding_size": 4, "embedding_config": {"kind": "int8"}}
    StaticEmbeddingModel(StaticEmbeddingConfig(**codes)).save_pretrained(tmp_path)
    RecurrentModel(RecurrentConfig(vocab_size=9)).save_pretrained(tmp_path)
    assert not (tmp_path / "modules.json").exists()


def test_modules_of_others_are_kept_and_ours_is_pushed(tmp_path: Path) -> None:
    model = StaticEmbeddingModel.from_vectors(VECTORS)
    model.save_pretrained(tmp_path)
    assert [module["path"] for module in json.loads((tmp_path / "modules.json").read_text())] == [
        ""
    ]
    assert "config.json" in model._get_files_timestamps(tmp_path)
    assert "modules.json" not in model._get_files_timestamps(tmp_path)
    (tmp_path / "modules.json").write_text("[]")
    model.save_pretrained(tmp_path)
    assert (tmp_path / "modules.json").read_text() == "[]"
