"""fastText's binary form is read as gensim reads it, and every count in it is checked."""

import logging
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import torch
from gensim.models.fasttext import (
    FastTextKeyedVectors,
    load_facebook_model,
    load_facebook_vectors,
)
from gensim.test.utils import datapath

from hf_recurrent import RecurrentModel
from hf_recurrent.vectors import load_vectors, save_vectors, word_inputs

from ..files import write
from .samples import WORDS, plain_vectors, subword_vectors

REAL = [
    "crime-and-punishment.bin",
    "lee_fasttext_new.bin",
    "toy-model.bin",
    "toy-model-pretrained.bin",
    # These are older than the magic number.
    "lee_fasttext.bin",
    "cp852_fasttext.bin",
    "non_ascii_fasttext.bin",
]
SECTIONS = ["magic number and version", "arguments", "dictionary", "input matrix", "output matrix"]
UNSEEN = ["qwertzuiop", "преступлениями", "a", "我们的", "😀😀", ""]

# Offsets of fields of a new file.
ARGUMENTS, BUCKET, SHORTEST, LONGEST, MODEL = 8, 40, 44, 48, 36
ENTRIES, LABELS, PRUNED, FIRST_ENTRY = 64, 72, 84, 92


@pytest.fixture(autouse=True)
def quiet() -> None:
    logging.getLogger("gensim").setLevel(logging.CRITICAL)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("fasttext") / "whole.bin"
    save_vectors(subword_vectors(), path, "fasttext")
    return path.read_bytes()


def end_of_dictionary(data: bytes) -> int:
    place = FIRST_ENTRY
    for _ in range(struct.unpack_from("<i", data, ENTRIES)[0]):
        place = data.index(b"\0", place) + 10
    return place


def changed(data: bytes, place: int, form: str, value: int) -> bytes:
    new = struct.pack("<" + form, value)
    return data[:place] + new + data[place + len(new) :]


def assert_equal(ours, theirs) -> None:
    assert ours.index_to_key == theirs.index_to_key
    assert ours.key_to_index == theirs.key_to_index
    for name in ("vectors", "vectors_vocab", "vectors_ngrams"):
        assert np.array_equal(getattr(ours, name), getattr(theirs, name)), name
    for word in UNSEEN:
        assert np.array_equal(ours[word], theirs[word]), word
    for mine, other in zip(ours.buckets_word, theirs.buckets_word, strict=True):
        assert np.array_equal(mine, other)
    for word in ours.index_to_key[:20]:
        assert ours.get_vecattr(word, "count") == theirs.get_vecattr(word, "count")


def without_end(vectors):
    """Set the vector of ``</s>`` to its row alone, as fastText does and gensim does not."""
    row = vectors.key_to_index.get("</s>")
    if row is not None:
        vectors.vectors[row] = vectors.vectors_vocab[row]
        vectors.buckets_word[row] = vectors.buckets_word[row][:0]
    return vectors


@pytest.mark.parametrize("name", REAL)
def test_real_files_equal_gensims_to_the_last_bit(name: str) -> None:
    assert_equal(load_vectors(datapath(name)), without_end(load_facebook_vectors(datapath(name))))


@pytest.fixture(scope="module")
def with_end() -> FastTextKeyedVectors:
    """Vectors of gensim, which gives ``</s>`` n-grams."""
    vectors = subword_vectors([*WORDS, "</s>"])
    row = vectors.key_to_index["</s>"]
    assert not np.allclose(vectors.vectors[row], vectors.vectors_vocab[row])
    return vectors


def test_the_end_of_a_line_has_its_own_row(tmp_path: Path, with_end) -> None:
    """The value of ``fasttext.load_model(...).get_word_vector("</s>")`` in fasttext 0.9.2."""
    save_vectors(with_end, tmp_path / "v.bin", "fasttext")
    found = load_vectors(tmp_path / "v.bin")
    assert_equal(found, without_end(load_facebook_vectors(str(tmp_path / "v.bin"))))
    row = found.key_to_index["</s>"]
    assert len(found.buckets_word[row]) == 0
    assert np.array_equal(found["</s>"], found.vectors_vocab[row])
    # What the vectors have is what is saved, here and once more.
    assert np.array_equal(found.vectors, with_end.vectors)
    save_vectors(found, tmp_path / "again.bin", "fasttext")
    assert (tmp_path / "again.bin").read_bytes() == (tmp_path / "v.bin").read_bytes()
    assert not np.array_equal(with_end.vectors_vocab[row], with_end.vectors[row])
    part = load_vectors(tmp_path / "v.bin", vocabulary=["</s>", "the"], dtype="float16")
    assert np.allclose(part["</s>"], found["</s>"], atol=1e-3)
    # gensim's own way of making the vectors anew keeps it.
    found.adjust_vectors()
    assert np.allclose(found.vectors, with_end.vectors, atol=1e-6)


