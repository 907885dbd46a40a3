"""Small models of every family, head and input layer, the same in every process."""

from typing import Any, NamedTuple

import numpy as np
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

TEXTS = ["a warm and moving film", "dull", "not a bad film at all , but not a good one"]
CHINESE = ["这部电影很好看", "故事不好"]
# Unseen words, digits and another script, beside the texts that vocabularies are made of.
ASKED = [*TEXTS, "The warmest films of 1984", CHINESE[0]]


class Sample(NamedTuple):
    """A model and the tokenizer that belongs to it."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase


def make_tokenizer() -> PreTrainedTokenizerBase:
    from hf_recurrent import tokenizer_from_texts

    return tokenizer_from_texts(TEXTS)


def make_samples() -> dict[str, Sample]:
    """Return a model and its tokenizer for each repository name."""
    torch.manual_seed(0)
    return {**_families(), **_input_layers(), **_other_tokenizers()}


def _families() -> dict[str, Sample]:
    import hf_recurrent as hr

    tokenizer = make_tokenizer()
    size = {"vocab_size": len(tokenizer), "embedding_size": 6}
    fields = {**size, "pad_token_id": tokenizer.pad_token_id}
    recurrent = {**fields, "hidden_size": 5}
    labels = {"id2label": {0: "bad", 1: "good"}, "label2id": {"bad": 0, "good": 1}}
    models = {
        "gru": hr.RecurrentModel(hr.RecurrentConfig(**recurrent, cell_type="gru")),
        "bilstm-classifier": hr.RecurrentForSequenceClassification(
            hr.RecurrentConfig(**recurrent, bidirectional=True, pooling="attention", **labels)
        ),
        "vectors": hr.StaticEmbeddingModel(hr.StaticEmbeddingConfig(**fields)),
        "bag-of-vectors": hr.StaticEmbeddingForSequenceClassification(
            hr.StaticEmbeddingConfig(**fields, **labels)
        ),
        "sif": hr.StaticEmbeddingModel(hr.StaticEmbeddingConfig(**fields)),
    }
    models["sif"].fit_weights(TEXTS, tokenizer, show_progress=False)
    return {name: Sample(model, tokenizer) for name, model in models.items()}


def _input_layers() -> dict[str, Sample]:
    import hf_recurrent as hr
    from hf_recurrent.vectors import compress_model, word_inputs

    words = " ".join(TEXTS).split()
    sets = [_fasttext(words), _plain(words[:6])]
    inputs = {
        "ngrams": word_inputs(sets[0], keep_ngrams_of=[*words, "warmest"]),
        "joined": word_inputs([*sets, "one_hot"], TEXTS, frozen=[True, False, True]),
        "one-hot": word_inputs("one_hot", TEXTS),
    }
    found = {
        name: Sample(
            made.make_model(hr.RecurrentForSequenceClassification, hidden_size=5, cell_type="gru"),
            made.tokenizer,
        )
        for name, made in inputs.items()
    }
    families = _families()
    for name, method in (("gru", "int8"), ("bag-of-vectors", "pq"), ("vectors", "fp16")):
        compress_model(families[name].model, method)
        found[method] = families[name]
    return found


def _other_tokenizers() -> dict[str, Sample]:
    import hf_recurrent as hr

    made = {
        "chinese": hr.tokenizer_from_texts(
            CHINESE, pre_tokenizer="chinese", extra_words=["电影", "好看"]
        ),
        "digits": hr.tokenizer_from_texts(
            ["films of 2001"], pre_tokenizer="googlenews", lowercase=False
        ),
    }
    return {
        name: Sample(
            hr.RecurrentModel(
                hr.RecurrentConfig(
                    vocab_size=len(tokenizer),
                    embedding_size=4,
                    hidden_size=3,
                    pad_token_id=tokenizer.pad_token_id,
                )
            ),
            tokenizer,
        )
        for name, tokenizer in made.items()
    }


def _fasttext(words: list[str]) -> Any:
    from gensim.models.fasttext import FastTextKeyedVectors

    generator = np.random.default_rng(0)
    vectors = FastTextKeyedVectors(6, 2, 3, 500)
    vectors.vectors_ngrams = generator.normal(size=(500, 6)).astype(np.float32)
    unique = list(dict.fromkeys(words))
    vectors.add_vectors(unique, generator.normal(size=(len(unique), 6)).astype(np.float32))
    return vectors


def _plain(words: list[str]) -> Any:
    from gensim.models import KeyedVectors

    vectors = KeyedVectors(3)
    rows = np.random.default_rng(1).normal(size=(len(words), 3))
    vectors.add_vectors(words, rows.astype(np.float32))
    return vectors


def outputs(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> dict[str, list]:
    """Return what a model answers, as numbers that JSON keeps bit for bit."""
    batch = tokenizer(ASKED, padding=True, return_tensors="pt")
    with torch.no_grad():
        answers = {
            name: value.double().tolist()
            for name, value in model.eval()(**batch).items()
            if isinstance(value, torch.Tensor)  # a language model returns its cache too
        }
    if hasattr(model, "encode"):
        encoded = model.encode(ASKED, tokenizer, show_progress=False)
        answers["encode"] = encoded.astype(float).tolist()
    return answers


def told(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    """Return what a tokenizer gives and what it says of itself."""
    encoded = tokenizer(ASKED, padding=True, return_tensors="np")
    return {
        **{name: ids.tolist() for name, ids in encoded.items()},
        "model_input_names": tokenizer.model_input_names,
        "special_tokens": {k: str(v) for k, v in tokenizer.special_tokens_map.items()},
        "padding_side": tokenizer.padding_side,
        "model_max_length": tokenizer.model_max_length,
        "ngrams": tokenizer.init_kwargs.get("ngrams"),
    }
