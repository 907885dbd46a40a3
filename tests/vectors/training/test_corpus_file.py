"""The corpus file: every word is in it, and its batches are what gensim's reader makes of it."""

import itertools
from collections import Counter
from pathlib import Path

import pytest
from gensim.models.word2vec_corpusfile import CythonLineSentence
from hypothesis import given, settings
from hypothesis import strategies as st

from hf_recurrent.vectors.training import _corpus_file
from hf_recurrent.vectors.training._corpus_file import corpus_file


def lines(path: Path) -> list[list[str]]:
    return [line.split(" ") for line in path.read_text("ascii").splitlines()]


@settings(max_examples=60)
@given(
    st.lists(
        st.lists(
            st.text(max_size=3) | st.sampled_from(["a b", "\n", "", "-", "é\x00"]), max_size=9
        ),
        max_size=30,
    )
)
def test_the_file_holds_every_word(sentences):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_corpus_file, "BATCH_WORDS", 10)
        patch.setattr(_corpus_file, "SENTENCE_WORDS", 4)
        patch.setattr(_corpus_file, "PIECE_BATCHES", 2)
        with corpus_file(sentences, progress=False) as corpus:
            content = corpus.path.read_bytes()
            written = lines(corpus.path)
    words = {token: word for word, token in corpus.tokens.items()}
    assert len(words) == len(corpus.tokens)
    kept = [[words[token] for token in line] for line in written if line[0] != "-"]
    cut = [s[i : i + 4] for s in sentences for i in range(0, len(s), 4)]
    assert kept == cut
    assert corpus.counts == Counter(word for sentence in sentences for word in sentence)
    assert corpus.words == sum(map(len, sentences))
    assert corpus.sentences == sum(1 for sentence in sentences if sentence)
    # Pieces lie end to end, and fillers are no words.
    for piece, following in itertools.pairwise(corpus.pieces):
        part = content[piece.offset : following.offset]
        assert part.endswith(b"\n")
        assert len(part.split()) == piece.words
        assert part.split().count(b"-") == piece.fillers
    assert sum(piece.words - piece.fillers for piece in corpus.pieces) == corpus.words


def test_batches_are_those_of_gensim():
    sentences = [[f"w{(i * 7 + j) % 500}" for j in range(1 + i * 37 % 1500)] for i in range(200)]
    with corpus_file(sentences, progress=False) as corpus:
        reader = CythonLineSentence(str(corpus.path), 0)
        sizes = []
        while not reader.is_eof():
            sizes.append(sum(map(len, reader.next_batch())))
        assert set(sizes[:-1]) == {_corpus_file.BATCH_WORDS + 1}
        assert sum(sizes) == sum(piece.words for piece in corpus.pieces)
        assert len(sizes) > _corpus_file.PIECE_BATCHES
        # A piece begins where a batch does.
        for piece in corpus.pieces:
            reader = CythonLineSentence(str(corpus.path), piece.offset)
            read = 0
            while read < piece.words:
                read += sum(map(len, reader.next_batch()))
            assert read == piece.words
    assert not corpus.path.exists()


def test_it_is_removed_after_an_error():
    def fails():
        yield ["a"]
        raise KeyboardInterrupt

    seen = []
    with pytest.raises(KeyboardInterrupt), corpus_file(fails(), progress=False) as corpus:
        seen.append(corpus)
    assert not seen
    paths = []

    def fails_inside():
        with corpus_file([["a"]], progress=False) as corpus:
            paths.append(corpus.path)
            raise KeyError

    with pytest.raises(KeyError):
        fails_inside()
    assert not paths[0].parent.exists()


def test_bad_sentences_and_a_full_disk(monkeypatch):
    for bad in ("a text", b"bytes"):
        with (
            pytest.raises(ValueError, match="Sentence 2 of the corpus is one string"),
            corpus_file([["a"], bad], progress=False),
        ):
            pass

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_corpus_file, "_write", full)
    with (
        pytest.raises(OSError, match=r"No space left on device\): name another one by .* TMPDIR"),
        corpus_file([["a"]], progress=False),
    ):
        pass


def test_an_error_of_the_source_keeps_its_own_words():
    def missing():
        yield ["a"]
        Path("/no/such/file").read_bytes()

    with pytest.raises(FileNotFoundError, match="/no/such/file"), corpus_file(missing()):
        pass
