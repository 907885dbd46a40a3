from pathlib import Path

import numpy as np

from hf_recurrent import ElmoModel, ElmoTokenizer
from hf_recurrent.tasks.encoders import embed_batch, embed_texts, load_encoder
from tests.tasks.pretrained import save_elmo


def test_features_are_in_the_order_of_the_texts_and_ignore_padding(encoder: Path) -> None:
    model, tokenizer = load_encoder(str(encoder))
    texts = ["the film", "a story of two friends and their dog", "fine", ""] * 3
    together = embed_texts(model, tokenizer, texts, 16, batch_size=4)
    alone = np.concatenate([embed_batch(model, tokenizer, [text], 16) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_features_of_elmo_are_the_means_of_its_mix(tmp_path: Path) -> None:
    folder = save_elmo(tmp_path, ["film"])
    model, tokenizer = load_encoder(folder)
    assert isinstance(model, ElmoModel)
    assert isinstance(tokenizer, ElmoTokenizer)
    found = embed_texts(model, tokenizer, ["the film", "fine"], 16)
    mix = model(**tokenizer("the film", return_tensors="pt")).last_hidden_state[0].mean(0)
    np.testing.assert_allclose(found[0], (mix / mix.norm()).detach().numpy(), atol=1e-5)
    assert found.shape == (2, model.config.output_size)
