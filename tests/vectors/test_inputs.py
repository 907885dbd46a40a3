import doctest
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from datasets import Dataset
from gensim.models import KeyedVectors
from gensim.models.fasttext import FastTextKeyedVectors, load_facebook_vectors
from gensim.test.utils import datapath
from transformers import PreTrainedTokenizerFast, Trainer, TrainingArguments

from hf_recurrent import (
    CharTokenizer,
    NgramTokenizer,
    RecurrentConfig,
    RecurrentForSequenceClassification,
    RecurrentModel,
    StaticEmbeddingModel,
)
from hf_recurrent.models.word_model import WordModel
from hf_recurrent.vectors import embedding_matrix, inputs, tokenizer_from_texts, word_inputs
from tests.common.checkpoints import outside

TEXTS = ["The cat sat", "the unseeable dog sat", "好 😀"]
UNSEEN = ["unseeable", "преступления", "сочинитель", "好好", "😀", "kéfir", "q"]


def plain_vectors(words: str, size: int, seed: int = 0) -> KeyedVectors:
    vectors = KeyedVectors(size)
    generator = np.random.default_rng(seed)
    vectors.add_vectors(words.split(), generator.normal(size=(len(words.split()), size)))
    return vectors


CAT = plain_vectors("the cat dog", 4)
BIRD = plain_vectors("the bird", 3, seed=1)


@pytest.fixture(scope="module", params=["crime-and-punishment.bin", "lee_fasttext.bin"])
def fasttext(request: pytest.FixtureRequest) -> FastTextKeyedVectors:
    return load_facebook_vectors(datapath(request.param))


def vectors_of(
    model: WordModel, tokenizer: PreTrainedTokenizerFast, words: list[str]
) -> torch.Tensor:
    """Return what the input layer makes of words, (words, size)."""
    batch = tokenizer([[word] for word in words], is_split_into_words=True, return_tensors="pt")
    assert batch["input_ids"].shape == (len(words), 1)
    return model.get_input_embeddings()(batch.pop("input_ids"), **only_ngrams(batch))[:, 0]


def only_ngrams(batch: dict) -> dict:
    return {name: value for name, value in batch.items() if name == "ngram_ids"}


def one_token_words(tokenizer: PreTrainedTokenizerFast, words: list[str]) -> list[str]:
    """Return the words that the tokenizer leaves whole and as they are."""
    ids = tokenizer([[word] for word in words], is_split_into_words=True)["input_ids"]
    normalize = tokenizer.backend_tokenizer.normalizer.normalize_str
    return [w for w, own in zip(words, ids, strict=True) if len(own) == 1 and normalize(w) == w]


def assert_like_gensim(found: torch.Tensor, vectors: KeyedVectors, words: list[str]) -> None:
    for row, word in zip(found.detach().numpy(), words, strict=True):
        expected = vectors[word]
        assert np.abs(row - expected).max() <= 1e-5 * np.abs(expected).max(), word


def test_every_word_has_the_vector_that_gensim_gives_it(fasttext: FastTextKeyedVectors) -> None:
    made = word_inputs(fasttext)
    assert isinstance(made.tokenizer, NgramTokenizer)
    model = made.make_model(RecurrentModel, hidden_size=3)
    words = one_token_words(made.tokenizer, fasttext.index_to_key + UNSEEN)
    assert set(UNSEEN) <= set(words)
    assert len(words) > 0.7 * len(fasttext)
    assert_like_gensim(vectors_of(model, made.tokenizer, words), fasttext, words)


def test_so_has_every_word_of_texts(fasttext: FastTextKeyedVectors) -> None:
    made = word_inputs(fasttext, TEXTS, extra_words=50)
    vocabulary = made.tokenizer.get_vocab()
    assert {"sat", "unseeable", "😀"} <= vocabulary.keys()
    model = made.make_model(StaticEmbeddingModel)
    special = set(made.tokenizer.all_special_tokens)
    words = one_token_words(made.tokenizer, [*vocabulary.keys() - special, *UNSEEN])
    assert_like_gensim(vectors_of(model, made.tokenizer, words), fasttext, words)


