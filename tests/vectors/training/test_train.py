"""One function trains every kind on real text, and says in one sentence what it cannot do."""

from collections import Counter

import datasets
import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.models.fasttext import FastTextKeyedVectors
from gensim.test.utils import datapath

from hf_recurrent.vectors import TrainingStopped, train_vectors
from hf_recurrent.vectors.training import (
    PhraseOptions,
    count_cooccurrences,
    make_corpus,
    ppmi,
    svd_vectors,
    train,
    train_glove,
    train_skip_gram,
    word2vec,
)
from hf_recurrent.vectors.training._gensim_trainer import Trained
from hf_recurrent.vectors.training.settings import KINDS, make_settings

LEE = datapath("lee_background.cor")
QUICK = {
    "one-hot": {},
    "cooccurrence": {"window": 3},
    "ppmi": {"shift": 2.0},
    "ppmi-svd": {"vector_size": 8},
    "cbow": {"vector_size": 8, "epochs": 2},
    "skip-gram": {"vector_size": 8, "epochs": 2},
    "skip-gram-shared": {"vector_size": 8, "epochs": 2},
    "glove": {"vector_size": 8, "epochs": 2, "window": 4},
    "fasttext": {"vector_size": 8, "epochs": 2, "bucket": 500},
}
TOY = [["b", "a", "c", "a"], [], ["b", "a"]]


@pytest.fixture(scope="module")
def text() -> list[list[str]]:
    return list(make_corpus(LEE))


def matrix_of(result) -> np.ndarray:
    vectors = result.vectors
    if isinstance(vectors, KeyedVectors):
        return vectors.vectors
    return vectors.matrix.toarray() if hasattr(vectors, "matrix") else vectors.counts


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_on_real_text(kind, text):
    counts = Counter(word for sentence in text for word in sentence)
    first, again = (
        train_vectors(LEE, kind, seed=1, workers=1, progress=False, **QUICK[kind]) for _ in "ab"
    )
    np.testing.assert_array_equal(matrix_of(first), matrix_of(again))
    assert np.isfinite(matrix_of(first)).all()
    assert first.kind == kind
    assert first.settings == make_settings(kind, QUICK[kind])
    assert (first.seed, first.workers, first.stopped) == (1, 1, False)
    assert first.corpus.name == "lee_background.cor"
    assert (first.corpus.sentences, first.corpus.words) == (len(text), sum(map(len, text)))
    assert first.vocabulary_size == len([w for w, n in counts.items() if n >= 5])
    assert first.seconds > 0
    trained = kind in ("cbow", "skip-gram", "skip-gram-shared", "glove", "fasttext")
    assert first.epochs == (2 if trained else None)
    assert len(first.losses) == (2 if trained and kind != "fasttext" else 0)
    assert isinstance(first.vectors, FastTextKeyedVectors) == (kind == "fasttext")


def test_each_kind_is_its_own_trainer(text):
    """What the one function gives is what the function of the kind gives."""
    options = {"seed": 2, "workers": 1, "progress": False}
    counts = count_cooccurrences(text, window=4, min_count=9, progress=False)
    raw = train_vectors(text, "cooccurrence", window=4, min_count=9, **options).vectors
    assert raw.words == counts.words
    assert (raw.matrix != counts.matrix).nnz == 0
    shifted = train_vectors(
        text, "ppmi", window=4, min_count=9, shift=3.0, smoothing=1.0, **options
    )
    assert (shifted.vectors.matrix != ppmi(counts, shift=3.0, smoothing=1.0)).nnz == 0
    svd = train_vectors(
        text, "ppmi-svd", window=4, min_count=9, vector_size=6, shift=3.0, smoothing=1.0,
        eigenvalue_weighting=0.0, **options,
    )  # fmt: skip
    np.testing.assert_array_equal(
        svd.vectors.vectors,
        svd_vectors(
            counts, vector_size=6, shift=3.0, smoothing=1.0, eigenvalue_weighting=0.0, seed=2
        ).vectors,
    )
    chosen = {
        "vector_size": 6,
        "epochs": 3,
        "x_max": 7.0,
        "weight_exponent": 0.5,
        "learning_rate": 0.02,
    }
    glove = train_vectors(text, "glove", window=4, min_count=9, **chosen, **options)
    losses: list[float] = []
    expected = train_glove(
        counts, on_epoch=lambda _, loss: losses.append(loss), **chosen, **options
    )
    np.testing.assert_array_equal(glove.vectors.vectors, expected.vectors)
    assert glove.losses == tuple(losses)
    shared = train_vectors(text, "skip-gram-shared", window=3, vector_size=6, negative=2, **options)
    expected_shared = train_skip_gram(text, window=3, vector_size=6, negative=2, **options)
    np.testing.assert_array_equal(shared.vectors.vectors, expected_shared.vectors)
    # Counts on disk are the same counts, in another order of the records.
    on_disk = train_vectors(text, "glove", window=4, min_count=9, memory="1MB", **chosen, **options)
    assert on_disk.vectors.index_to_key == expected.index_to_key
    assert on_disk.losses == pytest.approx(glove.losses, rel=0.1)


