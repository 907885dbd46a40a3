"""Words in sentences on the command line: neighbours, and the table of layers with its plot."""

from pathlib import Path

import pytest

from hf_recurrent.__main__ import main
from tests.tasks.pretrained import save_elmo

TEXT = ["a bank lends money", "the river bank", "my bank is old", "no bank here", "sit on a bank"]


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("contexts")
    (folder / "text.txt").write_text("\n".join(TEXT) + "\n\n")
    return save_elmo(folder / "my-elmo", ["a", "bank"]), str(folder / "text.txt")


def test_neighbors_in_context(paths, capsys) -> None:
    model, text = paths
    arguments = ["--context", "the bank of a river", "--sentences", text, "--count", "3"]
    assert main(["vectors", "neighbors", model, "bank", *arguments, "--layer", "0"]) == 0
    title, *lines = capsys.readouterr().out.splitlines()
    assert title == "bank: the bank of a river"
    # Layer 0 knows the word alone, so the nearest ones are the same word.
    assert all(line.startswith("   1.000  ") and "[bank]" in line for line in lines)
    assert len(lines) == 3


def test_a_table_of_layers_and_a_plot(paths, tmp_path: Path, capsys) -> None:
    model, text = paths
    plot = tmp_path / "layers.svg"
    arguments = ["--sentences", text, "--words", "bank", "--plot", str(plot)]
    assert main(["vectors", "contexts", model, *arguments]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "my-elmo: 1 word, 5 occurrences"
    assert lines[2].split()[:2] == ["0", "1.000"]
    assert len(lines) == 5
    assert plot.read_text().startswith("<svg")


def test_errors_are_one_sentence(paths, tmp_path: Path, capsys) -> None:
    model, text = paths
    (tmp_path / "empty.txt").write_text(" \n")
    near, spread = ["vectors", "neighbors", model], ["vectors", "contexts", model]
    for arguments, sentence in (
        ([*near, "bank", "--context", "a bank"], "no text to search: name one by --sentences"),
        ([*near, "--context", "a bank", "--sentences", text], "no word to find neighbours of"),
        ([*near, "bank", "--sentences", text], "are for a word in a sentence"),
        ([*near, "bank", "--context", "a", "--negative", "a"], "are for word vectors"),
        ([*near, "x", "--context", "a", "--sentences", text], "'x' is not in the sentence 'a'"),
        ([*spread, "--sentences", str(tmp_path / "empty.txt")], "the file has no sentences"),
        ([*spread, "--sentences", text, "--plot", "x.gif"], "--plot is x.gif, expected"),
        ([*spread, "--sentences", text, "--words", "x"], "'x' is not in two different sentences"),
    ):
        assert main(arguments) == 1
        captured = capsys.readouterr()
        assert captured.out == ""
        assert sentence in captured.err
