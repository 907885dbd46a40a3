"""Counts equal those of plain loops, in memory and on disk, and leave nothing behind."""

import errno
import math
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hf_recurrent.data.brown import BrownSentences
from hf_recurrent.vectors.training import _counting, _window_counts
from hf_recurrent.vectors.training._count_files import SortedRuns, parse_memory
from hf_recurrent.vectors.training._encoded_corpus import EncodedCorpus
from hf_recurrent.vectors.training._window_counts import Counts
from hf_recurrent.vectors.training.cooccurrence import (
    Cooccurrences,
    count_cooccurrences,
    count_cooccurrences_to_file,
)

from ...common.bad_input import assert_one_sentence
from .counts import lee_sentences

TEXT = [["a", "b", "a"], ["c", "a"]]


def counted_by_loops(
    sentences: list[list[str]], words: list[str], window: int, harmonic: bool, symmetric: bool
) -> np.ndarray:
    matrix = np.zeros((len(words), len(words)))
    for sentence in sentences:
        known = [words.index(word) for word in sentence if word in words]
        for place, row in enumerate(known):
            for distance in range(1, min(window, place) + 1):
                column = known[place - distance]
                weight = 1 / distance if harmonic else 1
                matrix[row, column] += weight
                if symmetric:
                    matrix[column, row] += weight
    return matrix


def assert_same(ours: Cooccurrences, theirs: Cooccurrences) -> None:
    assert ours.words == theirs.words
    assert np.array_equal(ours.counts, theirs.counts)
    for part in ("indptr", "indices", "data"):
        assert np.array_equal(getattr(ours.matrix, part), getattr(theirs.matrix, part)), part


@settings(max_examples=150)
@given(
    sentences=st.lists(st.lists(st.sampled_from("abcdef"), max_size=9), max_size=6),
    window=st.integers(1, 30),
    min_count=st.integers(1, 3),
    max_vocabulary=st.none() | st.integers(1, 4),
    harmonic=st.booleans(),
    symmetric=st.booleans(),
    block_words=st.integers(1, 8),
    pairs=st.integers(1, 60),
)
def test_counts_equal_plain_loops(
    sentences, window, min_count, max_vocabulary, harmonic, symmetric, block_words, pairs
):
    frequencies = Counter(word for sentence in sentences for word in sentence)
    expected = [w for w, n in frequencies.most_common(max_vocabulary) if n >= min_count]
    with pytest.MonkeyPatch.context() as patch:
        # Blocks and parts of a few words, so that they end within sentences, too.
        patch.setattr("hf_recurrent.vectors.training._encoded_corpus.BLOCK_WORDS", block_words)
        patch.setattr(_counting, "_PART_MEMORY", pairs * _window_counts.BYTES_A_PAIR)

        def count() -> Cooccurrences:
            return count_cooccurrences(
                sentences,
                window=window,
                min_count=min_count,
                max_vocabulary=max_vocabulary,
                weighting="harmonic" if harmonic else "flat",
                symmetric=symmetric,
                progress=False,
            )

        if not expected:
            with pytest.raises(ValueError, match=r"no words|No word comes"):
                count()
            return
        counts = count()
    assert counts.words == expected
    assert counts.counts.tolist() == [frequencies[word] for word in expected]
    assert counts.counts.dtype == np.int64
    assert counts.matrix.dtype == np.float32
    matrix = counted_by_loops(sentences, expected, window, harmonic, symmetric)
    np.testing.assert_allclose(counts.matrix.toarray(), matrix, rtol=1e-6)
    assert counts.matrix.nnz == np.count_nonzero(matrix)


def test_given_words_are_the_vocabulary_in_their_order():
    counts = count_cooccurrences(TEXT, words=["c", "x", "a"], progress=False)
    assert counts.words == ["c", "x", "a"]
    assert counts.counts.tolist() == [1, 0, 3]
    expected = counted_by_loops(TEXT, counts.words, 10, True, True)
    np.testing.assert_allclose(counts.matrix.toarray(), expected)


