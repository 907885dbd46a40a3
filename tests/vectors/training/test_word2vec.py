"""gensim's trainers, run piece by piece, give what gensim gives; and Ctrl-C leaves vectors."""

import _thread
import itertools

import numpy as np
import pytest
from gensim.models import FastText, Word2Vec
from gensim.models.word2vec_corpusfile import CythonVocab
from gensim.test.utils import datapath

from hf_recurrent.vectors.training import _corpus_file, make_corpus, train_fasttext, train_word2vec
from hf_recurrent.vectors.training._gensim_feeds import FileFeed, MemoryFeed, TokenVocabulary
from hf_recurrent.vectors.training.corpus import Corpus
from hf_recurrent.vectors.training.settings import FastTextSettings, Word2VecSettings
from hf_recurrent.vectors.training.vocabulary import choose_words

SMALL = {"vector_size": 12, "epochs": 2, "min_count": 2, "sample": 1e-2}
SUBWORDS = {"bucket": 500, "max_n": 4}


@pytest.fixture(scope="module")
def text() -> list[list[str]]:
    """Real text of 67,083 words."""
    return list(make_corpus(datapath("lee_background.cor")))


@pytest.fixture(scope="module")
def short(text) -> list[list[str]]:
    """Fewer words than gensim takes at once, in sentences that are not cut."""
    return [sentence[:900] for sentence in text[:40]]


def gensim_options(settings: Word2VecSettings, seed: int) -> dict:
    return {
        "vector_size": settings.vector_size,
        "window": settings.window,
        "min_count": settings.min_count,
        "epochs": settings.epochs,
        "negative": settings.negative,
        "ns_exponent": settings.ns_exponent,
        "hs": settings.hs,
        "sample": settings.sample,
        "alpha": settings.alpha,
        "min_alpha": settings.min_alpha,
        "seed": seed,
        "workers": 1,
    }


CHOICES = [
    {},
    {"negative": 3, "ns_exponent": 0.5, "window": 2},
    {"hs": 1},
    {"sample": 0.0, "alpha": 0.1, "min_alpha": 0.05},
]


@pytest.mark.parametrize("sg", [1, 0])
@pytest.mark.parametrize("options", CHOICES)
def test_a_short_file_gives_what_gensim_gives(sg, options, short, tmp_path):
    """Bit for bit, with gensim called directly on a plain file."""
    assert sum(map(len, short)) < _corpus_file.BATCH_WORDS
    settings = Word2VecSettings(**(SMALL | options))
    ours, told = train_word2vec(Corpus(short), settings, sg=sg, seed=3, progress=False)
    path = tmp_path / "text.txt"
    path.write_text("\n".join(" ".join(sentence) for sentence in short) + "\n", encoding="utf-8")
    theirs = Word2Vec(
        corpus_file=str(path), sg=sg, compute_loss=True,
        **gensim_options(settings, 3),
    )  # fmt: skip
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert len(ours.wv) > 100
    np.testing.assert_array_equal(ours.wv.vectors, theirs.wv.vectors)
    np.testing.assert_array_equal(ours.wv.expandos["count"], theirs.wv.expandos["count"])
    # gensim's loss is the sum over all epochs, in float32.
    total = sum(told.losses) * told.words / settings.epochs
    assert theirs.get_latest_training_loss() == pytest.approx(total, rel=0.02)
    assert (told.epochs, told.stopped) == (settings.epochs, False)


@pytest.mark.parametrize("sg", [1, 0])
def test_a_short_file_gives_what_gensims_fasttext_gives(sg, short, tmp_path):
    settings = FastTextSettings(**SMALL, **SUBWORDS, sg=sg)
    ours, told = train_fasttext(Corpus(short), settings, seed=3, progress=False)
    path = tmp_path / "text.txt"
    path.write_text("\n".join(" ".join(sentence) for sentence in short) + "\n", encoding="utf-8")
    theirs = FastText(
        corpus_file=str(path), sg=sg, min_n=3, max_n=4, bucket=500,
        **gensim_options(settings, 3),
    )  # fmt: skip
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    np.testing.assert_array_equal(ours.wv.vectors, theirs.wv.vectors)
    np.testing.assert_array_equal(ours.wv["unheard-of"], theirs.wv["unheard-of"])
    assert "unheard-of" not in ours.wv.key_to_index
    assert (told.losses, told.epochs) == ((), 2)


def test_pieces_give_what_gensim_gives_on_the_same_file(text, monkeypatch):
    """One piece of many batches is one epoch of gensim's own loop."""
    settings = Word2VecSettings(**SMALL)
    ours, told = train_word2vec(Corpus(text), settings, seed=3, progress=False)
    with _corpus_file.corpus_file(text, progress=False) as corpus:
        assert len(corpus.pieces) == 1
        theirs = Word2Vec(sg=1, **(gensim_options(settings, 3) | {"min_count": 1}))
        theirs.build_vocab_from_freq(choose_words(corpus.counts, settings))
        words = theirs.wv
        # gensim's loop reads the vocabulary from the vectors: it sees the tokens' names.
        monkeypatch.setattr(
            "gensim.models.word2vec_corpusfile.CythonVocab",
            lambda wv, **options: CythonVocab(TokenVocabulary(theirs, corpus.tokens), **options),
        )
        theirs.train(
            corpus_file=str(corpus.path), total_words=corpus.pieces[0].words, epochs=2,
            compute_loss=True,
        )  # fmt: skip
    assert ours.wv.index_to_key == words.index_to_key
    np.testing.assert_array_equal(ours.wv.vectors, words.vectors)
    total = sum(told.losses) * told.words / 2
    assert theirs.get_latest_training_loss() == pytest.approx(total, rel=0.02)


