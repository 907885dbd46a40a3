"""Folders with a tokenizer: ours and those of two libraries, each read by the other."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from model2vec import StaticModel
from safetensors.numpy import load_file, save_file
from safetensors.torch import save_file as save_torch_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import StaticEmbedding
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import AutoModel, AutoTokenizer, PreTrainedTokenizerFast

from hf_recurrent import StaticEmbeddingForSequenceClassification, StaticEmbeddingModel
from hf_recurrent.vectors import (
    CompressedKeyedVectors,
    convert_vectors,
    load_vectors,
    save_vectors,
    tokenizer_from_vectors,
)
from hf_recurrent.vectors.formats._tokens import tokens_of

from ..files import assert_same
from .samples import TOKENIZED, WORDS, plain_vectors

TEXT = "the word of 我们"
ROWS = [0, 8, 1, 6]
PIECES = ["[PAD]", "[UNK]", "the", "wor", "##d", "##s"]


def wordpieces() -> Tokenizer:
    """Return a tokenizer that cuts words, as those of distilled models do."""
    vocabulary = {piece: row for row, piece in enumerate(PIECES)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]"])
    # What it adds around a text is no part of a mean of vectors.
    tokenizer.post_processor = processors.TemplateProcessing("[UNK] $A", None, [("[UNK]", 1)])
    return tokenizer


MATRIX = np.arange(18, dtype=np.float32).reshape(6, 3) + 1


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("format", TOKENIZED)
def test_the_libraries_open_ours(tmp_path: Path, format: str, dtype: str) -> None:
    vectors, folder = plain_vectors(), tmp_path / "model"
    save_vectors(vectors, folder, format, dtype=dtype)
    mean = vectors.vectors[ROWS].mean(axis=0)
    exact = 1e-6 if dtype == "float32" else 1e-3
    theirs = SentenceTransformer(str(folder), device="cpu")
    assert np.allclose(theirs.encode([TEXT])[0], mean, atol=exact)
    assert isinstance(theirs[0], StaticEmbedding)
    if format != "static-embedding":
        assert np.allclose(StaticModel.from_pretrained(folder).encode([TEXT])[0], mean, atol=exact)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_ours_is_a_saved_static_embedding_model(tmp_path: Path, dtype: str) -> None:
    vectors = plain_vectors()
    made = StaticEmbeddingModel.from_vectors(vectors)
    made.to(getattr(torch, dtype)).save_pretrained(tmp_path / "made")
    tokenizer_from_vectors(vectors).save_pretrained(tmp_path / "made")
    save_vectors(vectors, tmp_path / "saved", "static-embedding", dtype=dtype)
    files = [
        {str(file.relative_to(folder)) for file in folder.rglob("*")}
        for folder in (tmp_path / "made", tmp_path / "saved")
    ]
    assert files[0] == files[1]
    for name in ("config.json", "modules.json", "tokenizer_config.json", "tokenizer.json"):
        contents = [json.loads((tmp_path / f / name).read_text()) for f in ("made", "saved")]
        assert contents[0] == contents[1], name
    tensors = [load_file(tmp_path / f / "model.safetensors") for f in ("made", "saved")]
    assert tensors[0].keys() == tensors[1].keys() == {"embedding.weight"}
    assert np.array_equal(tensors[0]["embedding.weight"], tensors[1]["embedding.weight"])
    model = AutoModel.from_pretrained(tmp_path / "saved")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "saved")
    assert isinstance(model, StaticEmbeddingModel)
    assert model.dtype == getattr(torch, dtype)
    pooled = model(**tokenizer(TEXT, return_tensors="pt")).pooler_output[0].detach().numpy()
    assert np.allclose(pooled, vectors.vectors[ROWS].mean(axis=0), atol=1e-3)


def test_special_rows_of_the_vectors_are_words(tmp_path: Path) -> None:
    vectors = plain_vectors(["</s>", "the", "<unk>"])
    for format in TOKENIZED:
        save_vectors(vectors, tmp_path / format, format)
        assert_same(load_vectors(tmp_path / format), vectors.index_to_key, vectors.vectors)
    # Our own configuration says how many rows are words, whatever their numbers are.
    vectors.vectors[2] = 0
    save_vectors(vectors, tmp_path / "zero", "static-embedding")
    assert_same(load_vectors(tmp_path / "zero"), vectors.index_to_key, vectors.vectors)


@pytest.mark.parametrize("layout", ["root", "0_StaticEmbedding"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_sentence_transformers_folders(tmp_path: Path, layout: str, dtype: torch.dtype) -> None:
    weights = torch.from_numpy(MATRIX).to(dtype)
    module = StaticEmbedding(wordpieces(), embedding_weights=weights)
    SentenceTransformer(modules=[module]).save(str(tmp_path / "model"))
    if layout != "root":
        inner = tmp_path / "model" / layout
        inner.mkdir()
        for name in ("model.safetensors", "tokenizer.json"):
            (tmp_path / "model" / name).rename(inner / name)
        modules = json.loads((tmp_path / "model" / "modules.json").read_text())
        modules[0]["path"] = layout
        (tmp_path / "model" / "modules.json").write_text(json.dumps(modules))
        SentenceTransformer(str(tmp_path / "model"))  # it is a layout of theirs
    assert_same(load_vectors(tmp_path / "model"), PIECES, MATRIX)


@pytest.mark.parametrize("shared", [False, True])
def test_model2vec_folders(tmp_path: Path, shared: bool) -> None:
    weights = np.array([0, 1, 2, 3, 4, 5], dtype=np.float64)
    mapping = np.array([0, 1, 1, 0, 1, 1])
    expected = MATRIX
    model = StaticModel(MATRIX, wordpieces())
    if shared:
        model = StaticModel(MATRIX[:2], wordpieces(), weights=weights, token_mapping=mapping)
        expected = MATRIX[mapping] * weights[:, None].astype(np.float32)
    model.save_pretrained(tmp_path / "model")
    found = load_vectors(tmp_path / "model")
    # The padding's weight is 0 there, so that its row is no word.
    assert_same(found, PIECES[shared:], expected[shared:])
    sentence = StaticModel.from_pretrained(tmp_path / "model").encode(["the words"])[0]
    assert np.allclose(sentence, expected[[2, 3, 4, 5]].mean(axis=0))


def test_whole_numbers_of_model2vec(tmp_path: Path) -> None:
    matrix = (MATRIX * 7).astype(np.int8)
    StaticModel(matrix, wordpieces()).save_pretrained(tmp_path / "model")
    assert_same(load_vectors(tmp_path / "model"), PIECES, matrix.astype(np.float32))


@pytest.mark.parametrize("target", TOKENIZED)
@pytest.mark.parametrize("source", ["sentence-transformers", "model2vec"])
def test_a_tokenizer_goes_along(tmp_path: Path, source: str, target: str) -> None:
    if source == "model2vec":
        StaticModel(MATRIX, wordpieces()).save_pretrained(tmp_path / "theirs")
    else:
        module = StaticEmbedding(wordpieces(), embedding_weights=MATRIX)
        SentenceTransformer(modules=[module]).save(str(tmp_path / "theirs"))
    assert convert_vectors(tmp_path / "theirs", tmp_path / "ours", target) == len(PIECES)
    expected = SentenceTransformer(str(tmp_path / "theirs")).encode(["The words the"])[0]
    assert np.array_equal(expected, MATRIX[[2, 3, 4, 5, 2]].mean(axis=0))
    if target == "static-embedding":
        tokenizer = AutoTokenizer.from_pretrained(tmp_path / "ours")
        model = AutoModel.from_pretrained(tmp_path / "ours")
        assert (tokenizer.pad_token, tokenizer.unk_token) == ("[PAD]", "[UNK]")
        assert model.config.pad_token_id == 0
        batch = tokenizer(["The words the", "the"], padding=True, return_tensors="pt")
        found = model(**batch).pooler_output[0].detach().numpy()
    else:
        found = SentenceTransformer(str(tmp_path / "ours")).encode(["The words the"])[0]
    assert np.allclose(found, expected)
    # Words cannot be left out of such a tokenizer: the target gets one of whole words.
    convert_vectors(tmp_path / "theirs", tmp_path / "part", target, limit=3)
    assert load_vectors(tmp_path / "part").index_to_key == PIECES[:3]


def test_a_kept_tokenizer_needs_all_rows(tmp_path: Path) -> None:
    StaticModel(MATRIX, wordpieces()).save_pretrained(tmp_path / "theirs")
    bad = MATRIX.copy()
    bad[3, 1] = np.nan
    save_file({"embeddings": bad}, tmp_path / "theirs" / "model.safetensors")
    with pytest.raises(ValueError, match="some of its tokens were left out"):
        convert_vectors(tmp_path / "theirs", tmp_path / "x", "static-embedding", strict=False)
    assert not (tmp_path / "x").exists()


def test_a_head_and_a_compressed_model_are_read(tmp_path: Path) -> None:
    vectors = plain_vectors()
    made = StaticEmbeddingModel.from_vectors(vectors)
    head = StaticEmbeddingForSequenceClassification(made.config)
    head.set_word_vectors(made.embedding.weight.detach().numpy())
    head.save_pretrained(tmp_path / "head")
    tokenizer_from_vectors(vectors).save_pretrained(tmp_path / "head")
    assert_same(load_vectors(tmp_path / "head"), WORDS, vectors.vectors)
    small = CompressedKeyedVectors.compress(vectors, "int8")
    small.save(tmp_path / "small")
    decoded = np.asarray(small.vectors)
    assert_same(load_vectors(tmp_path / "small"), WORDS, decoded)
    convert_vectors(tmp_path / "small", tmp_path / "again", "static-embedding")
    assert_same(load_vectors(tmp_path / "again"), WORDS, decoded)
    for format in ("glove", "gensim", "fasttext"):
        save_vectors(small, tmp_path / format, format)
        assert_same(load_vectors(tmp_path / format, allow_pickle=True), WORDS, decoded)


def test_a_layer_that_is_no_matrix_of_words_is_refused(tmp_path: Path) -> None:
    save_vectors(plain_vectors(), tmp_path / "x", "static-embedding")
    path = tmp_path / "x" / "config.json"
    config = json.loads(path.read_text()) | {"embedding_config": {"kind": "ngram"}}
    path.write_text(json.dumps(config))
    with pytest.raises(ValueError, match="the kind 'ngram', which makes a vector of more than a"):
        load_vectors(tmp_path / "x")


def damaged(folder: Path, name: str, content: object) -> Path:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("modules.json", "{", r"modules\.json: not a JSON file"),
        ("modules.json", [], "expected a list of modules"),
        ("modules.json", [{"type": 3, "path": ""}], "expected a list of modules"),
        ("modules.json", [{"type": "a.Transformer", "path": ""}], "first module is Transformer"),
        ("modules.json", [{"type": "a.StaticEmbedding", "path": "../.."}], "leads out of"),
        ("modules.json", [{"type": "a.StaticEmbedding", "path": "/etc"}], "leads out of"),
        ("modules.json", [{"type": "a.StaticEmbedding", "path": "a\0"}], "leads out of"),
        ("tokenizer.json", "[" * 100_000, r"tokenizer\.json: not a JSON file \(nested too deep"),
        ("tokenizer.json", {}, "found no vocabulary, expected a tokenizer"),
        ("tokenizer.json", {"model": {"vocab": {"a": 0, "b": 2}}}, "token 'b' has the id 2"),
        ("tokenizer.json", {"model": {"vocab": {"a": 0, "b": 0}}}, "token 'b' has the id 0"),
        ("tokenizer.json", {"model": {"vocab": {"a": 0, "b": "1"}}}, "token 'b' has the id '1'"),
        ("tokenizer.json", {"model": {"vocab": [["a", 0], []]}}, "among the pieces"),
        ("tokenizer.json", {"model": {"vocab": {}}, "added_tokens": [1]}, "added_tokens"),
        ("tokenizer.json", {"model": {"vocab": {"a": 0}}}, "11 rows and .* 1 token:"),
        ("model.safetensors", "", r"model\.safetensors: not a whole safetensors file"),
        ("model.safetensors", "x" * 100, r"model\.safetensors: not a whole safetensors file"),
    ],
)  # fmt: skip
def test_damaged_folders(tmp_path: Path, name: str, content: object, message: str) -> None:
    save_vectors(plain_vectors(), tmp_path / "x", "sentence-transformers")
    with pytest.raises(ValueError, match=message) as error:
        load_vectors(damaged(tmp_path / "x", name, content))
    assert str(tmp_path / "x") in str(error.value)


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({}, "found the tensors none, expected embedding.weight or embeddings"),
        ({"x": torch.ones(11, 3)}, "found the tensors x, expected"),
        ({"embedding.weight": torch.ones(11)}, r"found F32 of the shape \(11,\)"),
        ({"embedding.weight": torch.ones(11, 3, dtype=torch.int8)}, "found I8 of the shape"),
        ({"embedding.weight": torch.ones(11, 0)}, r"the shape \(11, 0\)"),
        ({"embedding.weight": torch.ones(10, 3)}, "10 rows and tokenizer.json beside it 11 tokens"),
        ({"embedding.weight": torch.full((11, 3), torch.inf)}, "vector 1, word 'the': found NaN"),
        ({"embeddings": torch.ones(2, 3), "mapping": torch.arange(11)}, "names the rows 0 to 10"),
        ({"embeddings": torch.ones(2, 3), "mapping": torch.ones(11)}, "'mapping': found F32"),
        ({"embeddings": torch.ones(11, 3), "weights": torch.ones(4)}, r"the shape \(4,\)"),
    ],
)
def test_tensors_that_are_no_vectors(tmp_path: Path, tensors, message: str) -> None:
    save_vectors(plain_vectors(), tmp_path / "x", "sentence-transformers")
    save_torch_file(tensors, tmp_path / "x" / "model.safetensors")
    with pytest.raises(ValueError, match=message):
        load_vectors(tmp_path / "x", "sentence-transformers")


def test_a_safetensors_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    save_vectors(plain_vectors(), tmp_path / "x", "static-embedding")
    path = tmp_path / "x" / "model.safetensors"
    whole = path.read_bytes()
    for cut in [*range(0, len(whole), 7), len(whole) - 1]:
        path.write_bytes(whole[:cut])
        with pytest.raises(ValueError, match=r"model\.safetensors: not a whole safetensors file"):
            load_vectors(tmp_path / "x")


@pytest.mark.parametrize(
    "model",
    [
        models.WordLevel({"b": 1, "a": 0}, unk_token="a"),
        models.BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")]),
        models.WordPiece({"[UNK]": 0, "a": 1, "##b": 2}, unk_token="[UNK]"),
        models.Unigram([("a", -1.0), ("b", -2.0)], unk_id=0, byte_fallback=False),
    ],
    ids=lambda model: type(model).__name__,
)
def test_tokens_are_those_of_the_library(tmp_path: Path, model) -> None:
    tokenizer = Tokenizer(model)
    tokenizer.add_tokens(["added"])
    tokenizer.add_special_tokens(["[MASK]", "a"])
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    vocabulary = tokenizer.get_vocab(with_added_tokens=True)
    tokens, special = tokens_of(tmp_path / "tokenizer.json")
    assert tokens == sorted(vocabulary, key=vocabulary.__getitem__)
    assert {tokens[row] for row in special} == {"[MASK]", "a"}


def test_no_model_is_built_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_vectors(plain_vectors(), tmp_path / "x", "static-embedding")

    def fail(*arguments: object, **options: object) -> None:
        raise AssertionError("a model or tokenizer was built")

    monkeypatch.setattr(StaticEmbeddingModel, "__init__", fail)
    monkeypatch.setattr(PreTrainedTokenizerFast, "__init__", fail)
    assert load_vectors(tmp_path / "x").index_to_key == WORDS
