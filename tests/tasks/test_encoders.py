from pathlib import Path

import numpy as np

from hf_recurrent.tasks.encoders import embed_batch, embed_texts, load_encoder


def test_features_are_in_the_order_of_the_texts_and_ignore_padding(encoder: Path) -> None:
    model, tokenizer = load_encoder(str(encoder))
    texts = ["the film", "a story of two friends and their dog", "fine", ""] * 3
    together = embed_texts(model, tokenizer, texts, 16, batch_size=4)
    alone = np.concatenate([embed_batch(model, tokenizer, [text], 16) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