def test_sg_of_fasttext_and_both_of_word2vec_differ(text):
    options = {"vector_size": 6, "epochs": 1, "workers": 1, "progress": False}
    skip_gram, cbow = (train_vectors(text, k, **options).vectors for k in ("skip-gram", "cbow"))
    assert not np.array_equal(skip_gram.vectors, cbow.vectors)
    fast = [train_vectors(text, "fasttext", bucket=300, sg=a, **options).vectors for a in (1, 0)]
    assert not np.array_equal(fast[0].vectors, fast[1].vectors)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "one-hot"])
@pytest.mark.parametrize("window", [10**6, 2**31, 2**40])
def test_a_window_beyond_every_sentence(kind, window):
    """It is the way to say "the whole sentence"; the smallest one that says so gives the same."""
    options = {"min_count": 1, "workers": 1, "progress": False}
    if kind not in ("cooccurrence", "ppmi"):
        options["vector_size"] = 2
    if kind == "fasttext":
        options["bucket"] = 50
    found = matrix_of(train_vectors(TOY * 9, kind, window=window, **options))
    assert np.isfinite(found).all()
    if kind in ("cooccurrence", "ppmi", "ppmi-svd", "glove"):  # the others draw a window a word
        assert np.array_equal(found, matrix_of(train_vectors(TOY * 9, kind, window=4, **options)))


def test_a_window_that_would_not_end():
    corpus = [["a", "b"] * 1000]
    options = {"min_count": 1, "window": 1200, "progress": False}
    for kind in ("cooccurrence", "glove", "ppmi", "skip-gram-shared"):
        with pytest.raises(ValueError, match="window is 1200, expected at most 1000"):
            train_vectors(corpus, kind, **options)


def test_phrases_and_columns():
    table = datasets.Dataset.from_dict({"body": ["New York is big", "in new york now"] * 9})
    result = train_vectors(
        table, "one-hot", column="body", min_count=2, phrases=PhraseOptions(2, 0.5), progress=False
    )
    assert result.vectors.words == ["new_york", "is_big", "in", "now"]
    assert result.vectors.counts.tolist() == [18, 9, 9, 9]
    assert (result.corpus.words, result.corpus.phrases) == (45, 2)