def test_padding_is_zero_and_special_tokens_have_their_row() -> None:
    vectors = load_facebook_vectors(datapath("crime-and-punishment.bin"))
    assert "</s>" in vectors.key_to_index
    made = word_inputs(vectors)
    layer = made.make_model(RecurrentModel, hidden_size=3).embed_tokens
    ids = torch.tensor([made.tokenizer.convert_tokens_to_ids(["[PAD]", "<unk>", "</s>"])])
    padding, unknown, end = layer(ids, ngram_ids=torch.zeros(1, 3, 5, dtype=torch.long))[0]
    assert not padding.any()
    torch.testing.assert_close(unknown, torch.from_numpy(vectors.vectors.mean(0)))
    torch.testing.assert_close(end, torch.tensor(vectors["</s>"]))


def test_saved_and_loaded_in_a_new_process(tmp_path: Path) -> None:
    """Where the package was never installed, and where it is."""
    vectors = load_facebook_vectors(datapath("lee_fasttext.bin"))
    made = word_inputs(vectors, keep_ngrams_of=[*vectors.index_to_key, *UNSEEN])
    labels = {"id2label": {0: "no", 1: "yes"}, "label2id": {"no": 0, "yes": 1}}
    model = made.make_model(RecurrentForSequenceClassification, hidden_size=3, **labels).eval()
    model.save_pretrained(tmp_path / "model")
    made.tokenizer.save_pretrained(tmp_path / "model")
    words = [*one_token_words(made.tokenizer, vectors.index_to_key)[:50], *UNSEEN]
    (tmp_path / "words.json").write_text(json.dumps(words))
    script = Path(__file__).with_name("load_inputs.py")
    done = subprocess.run(
        [sys.executable, script, tmp_path],
        env=outside(tmp_path) | {"PYTHONPATH": str(script.parents[2])},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    with torch.no_grad():
        expected = vectors_of(model, made.tokenizer, words)
        batch = made.tokenizer(words, padding=True, return_tensors="pt")
        scores = model(**batch).logits.softmax(-1).max(-1).values
    for stage in ("bare", "package"):
        loaded = np.load(tmp_path / f"{stage}.npz")
        assert np.array_equal(loaded["vectors"], expected)
        assert_like_gensim(torch.from_numpy(loaded["vectors"]), vectors, words)
        for size in (1, 3):
            np.testing.assert_allclose(loaded[f"scores{size}"], scores, atol=1e-5)


def test_pruned_buckets(fasttext: FastTextKeyedVectors, caplog: pytest.LogCaptureFixture) -> None:
    vectors = FastTextKeyedVectors(fasttext.vector_size, 3, 6, 5000)  # few words share a bucket
    vectors.vectors_ngrams = np.random.default_rng(0).normal(size=(5000, fasttext.vector_size))
    vectors.vectors_ngrams = vectors.vectors_ngrams.astype(np.float32)
    vectors.add_vectors(["cat", "dog"], np.ones((2, fasttext.vector_size), dtype=np.float32))
    made = word_inputs(vectors, ["a cat sat"], keep_ngrams_of=["catalogue"])
    kept = made.config["embedding_config"]["kept"]
    assert len(made.weights["ngram_weight"]) == len(made.weights["kept"]) == kept < 100
    model = made.make_model(RecurrentModel, hidden_size=3)
    words = ["cat", "dog", "sat", "a", "catalogue"]
    found = vectors_of(model, made.tokenizer, words)
    assert_like_gensim(found, vectors, words)
    assert "pruned" not in caplog.text
    type(inputs_logger()).warning_once.cache_clear()
    half, lost = vectors_of(model, made.tokenizer, ["catalogues", "zzzzz"])
    assert "buckets that were pruned" in caplog.text
    torch.testing.assert_close(lost, model.embed_tokens.weight[made.tokenizer.unk_token_id])
    assert lost.any()
    rows = [i - 1 for i in made.tokenizer.word_ngram_ids("catalogues")]
    left = [vectors.vectors_ngrams[row] for row in rows if row in made.weights["kept"]]
    assert 0 < len(left) < len(rows)
    np.testing.assert_allclose(half.detach(), np.mean(left, axis=0), rtol=1e-5)


def inputs_logger():
    from transformers.utils import logging

    return logging.get_logger("hf_recurrent.models.ngram_embedding")


def test_tuning_moves_words_and_ngrams() -> None:
    vectors = load_facebook_vectors(datapath("crime-and-punishment.bin"))
    for frozen in (False, True):
        made = word_inputs(vectors, frozen=frozen)
        model = made.make_model(RecurrentForSequenceClassification, hidden_size=3)
        batch = made.tokenizer(["the unseeable"], return_tensors="pt")
        model(**batch, labels=torch.tensor([1])).loss.backward()
        layer = model.get_input_embeddings()
        for table in (layer.weight, layer.ngram_weight):
            assert (table.grad is None) == frozen
            assert frozen or table.grad.any()


def test_the_plain_trainer_passes_ngrams_on(tmp_path: Path) -> None:
    vectors = load_facebook_vectors(datapath("crime-and-punishment.bin"))
    made = word_inputs(vectors, keep_ngrams_of=["unseeable"])
    model = made.make_model(RecurrentForSequenceClassification, hidden_size=3)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    rows = Dataset.from_dict({"text": ["the unseeable", "и", "", "unseeable"], "label": [0, 1] * 2})
    rows = rows.map(lambda r: made.tokenizer(r["text"]), batched=True)
    arguments = TrainingArguments(
        str(tmp_path),
        max_steps=1,
        per_device_train_batch_size=2,
        gradient_accumulation_steps=2,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
    )
    Trainer(model, arguments, train_dataset=rows, processing_class=made.tokenizer).train()
    moved = (
        model.state_dict()["model.embed_tokens.ngram_weight"]
        != before.pop("model.embed_tokens.ngram_weight")
    ).any(1)
    kept = made.weights["kept"].tolist()
    read = {kept.index(i - 1) for i in made.tokenizer.word_ngram_ids("unseeable")}
    assert read <= set(moved.nonzero().flatten().tolist())
    assert torch.equal(model.state_dict()["model.embed_tokens.kept"], made.weights["kept"])


def test_without_ngrams_it_is_the_plain_look_up() -> None:
    vectors = load_facebook_vectors(datapath("crime-and-punishment.bin"))
    made = word_inputs(vectors, ngrams=False)
    assert made.config["embedding_config"] is None
    assert "ngram_ids" not in made.tokenizer("the")
    expected, _ = embedding_matrix(made.tokenizer, vectors)
    assert np.array_equal(made.weights["weight"], expected)


@pytest.mark.parametrize("frozen", [True, False])
def test_plain_sets_side_by_side_are_one_table(frozen: bool) -> None:
    made = word_inputs([CAT, BIRD], TEXTS, frozen=frozen)
    expected, _ = embedding_matrix(made.tokenizer, [CAT, BIRD])
    model = made.make_model(RecurrentForSequenceClassification, hidden_size=3, num_labels=4)
    embedding = model.get_input_embeddings()
    assert np.array_equal(embedding.weight.detach(), expected)
    assert embedding.weight.requires_grad != frozen
    assert model.config.pad_token_id == made.tokenizer.pad_token_id
    assert made.coverage is not None
    assert made.coverage.types_found == 3


def test_sets_joined_frozen_beside_tuned_one_hot_and_ngrams(
    fasttext: FastTextKeyedVectors,
) -> None:
    made = word_inputs([CAT, "one_hot", fasttext, BIRD], TEXTS, frozen=[True, False, False, False])
    model = made.make_model(RecurrentModel, hidden_size=3)
    size, rows = fasttext.vector_size, len(made.tokenizer)
    assert model.config.embedding_size == 4 + rows + size + 3
    tuned = {
        n.replace("table.", "") for n, p in model.embed_tokens.named_parameters() if p.requires_grad
    }
    assert tuned == {"parts.2.weight", "parts.2.ngram_weight", "parts.3.weight"}
    words = ["cat", "unseeable"]
    found = vectors_of(model, made.tokenizer, words).detach()
    np.testing.assert_allclose(found[0, :4], CAT["cat"], rtol=1e-6)
    place = made.tokenizer.convert_tokens_to_ids("cat")
    assert found[0, 4 : 4 + rows].nonzero().tolist() == [[place]]
    assert_like_gensim(found[:, 4 + rows : 4 + rows + size], fasttext, words)


def test_one_hot() -> None:
    made = word_inputs("one_hot", TEXTS)
    model = made.make_model(RecurrentForSequenceClassification, hidden_size=3)
    assert model.config.embedding_size == len(made.tokenizer)
    assert made.coverage is None
    batch = made.tokenizer(TEXTS, padding=True, return_tensors="pt")
    assert model(**batch).logits.isfinite().all()


def test_a_tokenizer_that_is_there() -> None:
    tokenizer = tokenizer_from_texts(["the bird sings"])
    made = word_inputs(BIRD, tokenizer=tokenizer, scale=0.5)
    assert made.tokenizer is tokenizer
    expected, _ = embedding_matrix(tokenizer, BIRD, scale=0.5)
    assert np.array_equal(made.weights["weight"], expected)


def test_scale_of_ngrams(fasttext: FastTextKeyedVectors) -> None:
    plain, scaled = (word_inputs(fasttext, scale=scale) for scale in (None, 0.3))
    words = one_token_words(plain.tokenizer, [*fasttext.index_to_key[:30], "unseeable"])
    one, other = (
        vectors_of(made.make_model(RecurrentModel, hidden_size=3), made.tokenizer, words)
        for made in (plain, scaled)
    )
    factor = (other / one).detach().median()
    torch.testing.assert_close(other, factor * one, rtol=1e-4, atol=1e-6)
    assert fasttext.vectors.std() * factor == pytest.approx(0.3, rel=0.2)


def test_two_models_of_the_same_input_do_not_share_it() -> None:
    made = word_inputs(CAT)
    one, other = (made.make_model(RecurrentModel, hidden_size=3) for _ in range(2))
    with torch.no_grad():
        one.embed_tokens.weight.zero_()
    assert other.embed_tokens.weight.any()


def test_bad_arguments(fasttext: FastTextKeyedVectors) -> None:
    other = FastTextKeyedVectors(4, 2, 5, 100)
    other.add_vectors(["a"], np.ones((1, 4), dtype=np.float32))
    old = SimpleNamespace(**vars(fasttext))
    old.compatible_hash = False
    for arguments, named in (
        (
            {"vectors": "glove"},
            "vectors must be sets of vectors, 'one_hot' or 'random', not 'glove'",
        ),
        ({"vectors": "one_hot"}, "need texts"),
        ({"vectors": []}, "at least one set"),
        ({"vectors": [CAT, BIRD], "frozen": [True]}, "frozen has 1 entry for 2 sets"),
        ({"vectors": [fasttext, other]}, "cut or hash n-grams differently"),
        ({"vectors": old}, "ngrams=False"),
        ({"vectors": CAT, "texts": [""], "extra_words": 0}, "There are no words"),
    ):
        with pytest.raises(ValueError, match=named):
            word_inputs(**arguments)
    made = word_inputs(CAT)
    with pytest.raises(ValueError, match="vocab_size follows from the word vectors and is 5, but"):
        made.make_model(RecurrentModel, vocab_size=7)
    with pytest.raises(ValueError, match="make its configuration with the fields of `config`"):
        made.fill(RecurrentModel(RecurrentConfig(vocab_size=3, hidden_size=2)))


def test_the_example() -> None:
    failed, tried = doctest.testmod(inputs)
    assert tried > 5
    assert not failed


@pytest.mark.parametrize("kind", ["cnn", "lstm"])
def test_characters_stand_beside_vectors_and_start_fresh(kind: str) -> None:
    keyed = KeyedVectors(3)
    keyed.add_vectors(["good", "film"], np.arange(6, dtype=np.float32).reshape(2, 3))
    inputs = word_inputs(keyed, ["Good film", "Good Film"], characters=kind)
    assert isinstance(inputs.tokenizer, CharTokenizer)
    assert set(inputs.tokenizer.characters["alphabet"]) == set("Godilm")
    model = inputs.make_model(RecurrentModel, hidden_size=4)
    layer = model.get_input_embeddings()
    assert layer.embedding_dim == 3 + (30 if kind == "cnn" else 50)
    row = inputs.tokenizer.convert_tokens_to_ids("film")
    assert layer.parts[0].weight[row].tolist() == [3.0, 4.0, 5.0]
    batch = inputs.tokenizer(["Good good unseen"], return_tensors="pt")
    assert model(**batch).last_hidden_state.isfinite().all()
    vectors = layer(batch["input_ids"], char_ids=batch["char_ids"])[0]
    assert torch.equal(vectors[0, :3], vectors[1, :3])
    assert not torch.equal(vectors[0, 3:], vectors[1, 3:])


def test_characters_that_cannot_be_are_one_sentence() -> None:
    keyed = KeyedVectors(3)
    keyed.add_vectors(["good"], np.ones((1, 3), dtype=np.float32))
    with pytest.raises(ValueError, match="characters is 'gru', expected None, cnn or lstm"):
        word_inputs(keyed, ["good"], characters="gru")
    with pytest.raises(ValueError, match="characters need texts, for their alphabet"):
        word_inputs(keyed, characters="cnn")


def test_characters_stand_beside_ngrams(tmp_path: Path) -> None:
    """The tokenizer gives both, whatever is frozen."""
    vectors = load_facebook_vectors(datapath("crime-and-punishment.bin"))
    made = word_inputs(vectors, TEXTS, extra_words=20, frozen=True, characters="lstm")
    model = made.make_model(RecurrentForSequenceClassification, hidden_size=3).eval()
    layer = model.get_input_embeddings()
    assert not any(p.requires_grad for p in layer.parts[0].parameters())
    assert all(p.requires_grad for p in layer.parts[1].parameters())
    batch = made.tokenizer(TEXTS, padding=True, return_tensors="pt")
    given = {name: batch[name] for name in ("ngram_ids", "char_ids")}
    alone = word_inputs(vectors, TEXTS, extra_words=20).make_model(RecurrentModel, hidden_size=3)
    expected = alone.get_input_embeddings()(batch["input_ids"], ngram_ids=batch["ngram_ids"])
    found = layer(batch["input_ids"], **given)
    assert torch.equal(found[..., : expected.shape[-1]], expected)
    assert found[..., expected.shape[-1] :][batch["attention_mask"] == 1].any(-1).all()
    model.save_pretrained(tmp_path)
    made.tokenizer.save_pretrained(tmp_path)
    loaded = RecurrentForSequenceClassification.from_pretrained(tmp_path)
    again = NgramTokenizer.from_pretrained(tmp_path)(TEXTS, padding=True, return_tensors="pt")
    assert torch.equal(loaded(**again).logits, model(**batch).logits)


def test_characters_alone() -> None:
    made = word_inputs([], TEXTS, characters="cnn")
    assert made.coverage is None
    model = made.make_model(StaticEmbeddingModel)
    batch = made.tokenizer(["unseen UNSEEN", "cat"], padding=True, return_tensors="pt")
    assert batch["input_ids"][0].tolist() == [made.tokenizer.unk_token_id] * 2
    hidden = model(**batch).last_hidden_state
    assert not torch.equal(hidden[0, 0], hidden[0, 1])
    with pytest.raises(ValueError, match="characters alone need texts"):
        word_inputs([], characters="cnn")


def test_an_alphabet_that_is_given_stays() -> None:
    given = CharTokenizer.from_tokenizer(tokenizer_from_texts(TEXTS), alphabet="ab")
    made = word_inputs(CAT, tokenizer=given, characters="cnn")
    assert made.config["embedding_config"]["parts"][1]["num_characters"] == 6
    assert made.tokenizer("cab")["char_ids"] == [(2, 1, 4, 5, 3)]
