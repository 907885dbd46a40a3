from pathlib import Path

import numpy as np
import pytest
from gensim.models import Word2Vec

from hf_recurrent.__main__ import main
from hf_recurrent.vectors import load_vectors

from ...vectors.files import binary_file, make_vectors, write

WORDS = ["the", "mail", "is", "spam", "n't", "other", "words"]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    text = "The mail isn't spam\nthe NEWWORD is mail\n" * 20
    return {
        "vectors": str(write(tmp_path, binary_file(WORDS, make_vectors(WORDS, 5).vectors), "v")),
        "corpus": str(write(tmp_path, text, "corpus.txt")),
        "lexicon": str(write(tmp_path, "other words\n", "lexicon.txt")),
    }


def test_vectors_are_adapted_and_retrofitted(files, tmp_path: Path, capsys) -> None:
    command = ["vectors", "adapt", files["vectors"], files["corpus"]]
    assert main([*command, "--output", str(tmp_path / "out")]) == 0
    assert "8 words, 1 of them new" in capsys.readouterr().out
    old, new = load_vectors(files["vectors"]), load_vectors(tmp_path / "out")
    assert new.index_to_key == [*WORDS, "newword"]
    assert not np.array_equal(new["mail"], old["mail"])
    assert np.array_equal(new["other"], old["other"])

    flags = f"--no-new-words --epochs 0 --lexicon {files['lexicon']} --format word2vec-binary"
    assert main([*command, *flags.split(), "--output", str(tmp_path / "out.bin")]) == 0
    retrofitted = load_vectors(tmp_path / "out.bin")
    assert retrofitted.index_to_key == WORDS
    assert np.array_equal(retrofitted["mail"], old["mail"])
    np.testing.assert_allclose(retrofitted["other"], (old["other"] + old["words"]) / 2, rtol=1e-6)


def test_ctrl_c_saves_the_vectors_so_far(files, tmp_path: Path, monkeypatch, capsys) -> None:
    def stopped(self, *arguments, **settings) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Word2Vec, "train", stopped)
    out = tmp_path / "out"
    assert (
        main(["vectors", "adapt", files["vectors"], files["corpus"], "--output", str(out)]) == 130
    )
    assert "last whole epoch are saved" in capsys.readouterr().err
    assert np.array_equal(load_vectors(out)["mail"], load_vectors(files["vectors"])["mail"])


def test_errors_are_one_sentence(files, tmp_path: Path, capsys) -> None:
    empty = str(write(tmp_path, "", "empty.txt"))
    out = ["--output", str(tmp_path / "out")]
    for arguments, named in (
        ([files["vectors"], files["corpus"], "--pull", "2"], "pull is 2.0"),
        ([files["vectors"], empty], "Of the 0 words"),
        ([files["vectors"], files["corpus"], "--lexicon", files["corpus"] + "x"], "corpus.txtx"),
        ([files["vectors"], str(tmp_path / "absent.txt")], "absent.txt"),
    ):
        assert main(["vectors", "adapt", *arguments, *out]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert named in line
    assert not (tmp_path / "out").exists()
