from hf_recurrent.__main__ import main
from hf_recurrent.vectors import save_vectors

from ...vectors.files import make_vectors, write


def vectors(folder) -> str:
    save_vectors(make_vectors([*"abcdefgh"], 4), folder / "vectors.txt", "word2vec")
    return str(folder / "vectors.txt")


def test_words_and_files_of_words(tmp_path, capsys) -> None:
    path, words = vectors(tmp_path), write(tmp_path, "c\tgroup\nd\nnobody\n", "words.txt")
    for suffix in ("html", "png", "svg"):
        output = str(tmp_path / f"plot.{suffix}")
        arguments = ["--words", str(words), "--title", "Letters", "--output", output, "a", "b"]
        assert main(["vectors", "plot", path, *arguments]) == 0
        captured = capsys.readouterr()
        assert captured.out == f"{output}: 4 words\n"
        assert captured.err == "hf-recurrent: without a vector: nobody\n"
    page = (tmp_path / "plot.html").read_text()
    assert "<h1>Letters</h1>" in page
    assert page.count("<title>") == 1 + 4
    assert (tmp_path / "plot.svg").read_text().startswith("<svg ")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_tsne(tmp_path) -> None:
    output = tmp_path / "plot.html"
    arguments = ["--method", "tsne", "--seed", "3", "--output", str(output)]
    assert main(["vectors", "plot", vectors(tmp_path), *"abcdef", *arguments]) == 0
    assert "t-SNE, seed 3" in output.read_text()


def test_errors_are_one_sentence(tmp_path, capsys) -> None:
    path, output = vectors(tmp_path), str(tmp_path / "plot.html")
    for arguments, sentence in (
        ([path, "--output", output], "There are no words to plot"),
        ([path, "a", "b", "--output", output], "at least 3 words"),
        ([path, *"abc", "--output", str(tmp_path / "plot.pdf")], "ends in .png, .svg or .html"),
        ([path, "--words", str(tmp_path / "none.txt"), "--output", output], "none.txt"),
        (["nothing", *"abc", "--output", output], "neither a file or folder nor the name"),
    ):
        assert main(["vectors", "plot", *arguments]) == 1
        captured = capsys.readouterr()
        assert captured.out == ""
        assert sentence in captured.err
        assert len(captured.err.splitlines()) == 1
