"""Trained vectors as a folder: saved whole or not at all, with a card that is true."""

import json
import os
import unicodedata
from dataclasses import replace

import numpy as np
import pytest
import yaml
from gensim.test.utils import datapath
from scipy.sparse import save_npz
from transformers import AutoTokenizer

from hf_recurrent.models.tokenization_ngrams import NgramTokenizer
from hf_recurrent.vectors import (
    load_vectors,
    save_trained,
    tokenizer_from_vectors,
    train_vectors,
)
from hf_recurrent.vectors.evaluation import evaluate_similarity, load_word_set
from hf_recurrent.vectors.formats import FORMATS, convert_vectors
from hf_recurrent.vectors.training import load_counts, load_vocabulary, saving
from hf_recurrent.vectors.training.card import (
    library_versions,
    make_card,
    similarity_scores,
    vectors_record,
)
from hf_recurrent.vectors.training.result import TrainedVectors, rows_as_vectors

LEE = datapath("lee_background.cor")
OPTIONS = {"workers": 1, "progress": False}


@pytest.fixture(scope="module")
def skip_gram() -> TrainedVectors:
    return train_vectors(LEE, "skip-gram", vector_size=8, epochs=2, **OPTIONS)


@pytest.fixture(scope="module")
def counts() -> TrainedVectors:
    return train_vectors(LEE, "cooccurrence", **OPTIONS)


@pytest.mark.parametrize("format", [None, *(f for f in FORMATS if f != "fasttext")])
def test_dense_vectors_in_every_format(format, skip_gram, tmp_path):
    folder = tmp_path / "out"
    record = save_trained(skip_gram, folder, format)
    loaded = load_vectors(
        folder / record["file"] if "file" in record else folder, allow_pickle=format == "gensim"
    )
    vectors = skip_gram.vectors
    for word in ("the", "australia"):
        np.testing.assert_array_equal(loaded[word], vectors[word])
    assert loaded.index_to_key[: len(vectors)] == vectors.index_to_key
    assert {"README.md", "training.json"} < set(os.listdir(folder))
    assert os.listdir(tmp_path) == ["out"]


def test_subwords_are_kept(tmp_path):
    result = train_vectors(LEE, "fasttext", vector_size=6, epochs=1, bucket=300, **OPTIONS)
    record = save_trained(result, tmp_path / "out")
    assert record["file"] == "vectors.bin"
    loaded = load_vectors(tmp_path / "out" / "vectors.bin")
    np.testing.assert_allclose(loaded["unheard-of"], result.vectors["unheard-of"], rtol=1e-5)
    assert "losses" not in record
    assert "loss" not in (tmp_path / "out" / "README.md").read_text()


def test_sparse_and_one_hot_kinds(counts, tmp_path):
    save_trained(counts, tmp_path / "counts")
    loaded = load_counts(tmp_path / "counts")
    assert loaded.words == counts.vectors.words
    assert (loaded.matrix != counts.vectors.matrix).nnz == 0
    assert loaded.matrix.dtype == np.float32
    np.testing.assert_array_equal(loaded.counts, counts.vectors.counts)
    one_hot = train_vectors([['"a"', "b c", "\u00e9\n", "b c"]], "one-hot", min_count=1)
    record = save_trained(one_hot, tmp_path / "one-hot")
    vocabulary = load_vocabulary(tmp_path / "one-hot")
    assert vocabulary.words == ["b c", '"a"', "\u00e9\n"]
    assert vocabulary.counts.tolist() == [2, 1, 1]
    assert "scores" not in record
    card = (tmp_path / "one-hot" / "README.md").read_text()
    assert "Results" not in card
    assert 'load_vocabulary("one-hot")' in card
    assert 'load_counts("counts")' in (tmp_path / "counts" / "README.md").read_text()