@pytest.mark.parametrize("symmetric", [True, False])
def test_little_memory_gives_the_same_counts(symmetric):
    sentences = lee_sentences()
    options = {"min_count": 2, "symmetric": symmetric, "progress": False}
    # 60,000 words in parts of 1,560: more runs than are merged at a time.
    on_disk = count_cooccurrences(sentences, memory="1MB", **options)
    assert_same(on_disk, count_cooccurrences(sentences, **options))


@pytest.mark.slow
def test_64_megabytes_give_the_same_counts_on_the_brown_corpus():
    sentences = [[word.lower() for word in sentence] for sentence in BrownSentences()]
    on_disk = count_cooccurrences(sentences, memory="64MB", progress=False)
    assert len(on_disk.words) > 10_000
    assert_same(on_disk, count_cooccurrences(sentences, progress=False))


@settings(max_examples=50)
@given(runs=st.lists(st.dictionaries(st.integers(0, 30), st.integers(1, 5)), max_size=12))
def test_merged_runs_are_the_sum_of_all(runs):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("hf_recurrent.vectors.training._count_files._MERGED_AT_ONCE", 3)
        patch.setattr("hf_recurrent.vectors.training._count_files._LEAST_RECORDS", 2)
        on_disk = SortedRuns(Path(folder), memory=1)
        expected: Counter[int] = Counter()
        for run in runs:
            expected.update(run)
            keys = np.array(sorted(run), dtype=np.int64)
            on_disk.add(Counts(keys, np.array([run[key] for key in sorted(run)], dtype=float)))
        parts = list(on_disk.merged())
    found = [key for part in parts for key in part.keys.tolist()]
    assert found == sorted(expected)
    sums = [value for part in parts for value in part.sums.tolist()]
    assert sums == [expected[key] for key in found]


@pytest.mark.parametrize("symmetric", [True, False])
def test_file_holds_the_counts(tmp_path, symmetric):
    sentences = lee_sentences()[:50]
    options = {"min_count": 2, "symmetric": symmetric, "progress": False}
    expected = count_cooccurrences(sentences, **options)
    path = tmp_path / "counts.bin"
    found = count_cooccurrences_to_file(sentences, path, memory="1MB", **options)
    assert list(tmp_path.iterdir()) == [path]
    assert found.words == expected.words
    assert np.array_equal(found.counts, expected.counts)
    matrix = np.zeros(expected.matrix.shape, dtype=np.float32)
    records = found.records()
    matrix[records["row"], records["column"]] = records["value"]
    if symmetric:
        assert np.all(records["row"] <= records["column"])
        matrix[records["column"], records["row"]] = records["value"]
    assert np.array_equal(matrix, expected.matrix.toarray())


@pytest.mark.parametrize("weighting", ["harmonic", "flat"])
@pytest.mark.parametrize("window", [10**6, 2**40, 10**30])
def test_a_window_is_cut_to_the_longest_sentence(window, weighting):
    sentences = [["a", "b", "c", "d", "e"] * 3, ["a"]] * 3
    options = {"min_count": 1, "weighting": weighting, "progress": False}
    longest = count_cooccurrences(sentences, window=14, **options)
    assert_same(count_cooccurrences(sentences, window=window, **options), longest)
    words = ["e", "a"]
    for window_in_use in (window, 14):
        counts = count_cooccurrences(sentences, words=words, window=window_in_use, **options)
        expected = counted_by_loops(sentences, words, 14, weighting == "harmonic", True)
        assert np.allclose(counts.matrix.toarray(), expected, rtol=1e-6)


def test_a_window_that_would_not_end_is_refused():
    sentences = [["a", "b"] * 2000]
    with pytest.raises(ValueError, match=r"window is 1001, expected at most 1000, .* 4,000 words"):
        count_cooccurrences(sentences, window=1001, min_count=1, progress=False)
    assert _window_counts.usable_window(1000, 4000) == 1000
    assert _window_counts.usable_window(10**9, 1001) == 1000
    assert _window_counts.usable_window(5, 0) == 1


def test_units_are_whole_up_to_windows_of_22():
    for window in range(1, 40):
        common = math.lcm(*range(1, window + 1))
        expected = common if window <= 22 else 1
        assert _window_counts.WindowCounter(9, window, True, True, 10**6).scale == expected


