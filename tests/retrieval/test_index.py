"""An index on disk: searched, updated, and true to the encoder that made it."""

import contextlib
import json
import os
from pathlib import Path

import numpy as np
import pytest

from hf_recurrent import RecurrentConfig, RecurrentModel, StaticEmbeddingModel
from hf_recurrent.__main__ import main
from hf_recurrent.retrieval import (
    SearchIndex,
    TextEncoder,
    read_documents,
    save_sentence_transformer,
    to_sentence_transformer,
    update_index,
)
from hf_recurrent.retrieval.documents import Document
from hf_recurrent.vectors import tokenizer_from_vectors
from tests.common.tokenizer import word_tokenizer
from tests.vectors.files import make_vectors

WORDS = ["wing", "slipstream", "heat", "cone", "flow", "plate", "lift", "paint"]
TEXTS = {"a.txt": "wing lift", "b.txt": "heat cone", "deep/c.md": "flow plate", "d.txt": "  "}


def save_encoder(folder: Path, words: list[str] = WORDS, width: int = 8) -> str:
    vectors = make_vectors(words, width)
    StaticEmbeddingModel.from_vectors(vectors).save_pretrained(folder)
    tokenizer_from_vectors(vectors).save_pretrained(folder)
    return str(folder)


@pytest.fixture
def encoder(tmp_path: Path) -> str:
    return save_encoder(tmp_path / "encoder")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in TEXTS.items():
        path = tmp_path / "texts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "texts" / ".hidden.txt").write_text("paint")
    return tmp_path / "texts"


def ids(index: SearchIndex, query: str, size: int = 1) -> list[str]:
    return [hit.id for hit in index.search(query, size)]


def test_the_nearest_documents_are_found_in_order(encoder: str, folder: Path, tmp_path: Path):
    made = update_index(
        str(tmp_path / "index"), read_documents(str(folder)), "texts", TextEncoder(encoder)
    )
    assert (made.added, made.empty) == (3, 1)
    index = SearchIndex(str(tmp_path / "index"))
    assert len(index) == 3
    hits = index.search("wing cone heat", 10)
    own = TextEncoder(encoder)
    exact = own.encode([TEXTS[hit.id] for hit in hits]) @ own.encode(["wing cone heat"])[0]
    np.testing.assert_allclose([hit.score for hit in hits], exact, atol=1e-5)
    assert list(exact) == sorted(exact, reverse=True)
    assert hits[0].text == TEXTS[hits[0].id]