def test_a_model_gives_the_end_of_a_line_its_own_row(tmp_path: Path, with_end) -> None:
    save_vectors(with_end, tmp_path / "v.bin", "fasttext")
    vectors = load_vectors(tmp_path / "v.bin")
    made = word_inputs(vectors)
    row = made.tokenizer.convert_tokens_to_ids("</s>")
    assert made.tokenizer.word_ngram_ids("</s>") == ()
    weight = made.make_model(RecurrentModel, hidden_size=3).embed_tokens.weight
    torch.testing.assert_close(weight[row], torch.tensor(vectors["</s>"]))


def test_gensim_reads_ours_and_goes_on_training(tmp_path: Path) -> None:
    vectors, path = subword_vectors(), tmp_path / "ours.bin"
    save_vectors(vectors, path, "fasttext")
    assert_equal(load_facebook_vectors(str(path)), vectors)
    assert_equal(load_vectors(path), vectors)
    model = load_facebook_model(str(path))
    model.train([WORDS] * 5, total_examples=5, epochs=1)
    assert not np.array_equal(model.wv.vectors, vectors.vectors)


def test_real_files_come_back_as_they_were(tmp_path: Path) -> None:
    first = load_vectors(datapath("crime-and-punishment.bin"))
    save_vectors(first, tmp_path / "again.bin", "fasttext")
    assert_equal(load_vectors(tmp_path / "again.bin"), first)
    ours = (tmp_path / "again.bin").read_bytes()
    theirs = Path(datapath("crime-and-punishment.bin")).read_bytes()
    # The same dictionary and input matrix, to the last byte.
    start, end = FIRST_ENTRY, end_of_dictionary(ours) + 17 + 4 * 391 * 5
    assert ours[start:end] == theirs[start:end]


def test_plain_vectors_become_a_model_without_ngrams(tmp_path: Path) -> None:
    vectors, path = plain_vectors(), tmp_path / "plain.bin"
    save_vectors(vectors, path, "fasttext")
    for found in (load_vectors(path), load_facebook_vectors(str(path))):
        assert found.index_to_key == WORDS
        assert np.array_equal(found.vectors, vectors.vectors)
        with pytest.raises(KeyError):
            found["unseen"]


def test_limit_vocabulary_and_half_precision(tmp_path: Path) -> None:
    path = datapath("crime-and-punishment.bin")
    full = load_vectors(path)
    part = load_vectors(path, limit=7, vocabulary=full.index_to_key[3:50])
    assert part.index_to_key == full.index_to_key[3:10]
    assert np.array_equal(part.vectors, full.vectors[3:10])
    assert np.array_equal(part["unseen"], full["unseen"])
    assert part.get_vecattr(part.index_to_key[0], "count") == full.expandos["count"][3]
    half = load_vectors(path, dtype="float16")
    for name in ("vectors", "vectors_vocab", "vectors_ngrams"):
        assert getattr(half, name).dtype == np.float16
        assert np.allclose(getattr(half, name), getattr(full, name), atol=1e-3)
    assert np.allclose(half["unseen"], full["unseen"], atol=1e-3)


def test_a_file_cut_anywhere_names_its_section(tmp_path: Path, whole: bytes) -> None:
    named = []
    for cut in range(8, len(whole)):
        with pytest.raises(ValueError, match=r"vectors\.txt, ") as error:
            load_vectors(write(tmp_path, whole[:cut]), "fasttext")
        named.append(str(error.value).split(", ")[1].partition(":")[0])
    assert list(dict.fromkeys(named)) == SECTIONS[1:]
    with pytest.raises(ValueError, match="magic number and version: the file is cut off"):
        load_vectors(write(tmp_path, whole[:5]), "fasttext")
    load_vectors(write(tmp_path, whole), "fasttext")


def test_a_cut_output_matrix_is_passed_over_where_not_strict(tmp_path: Path, whole: bytes) -> None:
    with pytest.warns(UserWarning, match="output matrix: the file is cut off"):
        found = load_vectors(write(tmp_path, whole[:-5]), strict=False)
    assert np.array_equal(found.vectors, subword_vectors().vectors)


