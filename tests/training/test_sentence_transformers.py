"""A saved folder as the first module of a sentence-transformers model."""

from pathlib import Path

import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers import AutoModel

from hf_recurrent import RecurrentConfig, RecurrentModel
from tests.common.tokenizer import word_tokenizer

TEXTS = ["a good film", "the plot is very very dull and not good", "bad"]


@pytest.mark.parametrize("bidirectional", [False, True])
def test_encode_gives_the_mean_of_the_states(bidirectional: bool, tmp_path: Path) -> None:
    tokenizer = word_tokenizer()
    config = RecurrentConfig(
        vocab_size=len(tokenizer), embedding_size=5, hidden_size=4, bidirectional=bidirectional
    )
    RecurrentModel(config).save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    states = Transformer(str(tmp_path / "model"))
    # Its own guess, config.hidden_size, is the width of one direction.
    pooling = Pooling(states.model.config.output_size, pooling_mode="mean")
    encoder = SentenceTransformer(modules=[states, pooling], device="cpu")
    encoder.save(str(tmp_path / "encoder"))
    for found in (encoder, SentenceTransformer(str(tmp_path / "encoder"), device="cpu")):
        assert found.get_embedding_dimension() == config.output_size
        vectors = found.encode(TEXTS, convert_to_tensor=True, show_progress_bar=False)
        assert vectors.shape == (len(TEXTS), config.output_size)
        model = AutoModel.from_pretrained(tmp_path / "model")
        for text, vector in zip(TEXTS, vectors, strict=True):
            with torch.no_grad():
                output = model(**tokenizer(text, return_tensors="pt"))
            torch.testing.assert_close(vector, output.last_hidden_state[0].mean(0))
