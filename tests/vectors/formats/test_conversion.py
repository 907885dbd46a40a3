"""Any format becomes any other, and rows pass in blocks without filling the memory."""

import itertools
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors

from hf_recurrent.vectors import convert_vectors, load_vectors, save_vectors
from hf_recurrent.vectors.formats import FORMATS

from ..files import assert_same, binary_file, write
from .samples import TOKENIZED, WORDS, plain_vectors, save_samples, subword_vectors

ROWS = [format for format in FORMATS if format not in ("fasttext", "gensim")]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return save_samples(tmp_path_factory.mktemp("samples"))


@pytest.mark.parametrize("source", FORMATS)
def test_any_format_becomes_any_other(tmp_path: Path, samples, source: str) -> None:
    expected = load_vectors(samples[source], allow_pickle=True).vectors
    for target in FORMATS:
        with warnings.catch_warnings(action="ignore"):
            count = convert_vectors(samples[source], tmp_path / target, target, allow_pickle=True)
            found = load_vectors(tmp_path / target, target, allow_pickle=True)
        # Where the tokenizer goes along, so do <unk> and [PAD].
        assert count == len(WORDS) + 2 * (source in TOKENIZED and target in TOKENIZED)
        assert_same(found, WORDS, expected)


def test_ngrams_are_kept_where_both_formats_have_them(tmp_path: Path, samples) -> None:
    vectors = subword_vectors()
    with warnings.catch_warnings(action="error"):
        convert_vectors(samples["fasttext"], tmp_path / "kv", "gensim")
        convert_vectors(tmp_path / "kv", tmp_path / "bin", "fasttext", allow_pickle=True)
    assert (tmp_path / "bin").read_bytes() == samples["fasttext"].read_bytes()
    assert np.array_equal(load_vectors(tmp_path / "bin")["unseen"], vectors["unseen"])
    with pytest.warns(UserWarning, match="the vectors of n-grams") as caught:
        convert_vectors(samples["fasttext"], tmp_path / "vec", "word2vec")
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("source", "target"), list(itertools.product(["word2vec", "numpy"], FORMATS))
)
def test_limit_and_vocabulary(tmp_path: Path, samples, source: str, target: str) -> None:
    with (tmp_path / "words.txt").open("w") as file:
        file.write("\n".join([*WORDS[4:], "nowhere"]))
    options = {"limit": 3, "vocabulary": tmp_path / "words.txt"}
    assert convert_vectors(samples[source], tmp_path / "x", target, **options) == 3
    found = load_vectors(tmp_path / "x", target, allow_pickle=True)
    assert_same(found, WORDS[4:7], plain_vectors().vectors[4:7])


@pytest.mark.filterwarnings("ignore:.*(rows repeat|bytes more)")
@pytest.mark.parametrize("target", ROWS)
def test_the_header_counts_what_was_written(tmp_path: Path, target: str) -> None:
    words = [f"word{row}" for row in range(101)]
    matrix = plain_vectors(words).vectors
    matrix[[7, 50]] = np.nan
    path = write(tmp_path, binary_file([*words[:99], "word3", "a b"], matrix))
    with pytest.raises(ValueError, match="vector 8, word 'word7': found NaN"):
        convert_vectors(path, tmp_path / "x", target)
    assert not (tmp_path / "x").exists()
    # Two of NaN, and one whose word holds a space, which shifts what follows by two bytes.
    with pytest.warns(UserWarning, match="3 bad rows were dropped") as caught:
        count = convert_vectors(path, tmp_path / "x", target, strict=False)
    told = " ".join(str(warning.message) for warning in caught)
    assert "row repeats an earlier word" in told
    assert "after the last whole vector there are 2 bytes more" in told
    assert all(warning.filename == __file__ for warning in caught)
    kept = [row for row in range(99) if row not in (7, 50)]
    found = load_vectors(tmp_path / "x", target)
    assert count == len(found)
    assert found.index_to_key[: len(kept)] == [words[row] for row in kept]
    assert np.array_equal(found.vectors[: len(kept)], matrix[kept])


def test_words_that_the_target_cannot_hold_are_left_out_where_not_strict(tmp_path: Path) -> None:
    path = write(tmp_path, ". . . 1 2\nx 3 4\na b 5 6\ny 7 8\n")
    with pytest.raises(ValueError, match=r"x\.bin, word '\. \. \.': word2vec's binary form has no"):
        convert_vectors(path, tmp_path / "x.bin", "word2vec-binary")
    with pytest.warns(UserWarning, match="2 words were left out") as caught:
        convert_vectors(path, tmp_path / "x.bin", "word2vec-binary", strict=False)
    assert len(caught) == 1
    assert load_vectors(tmp_path / "x.bin").index_to_key == ["x", "y"]


@pytest.fixture(scope="module")
def large() -> KeyedVectors:
    return plain_vectors([f"w{row}" for row in range(12_000)], 200)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("word2vec", "word2vec-binary"),
        ("word2vec-binary", "numpy"),
        ("numpy", "static-embedding"),
        ("model2vec", "sentence-transformers"),
        ("numpy", "word2vec-binary"),
    ],
)
def test_the_matrix_is_never_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: KeyedVectors, source: str, target: str
) -> None:
    save_vectors(large, tmp_path / "source", source)
    monkeypatch.setattr("hf_recurrent.vectors.formats._rows.BLOCK_BYTES", 1 << 18)
    tracemalloc.start()
    convert_vectors(tmp_path / "source", tmp_path / "target", target)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Half of it is for the words, and for a block of rows in some forms.
    assert peak < large.vectors.nbytes / 2 + 3e6
    assert np.array_equal(load_vectors(tmp_path / "target").vectors, large.vectors)


def test_source_and_target_are_two(tmp_path: Path, samples) -> None:
    for format in ("glove", "numpy"):
        with pytest.raises(ValueError, match="source and target are the same; name another"):
            convert_vectors(samples[format], samples[format], format)
    with pytest.raises(ValueError, match="limit must be at least 1"):
        convert_vectors(samples["glove"], tmp_path / "x", "numpy", limit=0)
    with pytest.raises(ValueError, match="format must be one of"):
        convert_vectors(samples["glove"], tmp_path / "x", "auto")
