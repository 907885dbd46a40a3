"""The mark of data that may not be passed on goes with all that is made of them, and stops pushes.

A push that was not stopped would ask the Hub, which the tests do not let through, and the error
would be another one.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gensim.models import KeyedVectors
from transformers import AutoModel, AutoTokenizer

from hf_recurrent import (
    CharTokenizer,
    ElmoConfig,
    ElmoModel,
    RecurrentConfig,
    RecurrentForCausalLM,
    RecurrentForConditionalGeneration,
    RecurrentModel,
    RecurrentSeq2SeqConfig,
    StaticEmbeddingModel,
)
from hf_recurrent.export import quantize_dynamic
from hf_recurrent.hub.terms import check_may_leave
from hf_recurrent.models.publishable import is_marked, mark
from hf_recurrent.models.tokenization_marked import MarkedTokenizer
from hf_recurrent.models.tokenization_translation import TranslationTokenizer
from hf_recurrent.retrieval import to_sentence_transformer
from hf_recurrent.vectors import (
    CompressedKeyedVectors,
    compress_model,
    convert_vectors,
    elmo_inputs,
    elmo_tokenizer,
    join_vectors,
    load_vectors,
    retrofit,
    save_vectors,
    tokenizer_from_texts,
    tokenizer_from_vectors,
    vectors_from_model,
    word_inputs,
)
from hf_recurrent.vectors._keyed_vectors import with_matrix
from hf_recurrent.vectors.formats.table import FORMATS

from .files import make_vectors

SAID = "may not be passed on, and so neither may it"
WORDS = ["i1", "i2", "i3", "i4"]
KEEPING = [name for name, format in FORMATS.items() if format.keeps_mark]


@pytest.fixture
def marked() -> KeyedVectors:
    vectors = make_vectors(WORDS)
    mark(vectors)
    return vectors


@pytest.fixture
def pair() -> tuple[Any, Any]:
    tokenizer = tokenizer_from_texts([" ".join(WORDS)])
    config = RecurrentConfig(
        vocab_size=len(tokenizer), embedding_size=4, hidden_size=4, pad_token_id=5
    )
    model = RecurrentForCausalLM(config)
    for each in (model, tokenizer):
        mark(each)
    return model, tokenizer


def test_vectors_of_a_model_have_its_mark(pair) -> None:
    model, tokenizer = pair
    assert is_marked(vectors_from_model(model, tokenizer))
    del model.config.publishable
    assert is_marked(vectors_from_model(model, tokenizer))  # the tokenizer has the items
    plain = tokenizer_from_texts([" ".join(WORDS)])
    assert not is_marked(vectors_from_model(model, plain))
    mark(model)
    assert is_marked(vectors_from_model(model, plain))


@pytest.mark.parametrize("format", FORMATS)
def test_a_format_keeps_the_mark_or_refuses_the_vectors(format: str, marked, tmp_path) -> None:
    path = tmp_path / f"saved{FORMATS[format].ending}"
    if format not in KEEPING:
        with pytest.raises(ValueError, match=f"the format {format} has no place for this mark"):
            save_vectors(marked, path, format)
        assert not path.exists()
        return
    save_vectors(marked, path, format)
    assert is_marked(load_vectors(path, format, allow_pickle=True))
    half = load_vectors(path, format, allow_pickle=True, limit=2, dtype="float16")
    assert len(half) == 2
    assert is_marked(half)
    if path.is_dir():
        with pytest.raises(ValueError, match="may not be passed on"):
            check_may_leave(path)
    if format == "static-embedding":  # both, as each may be loaded and pushed alone
        assert is_marked(AutoModel.from_pretrained(path))
        assert is_marked(AutoTokenizer.from_pretrained(path))
    for target in FORMATS:
        other = tmp_path / f"{target}{FORMATS[target].ending}"
        if target in KEEPING:
            convert_vectors(path, other, target, source_format=format, allow_pickle=True)
            assert is_marked(load_vectors(other, target, allow_pickle=True)), target
        else:
            with pytest.raises(ValueError, match="has no place for this mark"):
                convert_vectors(path, other, target, source_format=format, allow_pickle=True)
            assert not other.exists()


def test_without_the_mark_nothing_is_marked(tmp_path: Path) -> None:
    vectors = make_vectors(WORDS)
    for format in KEEPING:
        path = tmp_path / f"saved{FORMATS[format].ending}"
        save_vectors(vectors, path, format)
        assert not is_marked(load_vectors(path, format, allow_pickle=True))
    assert type(tokenizer_from_vectors(vectors)).__name__ == "WordTokenizer"
    assert not is_marked(tokenizer_from_vectors(vectors))
    inputs = word_inputs(vectors)
    assert not is_marked(inputs.tokenizer)
    assert "publishable" not in inputs.config


def test_a_label_of_its_name_is_no_mark(tmp_path: Path) -> None:
    labels = {"publishable": 0, "no": 1}
    config = RecurrentConfig(
        vocab_size=9,
        embedding_size=2,
        hidden_size=2,
        id2label={number: label for label, number in labels.items()},
        label2id=labels,
    )
    model = RecurrentModel(config)
    assert not is_marked(model)
    model.save_pretrained(tmp_path)
    check_may_leave(tmp_path)
    mark(model)
    assert is_marked(model)


def test_vectors_that_are_changed_keep_it(marked, tmp_path: Path) -> None:
    other = make_vectors(["i1", "b"])
    compressed = CompressedKeyedVectors.compress(marked)
    model, tokenizer = compressed.to_model()
    compressed.save(tmp_path / "compressed")
    for made in (
        with_matrix(marked, marked.vectors * 2),
        join_vectors([other, marked]),
        retrofit(marked, {"i1": ["i2"], "i2": ["i1"]}),
        compressed,
        model,
        tokenizer,
        CompressedKeyedVectors.load(tmp_path / "compressed"),
        CompressedKeyedVectors.from_model(model, tokenizer),
        load_vectors(tmp_path / "compressed"),
    ):
        assert is_marked(made), made
    assert not is_marked(other)


def test_models_of_marked_vectors_have_it(marked, tmp_path: Path) -> None:
    inputs = word_inputs([marked, "random"], ["i1 i2"])
    small = {"hidden_size": 4}
    elmo = ElmoModel(ElmoConfig(filters=[[1, 4], [2, 8]], hidden_size=8, cell_size=32))
    beside = elmo_inputs(elmo, word_inputs(marked))
    assert is_marked(beside.config)
    assert is_marked(beside.tokenizer)
    mark(elmo)
    reading = elmo_inputs(elmo, tokenizer=elmo_tokenizer())
    for made in (
        inputs.tokenizer,
        inputs.make_model(RecurrentForCausalLM, **small),
        RecurrentModel.from_vectors(marked, **small),
        StaticEmbeddingModel.from_vectors(marked),
        compress_model(StaticEmbeddingModel.from_vectors(marked)),
        reading.tokenizer,
        reading.make_model(RecurrentModel, **small),
    ):
        assert is_marked(made), type(made)
    encoder = RecurrentModel.from_vectors(marked, **small).config
    fields = {"vocab_size": 6, "hidden_size": 4, "embedding_size": 4, "pad_token_id": 5}
    whole = RecurrentForConditionalGeneration(RecurrentSeq2SeqConfig(encoder=encoder, **fields))
    with pytest.raises(ValueError, match=SAID):
        whole.push_to_hub("ada/clicks")


def _pushes(thing: Any, folder: Path) -> list[Callable[[], Any]]:
    return [
        lambda: thing.push_to_hub("ada/clicks"),
        lambda: thing.save_pretrained(folder, push_to_hub=True),
    ]


def test_nothing_pushes_a_marked_model_or_tokenizer(pair, tmp_path: Path) -> None:
    model, tokenizer = pair
    model.save_pretrained(tmp_path / "saved")
    tokenizer.save_pretrained(tmp_path / "saved")
    loaded = AutoTokenizer.from_pretrained(tmp_path / "saved")
    assert isinstance(loaded, MarkedTokenizer)
    assert loaded("i2 i4")["input_ids"] == tokenizer("i2 i4")["input_ids"]
    loaded.save_pretrained(tmp_path / "again")
    loaded.add_tokens(["i5"])
    for thing in (
        model,
        AutoModel.from_pretrained(tmp_path / "saved"),  # to be trained further
        quantize_dynamic(model.float()),
        tokenizer,
        loaded,
        AutoTokenizer.from_pretrained(tmp_path / "again"),
        CharTokenizer.from_tokenizer(loaded, alphabet="i"),
        TranslationTokenizer.from_tokenizers(tokenizer_from_texts(["a b c d"]), tokenizer),
    ):
        for push in _pushes(thing, tmp_path / "new"):
            with pytest.raises(ValueError, match=SAID):
                push()
        assert not (tmp_path / "new").exists()
    with pytest.raises(ValueError, match=SAID):
        tokenizer.save_pretrained(tmp_path / "new", None, None, True)
    (tmp_path / "again" / "config.json").write_text("{}")
    with pytest.raises(ValueError, match="may not be passed on"):  # by its tokenizer alone
        check_may_leave(tmp_path / "again")


def test_without_this_package_a_marked_tokenizer_opens_as_a_plain_one(pair, tmp_path) -> None:
    pair[1].save_pretrained(tmp_path)
    asked = "from transformers import AutoTokenizer as A; import sys; t = A.from_pretrained({!r});"
    asked += "print(t('i2 i4')['input_ids'], t.init_kwargs['publishable'], 'hf_recurrent' in {})"
    command = [sys.executable, "-c", asked.format(str(tmp_path), "sys.modules")]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.split("\n")[0] == f"{pair[1]('i2 i4')['input_ids']} False False"


def test_an_encoder_of_sentences_is_not_pushed(pair, marked) -> None:
    pytest.importorskip("sentence_transformers")
    model, tokenizer = pair
    table = StaticEmbeddingModel.from_vectors(marked)
    for encoder in (
        to_sentence_transformer(model.model, tokenizer),
        to_sentence_transformer(table, tokenizer_from_vectors(marked)),
    ):
        with pytest.raises(ValueError, match=SAID):
            encoder.push_to_hub("ada/clicks")