def test_one_hot_is_a_vocabulary_by_frequency():
    result = train_vectors(TOY, "one-hot", min_count=1, max_vocabulary=2, progress=False)
    assert result.vectors.words == ["a", "b"]
    assert result.vectors.counts.tolist() == [3, 2]
    assert (result.corpus.sentences, result.corpus.words, result.corpus.name) == (2, 6, None)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("corpus", "options", "message"),
    [
        ([], {}, "The corpus .*(is empty|no words)"),
        (["", " "], {}, "The corpus .*(is empty|no words)"),
        ([["a"]], {"min_count": 1}, "(The o|O)nly (one )?word "),
        ([["a", "a", "a"]], {"min_count": 1}, "(The o|O)nly (one )?word "),
        (TOY, {"min_count": 4}, r"No word comes 4 times \(min_count\): the most frequent .*'a'"),
        ([["a", "b"], "a text"], {"min_count": 1}, "Sentence 2 of the corpus"),
    ],
)
def test_a_corpus_that_is_of_no_use(kind, corpus, options, message):
    if kind == "one-hot" and "nly" in message:
        assert train_vectors(corpus, kind, progress=False, **options).vectors.words == ["a"]
        return
    with pytest.raises(ValueError, match=message) as caught:
        train_vectors(corpus, kind, progress=False, workers=1, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("skip-gram-shared", {"hs": 1}, "hs: no option of"),
        ("elmo", {}, "kind is 'elmo', expected one of one-hot, cooccurrence, ppmi"),
        ("glove", {"negative": 3}, "negative: no option of glove vectors, which have min_count"),
        ("one-hot", {"window": 3, "epochs": 1}, "window and epochs: no option of one-hot vectors"),
        ("cbow", {"min_count": 0}, "min_count is 0, expected at least 1"),
        ("cbow", {"window": 0}, "window is 0, expected at least 1"),
        ("cbow", {"negative": 0}, "negative is 0, expected at least 1"),
        ("cbow", {"negative": -1}, "negative is -1, expected at least 0"),
        ("cbow", {"alpha": 0.0}, "alpha is 0.0, expected more than 0"),
        ("cbow", {"alpha": float("nan")}, "alpha is nan, expected more than 0"),
        ("cbow", {"min_alpha": 1.0}, "expected at most alpha, 0.025"),
        ("glove", {"x_max": float("inf")}, "x_max is inf, expected more than 0"),
        ("ppmi", {"weighting": "linear"}, "weighting is 'linear', expected 'harmonic' or 'flat'"),
        ("fasttext", {"sg": 2}, "sg is 2, expected 0 or 1"),
        ("skip-gram-shared", {"negative": 0}, "negative is 0, expected at least 1"),
        ("cbow", {"ns_exponent": float("nan")}, "ns_exponent is nan, expected a finite number"),
        ("glove", {"alpha": 0.75}, "alpha: no option of glove vectors"),
        ("fasttext", {"max_n": 2}, "max_n is 2, expected at least min_n, 3"),
        ("cbow", {"negative": 10**9}, "negative is 1000000000, expected at most 10,000"),
        ("glove", {"vector_size": 10**9}, "vector_size is 1000000000, expected at most 100,000"),
        ("fasttext", {"bucket": 2**31}, "bucket is 2147483648, expected at most 2,147,483,647"),
        ("ppmi", {"window": 2.5}, "window is 2.5, expected a whole number"),
        ("cbow", {"workers": 0}, "workers is 0, expected at least 1"),
    ],
)
def test_bad_options(kind, options, message):
    with pytest.raises(ValueError, match=message):
        train_vectors(TOY, kind, **options)


def test_ctrl_c_gives_the_vectors_so_far(text, monkeypatch):
    def stopped(*arguments, **options):
        return Trained(losses=(1.5,), epochs=1, words=10, stopped=True)

    monkeypatch.setattr(word2vec, "run_trainer", stopped)
    with pytest.raises(TrainingStopped, match="stopped after 1 whole epoch") as caught:
        train_vectors(text, "skip-gram", vector_size=4, progress=False)
    assert isinstance(caught.value, KeyboardInterrupt)
    result = caught.value.result
    assert (result.stopped, result.epochs, result.losses) == (True, 1, (1.5,))
    assert result.vectors.vectors.shape == (result.vocabulary_size, 4)
    assert result.corpus.words == sum(map(len, text))


@pytest.mark.parametrize(
    ("kind", "trainer"),
    [("glove", "train_glove"), ("skip-gram-shared", "train_skip_gram")],
)
def test_ctrl_c_in_a_trainer_of_ours(text, monkeypatch, kind, trainer):
    def stopped(data, *, on_epoch, **options):
        on_epoch(1, 0.5)
        raise TrainingStopped(KeyedVectors(3), 1)

    monkeypatch.setattr(train, trainer, stopped)
    with pytest.raises(TrainingStopped) as caught:
        train_vectors(text, kind, epochs=2, progress=False)
    assert (caught.value.result.losses, caught.value.result.epochs) == ((0.5,), 1)
    assert caught.value.result.vectors.vector_size == 3


def test_ctrl_c_before_training_has_nothing_to_keep():
    class Interrupted:
        def __iter__(self):
            yield ["a"]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        train_vectors(Interrupted(), progress=False)
    assert type(caught.value) is KeyboardInterrupt
