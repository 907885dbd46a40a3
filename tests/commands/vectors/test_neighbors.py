import pytest
from gensim.test.utils import datapath

from hf_recurrent.__main__ import main
from hf_recurrent.vectors import load_vectors, save_vectors

from ...vectors.files import make_vectors


@pytest.fixture
def path(tmp_path) -> str:
    path = tmp_path / "vectors.bin"
    save_vectors(make_vectors([*"abcdefgh"], 4), path, "word2vec-binary")
    return str(path)


def listed(near) -> str:
    return "".join(f"  {cosine:6.3f}  {word}\n" for word, cosine in near)


def test_each_word_and_a_sum(path, capsys) -> None:
    vectors = load_vectors(path)
    assert main(["vectors", "neighbors", path, "--count", "3", "a", "b"]) == 0
    expected = "".join(f"{word}\n" + listed(vectors.most_similar(word, topn=3)) for word in "ab")
    assert capsys.readouterr().out == expected
    arguments = ["--positive", "a", "b", "--negative", "c", "--count", "2"]
    assert main(["vectors", "neighbors", path, *arguments]) == 0
    near = vectors.most_similar(["a", "b"], ["c"], topn=2)
    assert capsys.readouterr().out == "a + b - c\n" + listed(near)


def test_unseen_words_of_fasttext(capsys) -> None:
    path = datapath("crime-and-punishment.bin")
    assert main(["vectors", "neighbors", path, "landladies", "--count", "1"]) == 0
    assert capsys.readouterr().out.startswith("landladies\n  ")


def test_errors_are_one_sentence(path, capsys) -> None:
    for arguments, sentence in (
        ([path, "a", "nobody"], "The word 'nobody' has no vector."),
        ([path], "no word to find neighbours of"),
        ([path, "a", "--count", "0"], "count must be at least 1, not 0"),
        (["nothing.txt", "a"], "neither a file or folder nor the name"),
    ):
        assert main(["vectors", "neighbors", *arguments]) == 1
        captured = capsys.readouterr()
        assert captured.out == ""
        assert sentence in captured.err