def test_the_record_and_the_card_tell_what_was_done(skip_gram, tmp_path):
    record = save_trained(skip_gram, tmp_path / "mine")
    assert record == json.loads((tmp_path / "mine" / "training.json").read_text())
    assert record["corpus"] == {
        "name": "lee_background.cor",
        "preparation": "lower case, words by 'ptb'",
        "form": {
            "pre_tokenizer": "ptb",
            "lowercase": True,
            "normal_form": "NFC",
            "emoji": True,
        },
        "sentences": skip_gram.corpus.sentences,
        "words": skip_gram.corpus.words,
    }
    assert record["settings"]["window"] == 5
    assert record["losses"] == list(skip_gram.losses)
    score = evaluate_similarity(skip_gram.vectors, load_word_set("ws353"))
    assert record["scores"][0]["spearman"] == score.spearman
    card = (tmp_path / "mine" / "README.md").read_text()
    _, metadata, text = card.split("---\n", 2)
    data = yaml.safe_load(metadata)
    results = data.pop("model-index")[0]["results"]
    assert [result["dataset"]["name"] for result in results] == ["WordSim-353", "SimLex-999"]
    assert results[0]["metrics"][0]["value"] == score.spearman
    example = data.pop("widget")[0]["text"]
    assert example in skip_gram.vectors
    assert data == {
        "library_name": "hf-recurrent",
        "tags": ["word-vectors", "skip-gram", "static-embedding"],
        "pipeline_tag": "feature-extraction",
        "metrics": ["spearmanr"],
    }
    for line in (
        "# mine",
        f"Word vectors of the kind skip-gram, {len(skip_gram.vectors):,} words of 8 numbers. "
        f"Spearman's rank correlation {score.spearman:.3f} on WordSim-353.",
        f'vectors.most_similar("{example}")',
        f"| Spearman's rank correlation | WordSim-353, {score.known} of 353 pairs known; "
        f"{score.spearman_all:.3f} with the unknown pairs in the middle | {score.spearman:.3f} |",
        f"- {skip_gram.corpus.words:,} words in {skip_gram.corpus.sentences} sentences; prepared: "
        "lower case, words by 'ptb'.",
        "- vector_size: 8",
        "- seed: 0",
        f"| 2 | {skip_gram.losses[1]:.4g} |",
    ):
        assert line in text.splitlines()
    assert "None" not in card.split("<summary>Configuration")[0]
    assert "\n\n\n" not in card
    assert "(training_loss.svg)" in card
    assert '<g id="line_0">' in (tmp_path / "mine" / "training_loss.svg").read_text()


