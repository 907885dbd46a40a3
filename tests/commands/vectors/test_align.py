from pathlib import Path

import numpy as np
import pytest

from hf_recurrent.__main__ import main
from hf_recurrent.commands.vectors.align import FORMATS
from hf_recurrent.vectors import load_vectors
from hf_recurrent.vectors.formats import FORMATS as ALL_FORMATS

from ...vectors.files import binary_file, write
from ...vectors.test_alignment import ENGLISH, SPANISH, two_languages


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    source, target = two_languages(noise=0.3)
    pairs = [f"{a}\t{b}\n" for a, b in zip(ENGLISH, SPANISH, strict=True)]
    made = {
        "source": binary_file(source.index_to_key, source.vectors),
        "target": binary_file(target.index_to_key, target.vectors),
        "train": "".join(pairs[:50]),
        "test": "".join(pairs[50:]) + "absent\tes1\n",
    }
    return {name: str(write(tmp_path, data, name)) for name, data in made.items()}


def test_both_sides_are_written_and_judged(files: dict[str, str], tmp_path: Path, capsys) -> None:
    command = ["vectors", "align", files["source"], files["target"], "--dictionary", files["train"]]
    out = tmp_path / "out"
    assert main([*command, "--output", str(out), "--test", files["test"]]) == 0
    said = capsys.readouterr().out
    assert "400 and 400 words, aligned by 50 of 50 pairs" in said
    assert "nearest: precision at 1 100.0%" in said
    assert "csls: precision at 1 100.0%, at 5 100.0%, over the 350 of 351 words (99.7%)" in said
    source, target = load_vectors(out / "source"), load_vectors(out / "target")
    assert target.similar_by_vector(source["en77"], topn=1)[0][0] == "es77"

    flags = ["--format", "word2vec-binary", "--refinements", "0", "--no-centering", "--limit", "60"]
    assert main([*command, "--output", str(tmp_path / "small"), *flags]) == 0
    small = load_vectors(tmp_path / "small" / "source.bin")
    assert len(small) == 60
    original = load_vectors(files["source"])
    np.testing.assert_allclose(
        small.similarity("en1", "en2"), original.similarity("en1", "en2"), atol=1e-5
    )


def test_errors_are_one_sentence(files: dict[str, str], tmp_path: Path, capsys) -> None:
    out = ["--output", str(tmp_path / "out")]
    swapped = [files["target"], files["source"], "--dictionary", files["train"]]
    missing = [files["source"], files["target"], "--dictionary", str(tmp_path / "none")]
    for arguments, named in (
        (swapped, "Of the 50 pairs"),
        (missing, "none"),
    ):
        assert main(["vectors", "align", *arguments, *out]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert named in line
    assert not (tmp_path / "out").exists()


def test_the_formats_are_those_of_the_package() -> None:
    assert set(FORMATS) == set(ALL_FORMATS) - {"fasttext", "gensim"}
