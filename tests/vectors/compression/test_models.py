from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoModelForSequenceClassification, AutoTokenizer, pipeline

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForSequenceClassification,
    StaticEmbeddingConfig,
    StaticEmbeddingForSequenceClassification,
)
from hf_recurrent.vectors import word_inputs
from hf_recurrent.vectors.compression import (
    METHODS,
    CompressedKeyedVectors,
    compress_model,
)
from hf_recurrent.vectors.tokenizer import tokenizer_from_vectors

from ..files import make_vectors

WORDS = ["the", "plot", "is", "fine", "dull", ",", "不", *(f"w{i}" for i in range(400))]


@pytest.mark.parametrize("method", METHODS)
def test_vectors_go_into_a_model_and_back_bit_for_bit(method: str, tmp_path: Path) -> None:
    vectors = CompressedKeyedVectors.compress(make_vectors(WORDS, 9), method)
    model, tokenizer = vectors.to_model()
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    loaded = AutoModel.from_pretrained(tmp_path)
    again = AutoTokenizer.from_pretrained(tmp_path)
    back = CompressedKeyedVectors.from_model(loaded, again)
    assert back.index_to_key == WORDS
    for name, array in vectors.vectors.arrays.items():
        assert np.array_equal(back.vectors.arrays[name], array)
        assert back.vectors.arrays[name].dtype == array.dtype
    batch = again(["the plot , w7 unseen", "dull"], padding=True, return_tensors="pt")
    hidden = loaded(**batch).last_hidden_state
    known = np.stack([vectors[word] for word in ("the", "plot", ",", "w7")])
    assert np.array_equal(hidden[0, :4].numpy(), known)
    assert (hidden[0, 4] == 0).all()
    assert (hidden[1, 1:] == 0).all()


def test_the_words_own_special_rows_are_used() -> None:
    words = ["<unk>", *WORDS[:5], "[PAD]", "</s>"]
    vectors = CompressedKeyedVectors.compress(make_vectors(words, 4), "int8")
    model, tokenizer = vectors.to_model()
    assert model.config.vocab_size == len(tokenizer) == len(words)
    hidden = model(**tokenizer("unseen plot", return_tensors="pt")).last_hidden_state[0]
    assert np.array_equal(hidden.numpy(), vectors[["<unk>", "plot"]])
    assert CompressedKeyedVectors.from_model(model, tokenizer).index_to_key == words


@pytest.mark.parametrize("method", METHODS)
def test_a_trained_classifier_is_compressed(method: str, tmp_path: Path) -> None:
    vectors = make_vectors(WORDS, 10)
    tokenizer = tokenizer_from_vectors(vectors)
    fields = {"vocab_size": len(tokenizer), "embedding_size": 10}
    fields["pad_token_id"] = tokenizer.pad_token_id
    texts = ["the plot is fine", "dull , w3 w9", ""]
    for model in (
        RecurrentForSequenceClassification(RecurrentConfig(hidden_size=8, **fields)).eval(),
        StaticEmbeddingForSequenceClassification(StaticEmbeddingConfig(**fields)).eval(),
    ):
        model.set_word_vectors(np.concatenate([vectors.vectors, np.zeros((2, 10), np.float32)]))
        batch = tokenizer(texts, padding=True, return_tensors="pt")
        with torch.no_grad():
            before = model(**batch).logits
            assert compress_model(model, method, subspace_size=1) is model
            after = model(**batch).logits
        torch.testing.assert_close(after, before, rtol=0, atol=0.05)
        assert not torch.equal(after, before)
        folder = tmp_path / type(model).__name__
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        loaded = AutoModelForSequenceClassification.from_pretrained(folder)
        with torch.no_grad():
            assert torch.equal(loaded(**batch).logits, after)
        results = pipeline("text-classification", str(folder))(texts, batch_size=3)
        expected = after.softmax(-1).max(-1).values
        found = torch.tensor([result["score"] for result in results])
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)
        loaded.train()
        loaded(**batch, labels=torch.tensor([0, 1, 0])).loss.backward()
        assert loaded.classifier.weight.grad is not None


@pytest.mark.parametrize("method", METHODS)
def test_look_ups_side_by_side_are_compressed_each_by_itself(method: str, tmp_path: Path) -> None:
    sets = [make_vectors(WORDS, 4), make_vectors(WORDS[:9], 6, seed=1)]
    made = word_inputs([*sets, "one_hot"], ["the plot is fine", "dull w3"], scale=0.5)
    kinds = [part["kind"] for part in made.config["embedding_config"]["parts"]]
    assert kinds == ["plain", "partial", "one_hot"]
    model = made.make_model(RecurrentForSequenceClassification, hidden_size=8).eval()
    batch = made.tokenizer(["the plot w9", "w3"], padding=True, return_tensors="pt")
    with torch.no_grad():
        before = model(**batch).logits
        after = compress_model(model, method, subspace_size=1)(**batch).logits
    torch.testing.assert_close(after, before, rtol=0, atol=0.05)
    assert not torch.equal(after, before)
    model.save_pretrained(tmp_path)
    loaded = AutoModelForSequenceClassification.from_pretrained(tmp_path)
    with torch.no_grad():
        assert torch.equal(loaded(**batch).logits, after)
    with pytest.raises(ValueError, match="Embedding, and compress_model takes the plain look-up"):
        compress_model(model, method)


def test_what_does_not_fit_is_refused() -> None:
    vectors = CompressedKeyedVectors.compress(make_vectors(WORDS, 4), "int8")
    other = tokenizer_from_vectors(make_vectors(WORDS[1:], 4))
    with pytest.raises(ValueError, match="not the rows of the vectors"):
        vectors.to_model(other)
    model, _ = vectors.to_model()
    with pytest.raises(ValueError, match="Int8Embedding"):
        compress_model(model, "pq")
    with pytest.raises(ValueError, match="method is 'zip'"):
        compress_model(model, "zip")
    larger = tokenizer_from_vectors(make_vectors([*WORDS, "more", "words"], 4))
    with pytest.raises(ValueError, match="do not belong together"):
        CompressedKeyedVectors.from_model(model, larger)
    plain = StaticEmbeddingForSequenceClassification(StaticEmbeddingConfig(vocab_size=20))
    with pytest.raises(ValueError, match="expected a compressed one"):
        CompressedKeyedVectors.from_model(plain, larger)