@pytest.mark.parametrize("format", ["word2vec", "gensim", "numpy"])
def test_the_card_of_a_format_that_no_auto_class_loads(format, skip_gram, tmp_path, monkeypatch):
    record = save_trained(skip_gram, tmp_path / "mine", format)
    card = (tmp_path / "mine" / "README.md").read_text()
    assert yaml.safe_load(card.split("---\n", 2)[1]) == {
        "library_name": "hf-recurrent",
        "tags": ["word-vectors", "skip-gram"],
        "metrics": ["spearmanr"],
    }
    assert {*record.get("file", "").split(), "training_loss.svg"} < set(
        os.listdir(tmp_path / "mine")
    )
    assert "training_record.json" not in os.listdir(tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    scope: dict = {}
    exec(card.split("```python\n")[1].split("```")[0], scope)
    assert scope["vectors"].index_to_key == skip_gram.vectors.index_to_key


def test_what_is_known_of_a_named_corpus(skip_gram):
    def data(name):
        facts = replace(skip_gram.corpus, name=name)
        record = vectors_record(replace(skip_gram, corpus=facts), [], {}, is_model=True)
        return record.data, "\n".join(record.citations)

    brown, cited = data("Brown corpus")
    assert (brown.language, "francis1979brown" in cited) == ("en", True)
    chinese, _ = data("chinese-reviews, training part")
    assert (chinese.language, chinese.license) == ("zh", "not stated")
    other, cited = data(None)
    assert (other.language, other.license, "brown" in cited) == (None, None, False)


def test_a_stopped_training_says_so(skip_gram, tmp_path):
    stopped = replace(skip_gram, stopped=True, epochs=1, losses=skip_gram.losses[:1])
    assert save_trained(stopped, tmp_path / "out")["stopped"] is True
    card = (tmp_path / "out" / "README.md").read_text()
    assert "**The training was stopped after 1 of 2 epochs.**" in card


def test_of_many_epochs_some_are_told(skip_gram):
    def told(epochs: int) -> list[int]:
        many = replace(skip_gram, losses=tuple(range(1, epochs + 1)), epochs=epochs)
        record = vectors_record(many, [], library_versions(), is_model=False)
        card = make_card(record, many.kind, "mine")
        rows = card.split("| epoch | loss |\n|---|---|\n")[1].split("\n\n")[0].splitlines()
        pairs = [row.strip("| ").split(" | ") for row in rows]
        assert all(float(loss) == int(epoch) for epoch, loss in pairs)
        return [int(epoch) for epoch, _ in pairs]

    assert told(25) == list(range(1, 26))
    assert told(60) == list(range(3, 61, 3))


def test_sparse_rows_are_judged_by_their_cosines(counts):
    pairs = load_word_set("simlex999")
    everything = rows_as_vectors(counts.vectors, set(counts.vectors.words))
    expected = evaluate_similarity(everything, pairs)
    (score,) = [s for s in similarity_scores(counts) if s.name == "simlex999"]
    assert (score.known, score.pairs) == (expected.known, 999)
    assert score.spearman == pytest.approx(expected.spearman)


def test_what_is_there_is_kept(skip_gram, tmp_path, monkeypatch):
    folder = tmp_path / "out"
    with pytest.raises(FileNotFoundError, match=r"There is no folder .*no-such to save in"):
        save_trained(skip_gram, tmp_path / "no-such" / "out")
    folder.mkdir()
    (folder / "thesis.txt").write_text("precious")
    with pytest.raises(FileExistsError, match=r"out is there already: name another output"):
        save_trained(skip_gram, folder)
    with pytest.raises(FileExistsError, match=r"holds no training\.json, so it is no result"):
        save_trained(skip_gram, folder, overwrite=True)
    assert os.listdir(folder) == ["thesis.txt"]
    save_trained(skip_gram, tmp_path / "mine", "glove")
    save_trained(skip_gram, tmp_path / "mine", "numpy", overwrite=True)
    assert "vectors.txt" not in os.listdir(tmp_path / "mine")
    before = sorted(os.listdir(tmp_path / "mine"))

    def full(vectors, path, format):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(saving, "save_vectors", full)
    with pytest.raises(OSError, match=rf"No space left on device: '{tmp_path}/mine'"):
        save_trained(skip_gram, tmp_path / "mine", "glove", overwrite=True)
    assert sorted(os.listdir(tmp_path / "mine")) == before
    assert sorted(os.listdir(tmp_path)) == ["mine", "out"]


def test_formats_that_a_kind_lacks(skip_gram, counts, tmp_path):
    with pytest.raises(ValueError, match="'fasttext', which is for fasttext vectors, not for skip"):
        save_trained(skip_gram, tmp_path / "out", "fasttext")
    with pytest.raises(ValueError, match="format is 'numpy', but cooccurrence vectors have one"):
        save_trained(counts, tmp_path / "out", "numpy")
    with pytest.raises(ValueError, match="format must be one of"):
        save_trained(skip_gram, tmp_path / "out", "xml")
    assert os.listdir(tmp_path) == []


def test_damaged_files(counts, tmp_path):
    folder = tmp_path / "out"
    save_trained(counts, folder)
    matrix, vocabulary = folder / "counts.npz", folder / "vocabulary.json"
    whole = matrix.read_bytes()
    for content in (b"", whole[:100], whole[: len(whole) // 2], b"PK\x03\x04" + whole[:50]):
        matrix.write_bytes(content)
        with pytest.raises(ValueError, match=r"counts\.npz: the matrix is damaged"):
            load_counts(folder)
    save_npz(matrix, counts.vectors.matrix[:5])
    with pytest.raises(ValueError, match=r"counts\.npz: found a matrix of shape \(5, "):
        load_counts(folder)
    for content in ("", "[]", '{"words": ["a"], "counts": []}', '{"words": [1], "counts": [1]}'):
        vocabulary.write_text(content)
        with pytest.raises(ValueError, match=r"vocabulary\.json: the vocabulary is damaged"):
            load_vocabulary(folder)


CODE = "C++ C# user@x.com #metoo node.js Cafe\u0301 don't 42"
KINDS_WITH = {
    "one-hot": {},
    "cooccurrence": {},
    "ppmi": {},
    "ppmi-svd": {"vector_size": 2},
    "glove": {"vector_size": 2, "epochs": 1},
    "cbow": {"vector_size": 2, "epochs": 1},
    "skip-gram": {"vector_size": 2, "epochs": 1},
    "skip-gram-shared": {"vector_size": 2, "epochs": 1},
    "fasttext": {"vector_size": 2, "epochs": 1, "bucket": 50},
}


def cut(tokenizer, text: str) -> list[str]:
    return tokenizer.convert_ids_to_tokens(tokenizer(text)["input_ids"])


def as_code(kind: str) -> TrainedVectors:
    how = {"pre_tokenizer": "whitespace", "lowercase": False, "min_count": 1}
    return train_vectors([CODE] * 9, kind, **how, **KINDS_WITH[kind], **OPTIONS)


@pytest.mark.parametrize("kind", KINDS_WITH)
def test_the_tokenizer_cuts_as_the_training_did(kind, tmp_path):
    result = as_code(kind)
    save_trained(result, tmp_path / "v")
    saved = AutoTokenizer.from_pretrained(tmp_path / "v")
    expected = unicodedata.normalize("NFC", CODE).split()
    assert cut(saved, CODE) == expected
    words = getattr(result.vectors, "index_to_key", None) or result.vectors.words
    assert saved.convert_tokens_to_ids(words) == list(range(len(words)))
    if kind == "fasttext":
        assert isinstance(saved, NgramTokenizer)
        assert saved.ngrams["bucket"] == 50
        loaded = load_vectors(tmp_path / "v" / "vectors.bin")
        assert cut(tokenizer_from_vectors(loaded), CODE) == expected
    if kind in ("one-hot", "cooccurrence", "ppmi"):
        load = load_vocabulary if kind == "one-hot" else load_counts
        assert load(tmp_path / "v").preparation == result.corpus.form


@pytest.mark.parametrize("format", [f for f in FORMATS if f != "fasttext"])
def test_every_format_keeps_the_tokenizer(format, tmp_path):
    record = save_trained(as_code("cbow"), tmp_path / "v", format)
    assert cut(AutoTokenizer.from_pretrained(tmp_path / "v"), "C++ don't") == ["C++", "don't"]
    place = tmp_path / "v" / record.get("file", "")
    loaded = load_vectors(place, allow_pickle=True)
    assert cut(tokenizer_from_vectors(loaded), "C++ c++ don't") == ["C++", "<unk>", "don't"]
    if format != "gensim":
        convert_vectors(place, tmp_path / "w", "static-embedding", limit=8)
        converted = AutoTokenizer.from_pretrained(tmp_path / "w")
        assert cut(converted, "C++ C#") == ["C++", "C#"]


def test_case_digits_and_han_are_kept(tmp_path):
    few = " ".join(f"w{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(300))
    for number, (text, options, expected) in enumerate(
        (
            (f"{few} NASA US us", {"lowercase": False}, ["NASA", "US", "us"]),
            (f"{few} In 1984 film", {"pre_tokenizer": "googlenews"}, ["in", "####", "film"]),
            (f"{few} \u6211 \u4eec", {"pre_tokenizer": "chinese"}, ["\u6211", "\u4eec"]),
        )
    ):
        result = train_vectors([text] * 6, "cbow", min_count=1, epochs=1, **options, **OPTIONS)
        save_trained(result, tmp_path / str(number))
        saved = AutoTokenizer.from_pretrained(tmp_path / str(number))
        assert cut(saved, text)[-len(expected) :] == expected


def test_words_that_were_cut_before_are_guessed(tmp_path):
    sentences = [["did", "n't", "Go", "co-op", ","]] * 9
    result = train_vectors(sentences, "cbow", min_count=1, epochs=1, **OPTIONS)
    assert result.corpus.form is None
    save_trained(result, tmp_path / "v")
    saved = AutoTokenizer.from_pretrained(tmp_path / "v")
    assert cut(saved, "didn't, Go co-op") == ["did", "n't", ",", "Go", "co-op"]


def test_a_record_of_other_vectors_tells_nothing(tmp_path):
    save_trained(as_code("cbow"), tmp_path / "v", "glove")
    other = tmp_path / "v" / "other.txt"
    (tmp_path / "v" / "vectors.txt").rename(other)
    assert not hasattr(load_vectors(other), "preparation")
    (tmp_path / "v" / "training.json").write_text("{")
    assert not hasattr(load_vectors(other), "preparation")