def test_no_pair_gives_empty_counts(tmp_path):
    counts = count_cooccurrences([["a"], ["b"]], min_count=1, progress=False)
    assert counts.matrix.shape == (2, 2)
    assert counts.matrix.nnz == 0
    file = count_cooccurrences_to_file(
        [["a"], ["b"]], tmp_path / "counts.bin", min_count=1, progress=False
    )
    assert len(file.records()) == 0


def test_a_generator_is_read_once():
    counts = count_cooccurrences((sentence for sentence in TEXT), min_count=1, progress=False)
    assert counts.words == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"sentences": []}, "corpus"),
        ({"sentences": [[], []]}, "corpus"),
        ({"sentences": ["one text"]}, "Sentence 1"),
        ({"min_count": 4}, "min_count"),
        ({"min_count": 0}, "min_count"),
        ({"window": 0}, "window"),
        ({"max_vocabulary": 0}, "max_vocabulary"),
        ({"weighting": "linear"}, "weighting"),
        ({"memory": "64 apples"}, "memory"),
        ({"memory": "10KB"}, "memory"),
        ({"memory": "nanGB"}, "memory"),
        ({"words": ["a", "a"]}, "words"),
        ({"words": ["x"]}, "words"),
    ],
)
def test_bad_input_is_one_sentence(arguments, named):
    with pytest.raises(ValueError, match=named) as caught:
        count_cooccurrences(**{"sentences": TEXT, "min_count": 1, "progress": False} | arguments)
    assert_one_sentence(caught.value, named)


def test_sizes_are_read():
    assert parse_memory("64MB") == 64 * 10**6
    assert parse_memory(" 1.5gb ") == 1_500_000_000
    assert parse_memory(2_000_000) == 2_000_000


class Interrupted:
    """Sentences that end in an error."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __iter__(self):
        yield from lee_sentences()
        raise self.error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("bad line")])
@pytest.mark.parametrize("late", [False, True])
def test_nothing_is_left_after_an_error(tmp_path, monkeypatch, error, late):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sentences = Interrupted(error)
    if late:  # while runs are merged
        sentences = lee_sentences()
        monkeypatch.setattr(SortedRuns, "merged", lambda self: (_ for _ in ()).throw(error))
    with pytest.raises(type(error)):
        count_cooccurrences(sentences, memory="1MB", progress=False)
    path = tmp_path / "counts.bin"
    with pytest.raises(type(error)):
        count_cooccurrences_to_file(sentences, path, memory="1MB", progress=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("name", ["corpus.bin", "run-", "counts.bin"])
def test_full_disk_is_one_sentence(tmp_path, monkeypatch, name):
    plain_open = Path.open

    def open_full(path: Path, *arguments, **options):
        target = Path("/dev/full") if path.name.startswith(name) else path
        return plain_open(target, *arguments, **options)

    monkeypatch.setattr(Path, "open", open_full)
    with pytest.raises(OSError, match="full") as caught:
        count_cooccurrences_to_file(
            lee_sentences(), tmp_path / "counts.bin", memory="1MB", progress=False
        )
    assert caught.value.errno == errno.ENOSPC
    assert_one_sentence(caught.value, str(tmp_path))
    assert not list(tmp_path.iterdir())


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(OSError, match="no folder") as caught:
        count_cooccurrences_to_file(TEXT, tmp_path / "none" / "counts.bin", progress=False)
    assert_one_sentence(caught.value, str(tmp_path / "none"))


def test_encoded_corpus_in_a_file_gives_its_blocks_back(tmp_path):
    blocks = [
        (np.array([0, 1, -1], np.int32), np.array([2, 1], np.int32)),
        (np.array([1, 0], np.int32), np.array([0, 2], np.int32)),
    ]
    for corpus in (EncodedCorpus(None), EncodedCorpus(tmp_path / "ids.bin")):
        for ids, lengths in blocks:
            corpus.append(ids, lengths)
        assert len(corpus) == len(blocks)
        for number, expected in enumerate(blocks):
            found = corpus.block(number)
            assert np.array_equal(found[0], expected[0])
            assert np.array_equal(found[1], expected[1])
        assert corpus.counts.tolist() == [2, 2]
        assert corpus.running_words == 5