def test_an_update_encodes_only_what_changed(
    encoder: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, own = tmp_path / "index", TextEncoder(encoder)
    update_index(place, read_documents(str(folder)), "texts", own)
    update_index(place, [Document("1", "paint")], "other", own)
    old = SearchIndex(place, own)
    (folder / "a.txt").unlink()
    (folder / "b.txt").write_text("slipstream")
    (folder / "new.txt").write_text("cone lift")
    encoded: list[str] = []
    encode = TextEncoder.encode
    monkeypatch.setattr(
        TextEncoder,
        "encode",
        lambda self, texts, **more: encoded.extend(texts) or encode(self, texts, **more),
    )
    change = update_index(place, read_documents(str(folder)), "texts", own)
    assert encoded == ["slipstream", "cone lift"]
    told = "1 added, 1 changed, 1 removed, 1 as before, 1 document without words"
    assert str(change) == told
    assert ids(old, "heat cone") == ["b.txt"]  # an index that is open stays whole
    index = SearchIndex(place, own)
    assert len(index) == 4
    assert ids(index, "slipstream") == ["b.txt"]
    assert ids(index, "cone lift") == ["new.txt"]
    assert ids(index, "paint") == ["1"]
    assert set(ids(index, "wing", 9)) == {"b.txt", "deep/c.md", "new.txt", "1"}


def test_another_encoder_is_refused(encoder: str, tmp_path: Path) -> None:
    place, documents = tmp_path / "index", [Document("1", "wing")]
    update_index(place, documents, "texts", TextEncoder(encoder))
    narrow = TextEncoder(save_encoder(tmp_path / "narrow", width=4))
    other = TextEncoder(save_encoder(tmp_path / "other", [*WORDS[1:], "wing"]))
    for change in (
        lambda own: SearchIndex(place, own),
        lambda own: update_index(place, documents, "texts", own),
    ):
        with pytest.raises(ValueError, match=r"made by '.*encoder' with vectors of 8 .* have 4:"):
            change(narrow)
        with pytest.raises(ValueError, match=r"made by '.*encoder', and '.*other' has other"):
            change(other)
    save_encoder(Path(encoder), [*WORDS[1:], "wing"])
    with pytest.raises(ValueError, match="whose weights or settings have changed since"):
        SearchIndex(place)


@pytest.fixture(scope="module")
def network() -> RecurrentModel:
    return RecurrentModel(RecurrentConfig(vocab_size=13, embedding_size=4, hidden_size=4)).eval()


def test_an_encoder_of_the_same_weights_and_other_settings_is_refused(
    network: RecurrentModel, tmp_path: Path
) -> None:
    save_sentence_transformer(network, word_tokenizer(), tmp_path / "made")
    place, made = tmp_path / "index", TextEncoder(str(tmp_path / "made"))
    update_index(place, [Document("1", "good film")], "x", made)
    assert ids(SearchIndex(place), "good") == ["1"]
    save_sentence_transformer(network, word_tokenizer(), tmp_path / "last", pooling="last")
    with pytest.raises(ValueError, match="last' has other weights or settings"):
        SearchIndex(place, TextEncoder(str(tmp_path / "last")))
    made._encoder.max_seq_length = 1
    with pytest.raises(ValueError, match="whose weights or settings have changed"):
        SearchIndex(place, made)


def test_queries_and_documents_get_the_words_that_the_encoder_puts_before_them(
    network: RecurrentModel, tmp_path: Path
) -> None:
    encoder = to_sentence_transformer(network, word_tokenizer())
    encoder.prompts = {"query": "good ", "document": "bad "}
    encoder.save(str(tmp_path / "own"), create_model_card=False)
    own = TextEncoder(str(tmp_path / "own"))
    plain = encoder.encode(["good film", "bad film"], normalize_embeddings=True)
    np.testing.assert_allclose(own.encode(["film"], queries=True), plain[:1], atol=1e-6)
    np.testing.assert_allclose(own.encode(["film"]), plain[1:], atol=1e-6)
    update_index(tmp_path / "index", [Document("1", "film")], "x", own)
    (hit,) = SearchIndex(tmp_path / "index", own).search("film")
    assert hit.score == pytest.approx(float(plain[0] @ plain[1]), abs=1e-5)


def test_documents_of_unknown_words_alone_are_never_found(
    network: RecurrentModel, tmp_path: Path
) -> None:
    save_sentence_transformer(network, word_tokenizer(), tmp_path / "own")
    own = TextEncoder(str(tmp_path / "own"))
    assert own.encode(["qwerty"]).any()
    documents = [Document("1", "good film"), Document("2", "qwerty")]
    made = update_index(tmp_path / "index", documents, "x", own)
    assert made.empty == 1
    assert ids(SearchIndex(tmp_path / "index", own), "film", 9) == ["1"]


def test_a_line_of_a_file_is_a_document_whatever_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes("\ufeffwing\x0clift\u2028heat\r\n\r\ncone\rplate\n".encode())
    found = [(each.id, each.text) for each in read_documents(str(path))]
    assert found == [("1", "wing\x0clift\u2028heat"), ("3", "cone"), ("4", "plate")]


def test_a_query_of_unknown_words_does_not_end_those_after_it(
    encoder: str, folder: Path, tmp_path: Path, capsys
) -> None:
    place = str(tmp_path / "index")
    assert main(["search", place, "--model", encoder, "--add", str(folder)]) == 0
    capsys.readouterr()
    assert main(["search", place, "qwerty", "wing lift", "--top", "1"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[:3] == ["qwerty", "    (the encoder knows no word of it)", "wing lift"]
    assert told[3].split()[1] == "a.txt"
    assert main(["search", place, "qwerty"]) == 1


def test_an_encoder_that_is_gone_is_named_with_what_to_do(encoder: str, tmp_path: Path) -> None:
    place = tmp_path / "index"
    update_index(place, [Document("1", "wing")], "x", TextEncoder(encoder))
    Path(encoder).rename(tmp_path / "moved")
    with pytest.raises(OSError, match=r"encoder'.* if it was moved, name its new place by --mod"):
        SearchIndex(place)
    assert ids(SearchIndex(place, TextEncoder(str(tmp_path / "moved"))), "wing") == ["1"]
    settings = json.loads((place / "index.json").read_text())
    (place / "index.json").write_text(json.dumps(settings | {"encoder": 5}))
    with pytest.raises(ValueError, match=r"index.json is damaged: its encoder is 5"):
        SearchIndex(place)


def test_damage_is_named(encoder: str, tmp_path: Path) -> None:
    place, own = tmp_path / "index", TextEncoder(encoder)
    with pytest.raises(FileNotFoundError, match="holds no index"):
        SearchIndex(place, own)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("x")
    with pytest.raises(ValueError, match="holds something else"):
        update_index(tmp_path / "mine", [Document("1", "wing")], "texts", own)
    with pytest.raises(ValueError, match="knows no word of any document"):
        update_index(place, [Document("1", "qwerty")], "texts", own)
    assert not place.exists()
    update_index(place, [Document("1", "wing"), Document("2", "qwerty")], "texts", own)
    (place / "vectors.usearch").write_bytes(b"damaged")
    with pytest.raises(ValueError, match=r"vectors\.usearch is damaged"):
        SearchIndex(place, own)
    settings = json.loads((place / "index.json").read_text())
    (place / "index.json").write_text(json.dumps(settings | {"form": 9}))
    with pytest.raises(ValueError, match="has the form 9"):
        SearchIndex(place, own)


def test_recurrent_encoders_with_and_without_modules_are_opened(tmp_path: Path) -> None:
    tokenizer, config = word_tokenizer(), RecurrentConfig(vocab_size=13, hidden_size=4)
    model = RecurrentModel(config).eval()
    model.save_pretrained(tmp_path / "plain")
    tokenizer.save_pretrained(tmp_path / "plain")
    save_sentence_transformer(model, tokenizer, tmp_path / "whole")
    plain, whole = (TextEncoder(str(tmp_path / name)) for name in ("plain", "whole"))
    texts = ["a good film", "dull"]
    np.testing.assert_allclose(plain.encode(texts), whole.encode(texts), atol=1e-6)
    assert plain.digest() == whole.digest()
    assert plain.width == whole.width == 4
    assert plain.knows("a qwerty")
    assert not whole.knows("qwerty")
    with pytest.raises(OSError, match=r"No encoder could be loaded from '.*none'"):
        TextEncoder(str(tmp_path / "none"))


def test_sources_of_documents(tmp_path: Path) -> None:
    table = tmp_path / "news.csv"
    table.write_text('url,body\nu1,"wing, lift"\nu2,heat\n', encoding="utf-8")
    read = read_documents(str(table), "body", "url")
    assert [(each.id, each.text) for each in read] == [("u1", "wing, lift"), ("u2", "heat")]
    assert [each.id for each in read_documents(str(table), "body")] == ["1", "2"]
    lines = tmp_path / "lines.txt"
    lines.write_text("wing\n\nheat ü\n", encoding="utf-8")
    assert [each.id for each in read_documents(str(lines))] == ["1", "3"]
    table.write_text("url,body\nu,wing\nu,heat\n", encoding="utf-8")
    with pytest.raises(ValueError, match="the id 'u' of document 2"):
        read_documents(str(table), "body", "url")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"'.*empty' has no documents"):
        read_documents(str(tmp_path / "empty"))
    with pytest.raises(FileNotFoundError, match="neither a folder nor a file"):
        read_documents("nowhere")


def test_the_command_indexes_searches_and_refuses(
    encoder: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(tmp_path / "index")
    assert main(["search", place, "--add", str(folder)]) == 1
    assert "is a new index: name its encoder by --model" in capsys.readouterr().err
    assert main(["search", place, "--model", encoder, "--add", str(folder)]) == 0
    assert "3 added, 0 changed" in capsys.readouterr().err
    assert main(["search", place, "cone heat", "--top", "1"]) == 0
    assert capsys.readouterr().out == "1.000  b.txt  heat cone\n"
    assert main(["search", place, "qwerty"]) == 1
    assert "knows no word of the query 'qwerty'" in capsys.readouterr().err
    assert main(["search", place, "wing", "--model", save_encoder(tmp_path / "n", width=4)]) == 1
    assert "have 4: search with the first" in capsys.readouterr().err
    assert main(["search", place, "wing", "--top", "0"]) == 1
    assert "--top is 0" in capsys.readouterr().err


def contents_of(place: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in place.iterdir()}


@pytest.mark.parametrize("where", ["encode", "write"])
def test_ctrl_c_leaves_the_old_index_whole(
    encoder: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    place, own = tmp_path / "index", TextEncoder(encoder)
    update_index(place, read_documents(str(folder)), "texts", own)
    before, beside = contents_of(place), sorted(tmp_path.iterdir())

    def stop(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    if where == "encode":
        monkeypatch.setattr(TextEncoder, "encode", stop)
    else:
        monkeypatch.setattr(np, "save", stop)  # after the vectors and the documents
    with pytest.raises(KeyboardInterrupt):
        update_index(place, [Document("a.txt", "paint"), Document("n", "heat")], "texts", own)
    assert contents_of(place) == before
    assert sorted(tmp_path.iterdir()) == beside


def test_a_folder_that_cannot_be_written_is_one_sentence(
    encoder: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    # Tests may run as root, who may write everywhere.
    def refuse(prefix: str, dir: Path) -> str:
        raise PermissionError(13, "Permission denied", f"{dir}/{prefix}x")

    monkeypatch.setattr("hf_recurrent._whole.tempfile.mkdtemp", refuse)
    place = str(tmp_path / "index")
    assert main(["search", place, "--model", encoder, "--add", str(folder)]) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == f"hf-recurrent: [Errno 13] Permission denied: '{place}'"


def test_a_source_is_the_same_however_it_is_written(
    encoder: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["search", "index", "--model", "encoder", "--add", "texts"]) == 0
    for source in ("texts/", "./texts", str(folder)):
        assert main(["search", "index", "--add", source]) == 0
        assert "0 added, 0 changed, 0 removed, 3 as before" in capsys.readouterr().err
    monkeypatch.chdir(folder)
    assert main(["search", "../index", "--add", ".", "heat cone"]) == 0
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()].count("b.txt") == 1


def test_odd_names_and_two_documents_of_one_id(encoder: str, tmp_path: Path, capsys) -> None:
    place, own = tmp_path / "index", TextEncoder(encoder)
    texts = tmp_path / "odd"
    texts.mkdir()
    (texts / "two\nlines \u202e.txt").write_text("wing")
    (texts / "ü 🙂.md").write_text("heat")
    with contextlib.suppress(OSError):  # some systems have no such names
        (texts / os.fsdecode(b"\xff.txt")).write_text("heat")
    update_index(place, read_documents(str(texts)), "texts", own)
    assert ids(SearchIndex(place, own), "wing") == ["two\nlines \u202e.txt"]
    assert main(["search", str(place), "wing", "--top", "1"]) == 0
    assert capsys.readouterr().out == "1.000  two\\nlines \\u202e.txt  wing\n"
    with pytest.raises(ValueError, match="'texts' has two documents of the same id"):
        update_index(place, [Document("1", "wing"), Document("1", "heat")], "texts", own)


@pytest.mark.parametrize("name", ["offsets.npy", "documents.jsonl"])
@pytest.mark.parametrize("kept", [0, 20, None])
def test_a_damaged_list_of_documents_is_named(
    encoder: str, tmp_path: Path, name: str, kept: int | None
) -> None:
    place, own = tmp_path / "index", TextEncoder(encoder)
    update_index(place, [Document("1", "wing"), Document("2", "heat")], "texts", own)
    if kept is None:
        (place / name).unlink()
    else:
        (place / name).write_bytes((place / name).read_bytes()[:kept])
    with pytest.raises(ValueError, match=r"documents\.jsonl (or offsets\.npy )?is damaged"):
        SearchIndex(place, own)