@pytest.mark.parametrize("sg", [1, 0])
@pytest.mark.parametrize("options", CHOICES)
def test_sentences_in_memory_give_what_gensim_gives(sg, options, text):
    """Bit for bit, batch by batch, with gensim called directly on the same lists."""
    sentences = [sentence[:1000] for sentence in text]
    settings = Word2VecSettings(**(SMALL | options))
    ours, told = train_word2vec(sentences, settings, sg=sg, seed=3, progress=False)
    theirs = Word2Vec(sg=sg, **gensim_options(settings, 3))
    theirs.build_vocab(sentences)
    theirs.train(sentences, total_words=sum(map(len, sentences)), epochs=2, compute_loss=True)
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    np.testing.assert_array_equal(ours.wv.vectors, theirs.wv.vectors)
    total = sum(told.losses) * told.words / 2
    assert theirs.get_latest_training_loss() == pytest.approx(total, rel=0.02)


@pytest.mark.parametrize("sg", [1, 0])
def test_sentences_in_memory_give_what_gensims_fasttext_gives(sg, text):
    sentences = [sentence[:1000] for sentence in text[:150]]
    settings = FastTextSettings(**SMALL, **SUBWORDS, sg=sg)
    ours, _ = train_fasttext(sentences, settings, seed=3, progress=False)
    theirs = FastText(
        sg=sg, min_n=3, max_n=4, bucket=500,
        **gensim_options(settings, 3),
    )  # fmt: skip
    theirs.build_vocab(sentences)
    theirs.train(sentences, total_words=sum(map(len, sentences)), epochs=2)
    np.testing.assert_array_equal(ours.wv.vectors, theirs.wv.vectors)
    np.testing.assert_array_equal(ours.wv["unheard-of"], theirs.wv["unheard-of"])


@pytest.mark.parametrize("form", [list, Corpus])
@pytest.mark.parametrize("threads", [1, 2])
def test_every_word_is_trained_on(threads, form, text, monkeypatch):
    """Without subsampling, whatever the sentences' lengths, in as many pieces as there are."""
    monkeypatch.setattr(_corpus_file, "PIECE_BATCHES", 1)
    sentences = [*text, [word for sentence in text[:30] for word in sentence]]
    settings = Word2VecSettings(vector_size=4, epochs=2, min_count=1, sample=0.0)
    _, told = train_word2vec(form(sentences), settings, sg=0, workers=threads, progress=False)
    assert told.words == 2 * sum(map(len, sentences))
    assert len(told.losses) == 2


@pytest.mark.parametrize("form", [list, Corpus])
def test_one_thread_repeats_and_the_seed_matters(form, text, monkeypatch):
    monkeypatch.setattr(_corpus_file, "PIECE_BATCHES", 1)
    settings = Word2VecSettings(**SMALL)
    first, again, other = (
        train_word2vec(form(text), settings, seed=seed, progress=False)[0].wv.vectors
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("form", [list, Corpus])
def test_training_lowers_the_loss_and_threads_agree(form, text, monkeypatch):
    monkeypatch.setattr(_corpus_file, "PIECE_BATCHES", 1)
    settings = Word2VecSettings(vector_size=20, epochs=4)
    losses = [
        train_word2vec(form(text), settings, sg=0, workers=threads, progress=False)[1].losses
        for threads in (1, 2)
    ]
    assert losses[0][-1] < losses[0][0]
    assert losses[1] == pytest.approx(losses[0], rel=0.05)


@pytest.mark.parametrize(("form", "feed"), [(list, MemoryFeed), (Corpus, FileFeed)])
@pytest.mark.parametrize("subwords", [True, False])
def test_ctrl_c_leaves_the_vectors_so_far(form, feed, subwords, text, monkeypatch):
    monkeypatch.setattr(_corpus_file, "PIECE_BATCHES", 1)
    number = itertools.count(1)
    trains = feed.train

    def counted(*arguments):
        if next(number) == 10:
            _thread.interrupt_main()  # as Ctrl-C does
        return trains(*arguments)

    monkeypatch.setattr(feed, "train", counted)
    options = SMALL | {"epochs": 100}
    if subwords:
        settings = FastTextSettings(**options, **SUBWORDS)
        model, told = train_fasttext(form(text), settings, progress=False)
        assert np.abs(model.wv["unheard-of"]).max() > 0
    else:
        settings = Word2VecSettings(**options)
        model, told = train_word2vec(form(text), settings, progress=False)
        assert len(told.losses) == told.epochs
    assert told.stopped
    assert 1 <= told.epochs < 100
    assert np.isfinite(model.wv.vectors).all()
    assert model.wv.most_similar("the")


def test_an_error_in_a_thread_comes_out(text, monkeypatch):
    def fails(*arguments):
        raise MemoryError("no memory")

    monkeypatch.setattr(MemoryFeed, "train", fails)
    with pytest.raises(MemoryError, match="no memory"):
        train_word2vec(text, workers=2, progress=False)


def test_many_threads_read_a_file(text, monkeypatch):
    monkeypatch.setattr(MemoryFeed, "train", None)
    settings = Word2VecSettings(**SMALL)
    _, told = train_word2vec(text, settings, sg=0, workers=3, progress=False)
    assert told.epochs == 2