@pytest.mark.parametrize(
    ("place", "form", "value", "message"),
    [
        (4, "i", 13, "found version 13, expected 11 or 12"),
        (ARGUMENTS, "i", 0, "found dim = 0"),
        (ARGUMENTS, "i", -3, "found dim = -3"),
        (ARGUMENTS, "i", 2**31 - 1, "input matrix: found the shape"),
        (BUCKET, "i", -1, "found bucket = -1"),
        (BUCKET, "i", 2**31 - 1, "input matrix: found the shape"),
        (BUCKET, "i", 31, r"input matrix: found the shape \(39, 3\), expected \(40, 3\)"),
        (SHORTEST, "i", -1, "found minn = -1"),
        (LONGEST, "i", -1, "found maxn = -1"),
        (MODEL, "i", 3, "supervised"),
        (ENTRIES, "i", -1, "dictionary: found -1 entries"),
        (ENTRIES, "i", 8, "found 8 entries, expected as many as words, 9"),
        (ENTRIES, "q", (2**31 - 1) << 32 | 2**31 - 1, "dictionary: the file is cut off"),
        (LABELS, "i", 1, "supervised"),
        (LABELS, "i", -1, "found -1 labels"),
        (PRUNED, "q", 0, r"pruned \(0 are kept\)"),
        (PRUNED, "q", 2**62, "pruned"),
    ],
)
def test_no_count_is_believed(tmp_path: Path, whole: bytes, place, form, value, message) -> None:
    path = write(tmp_path, changed(whole, place, form, value))
    tracemalloc.start()
    with pytest.raises(ValueError, match=message) as error:
        load_vectors(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert str(path) in str(error.value)
    assert peak < 20e6


def test_counts_that_agree_with_each_other_only(tmp_path: Path, whole: bytes) -> None:
    buckets = 10**8
    data = changed(whole, BUCKET, "i", buckets)
    data = changed(data, end_of_dictionary(data) + 1, "q", buckets + len(WORDS))
    path = write(tmp_path, data)
    tracemalloc.start()
    with pytest.raises(ValueError, match="input matrix: the file is cut off: 1,200,000,108 more"):
        load_vectors(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6


@pytest.mark.parametrize(
    ("after", "form", "value", "message"),
    [
        (-1, "b", 1, "entry 9, 'word', is of the type 1, expected 0"),
        (0, "b", 1, "input matrix: this is a quantised model"),
        (0, "b", 2, "input matrix: found 2 where 0 or 1"),
        (1, "q", -1, "input matrix: found -1 rows"),
        (1, "q", 2**60, "input matrix: found the shape"),
        (9, "q", 2**60, "input matrix: found the shape"),
        (17, "f", float("nan"), "input matrix: found NaN or infinity within the rows 1 to"),
        (17 + 12 * 39, "b", 1, "output matrix: this is a quantised model"),
        (18 + 12 * 39, "q", 2**60, "output matrix: the file is cut off"),
        (18 + 12 * 39, "q", 8, "output matrix: the file goes on for 12 bytes"),
        (26 + 12 * 39, "q", 2, "output matrix: found 2 columns, expected 3"),
    ],
)
def test_matrices_are_checked(tmp_path: Path, whole: bytes, after, form, value, message) -> None:
    path = write(tmp_path, changed(whole, end_of_dictionary(whole) + after, form, value))
    with pytest.raises(ValueError, match=message):
        load_vectors(path)


def test_lengths_of_ngrams_cannot_ask_for_more_than_words_have(tmp_path: Path) -> None:
    vectors = subword_vectors(["x" * 60_000, "y"])
    vectors.min_n, vectors.max_n = 3, 2**31 - 1
    save_vectors(vectors, tmp_path / "long.bin", "fasttext")
    with pytest.raises(ValueError, match="arguments: n-grams of 3 to 2147483647 characters"):
        load_vectors(tmp_path / "long.bin")


def test_the_supervised_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="a supervised model, a classifier"):
        load_vectors(datapath("pang_lee_polarity_fasttext.bin"))


def test_repeated_and_undecodable_words(tmp_path: Path, whole: bytes) -> None:
    data = whole.replace(b"word\0", b"wor\xff\0").replace(b"a,b\0", b"the\0")
    path = write(tmp_path, data)
    with pytest.warns(UserWarning, match="1 row repeats an earlier word"):
        found = load_vectors(path)
    assert found.index_to_key == ["the", "of", "null", '"', "café", "我们", "😀", "wor\\xff"]
    kept = [0, 1, 2, 4, 5, 6, 7, 8]
    assert np.array_equal(found.vectors_vocab, subword_vectors().vectors_vocab[kept])
    with pytest.warns(UserWarning, match="1 row repeats"):
        assert found.expandos["count"].tolist() == load_vectors(path).expandos["count"].tolist()
    assert found.expandos["count"].tolist() == [9, 8, 7, 5, 4, 3, 2, 1]


def test_sums_beyond_float32_are_refused(tmp_path: Path) -> None:
    vectors = subword_vectors(["abcd"])
    vectors.vectors_vocab[:], vectors.vectors_ngrams[:] = 3e38, 3e38
    save_vectors(vectors, tmp_path / "large.bin", "fasttext")
    with pytest.raises(ValueError, match="the vector of 'abcd', made of its n-grams, is not"):
        load_vectors(tmp_path / "large.bin")
