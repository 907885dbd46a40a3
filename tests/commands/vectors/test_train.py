"""The command trains and saves every kind, keeps what Ctrl-C leaves, and fails in one line."""

import json
import re
from pathlib import Path

import pytest
from gensim.test.utils import datapath
from transformers import AutoTokenizer

from hf_recurrent.__main__ import main
from hf_recurrent.commands.vectors import train
from hf_recurrent.vectors import load_vectors
from hf_recurrent.vectors.training import load_counts, sources, word2vec
from hf_recurrent.vectors.training._gensim_trainer import Trained
from hf_recurrent.vectors.training.settings import KINDS

LEE = datapath("lee_background.cor")
SMALL = ["--vector-size", 6, "--epochs", 2]


def run(*arguments: object) -> int:
    return main(["vectors", "train", *map(str, arguments)])


def error(arguments: tuple[object, ...], capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one line on stderr of a command that fails with status 1."""
    assert run(*arguments) == 1
    captured = capsys.readouterr()
    (line,) = captured.err.splitlines()
    assert captured.out == ""
    return line


def test_it_trains_saves_and_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "out"
    assert run(LEE, "--output", folder, "--workers", 1, *SMALL) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{folder}: skip-gram, 1,789 words, trained on 67,083 words in 300 sen")
    assert re.search(r"^loss: [\d.]+ in the first epoch, [\d.]+ in the last$", out, re.M)
    assert "ws353: Spearman " in out
    assert load_vectors(folder).vector_size == 6
    assert f"{folder} is there already" in error((LEE, "--output", folder), capsys)
    assert run(LEE, "--output", folder, "--kind", "ppmi", "--overwrite") == 0
    assert load_counts(folder).matrix.shape == (1789, 1789)


def test_every_flag_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "text.csv"
    text.write_text("body\n" + "New York is big\nin New York now\n" * 9)
    flags = """--text-column body --keep-case --pre-tokenizer whitespace --phrases
        --phrase-min-count 2 --phrase-threshold 0.5 --kind fasttext --sg 0
        --min-count 2 --max-vocabulary 4 --window 3 --vector-size 5 --epochs 4 --alpha 0.04
        --min-alpha 0.01 --negative 2 --ns-exponent 0.5 --sample 0 --min-n 2
        --max-n 3 --bucket 50 --seed 7 --workers 1 --format word2vec"""
    assert run(text, "--output", tmp_path / "out", *flags.split()) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("hf-recurrent: ")
    assert "subwords" in line or "unseen words" in line
    record = json.loads((tmp_path / "out" / "training.json").read_text())
    assert record["settings"] == {
        "min_count": 2, "max_vocabulary": 4, "vector_size": 5, "window": 3, "epochs": 4,
        "negative": 2, "ns_exponent": 0.5, "hs": 0, "sample": 0.0, "alpha": 0.04,
        "min_alpha": 0.01, "sg": 0, "min_n": 2, "max_n": 3, "bucket": 50,
    }  # fmt: skip
    assert (record["seed"], record["workers"], record["file"]) == (7, 1, "vectors.vec")
    assert record["corpus"]["preparation"] == "words by 'whitespace'"
    found = load_vectors(tmp_path / "out" / "vectors.vec")
    assert found.index_to_key[0] == "New_York"
    flags = """--text-column body --kind ppmi-svd --weighting flat --one-sided --memory 2MB
        --shift 2 --smoothing 0.5 --eigenvalue-weighting 0.25 --vector-size 2 --min-count 1"""
    assert run(text, "--output", tmp_path / "svd", *flags.split()) == 0
    record = json.loads((tmp_path / "svd" / "training.json").read_text())
    assert record["settings"] == {
        "min_count": 1, "max_vocabulary": None, "window": 5, "weighting": "flat",
        "symmetric": False, "memory": "2MB", "shift": 2.0, "smoothing": 0.5, "vector_size": 2,
        "eigenvalue_weighting": 0.25,
    }  # fmt: skip
    flags = """--text-column body --kind glove --x-max 5 --weight-exponent 0.5 --learning-rate 0.1
        --epochs 2 --vector-size 3"""
    assert run(text, "--output", tmp_path / "glove", *flags.split()) == 0
    record = json.loads((tmp_path / "glove" / "training.json").read_text())
    assert [record["settings"][n] for n in ("x_max", "weight_exponent", "learning_rate")] == [
        5,
        0.5,
        0.1,
    ]
    assert run(LEE, "--output", tmp_path / "hs", "--hs", 1, *SMALL) == 0
    assert json.loads((tmp_path / "hs" / "training.json").read_text())["settings"]["negative"] == 0


def cut(folder: Path, text: str) -> list[str]:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    return tokenizer.convert_ids_to_tokens(tokenizer(text)["input_ids"])


def test_the_tokenizer_that_trained_goes_with_the_vectors(tmp_path: Path) -> None:
    text = tmp_path / "t.txt"
    text.write_text("C++ c# user@x.com #metoo US us don't\n" * 9)
    folder = tmp_path / "v"
    options = ["--pre-tokenizer", "whitespace", "--keep-case", "--min-count", 1, *SMALL]
    assert run(text, "--output", folder, "--workers", 1, *options) == 0
    words = text.read_text().split("\n")[0]
    assert cut(folder, words) == words.split()
    (tmp_path / "pairs").write_text("US\tUS\nus\tus\n")
    for arguments in (
        ["adapt", folder, text, "--epochs", 1, "--output", tmp_path / "adapt"],
        ["align", folder, folder, "--dictionary", tmp_path / "pairs", "--output", tmp_path / "a"],
        ["compress", folder, "--output", tmp_path / "compress"],
        ["convert", folder, tmp_path / "convert", "--to", "static-embedding", "--limit", 7],
        ["adapt", tmp_path / "compress", text, "--epochs", 0, "--output", tmp_path / "again"],
    ):
        assert main(["vectors", *map(str, arguments)]) == 0
    for name in ("adapt", "a/source", "a/target", "compress", "convert", "again"):
        assert cut(tmp_path / name, words) == words.split()


def test_words_out_of_reach_are_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vectors, pairs, text = tmp_path / "v.vec", tmp_path / "pairs", tmp_path / "t.txt"
    vectors.write_text("3 2\nthe 1 2\nNew York 3 4\nof 5 6\n")
    pairs.write_text("the\tthe\nof\tof\n")
    text.write_text("the of\n" * 9)
    for arguments in (
        ["adapt", vectors, text, "--epochs", 0, "--output", tmp_path / "d"],
        ["align", vectors, vectors, "--dictionary", pairs, "--output", tmp_path / "a"],
        ["compress", vectors, "--output", tmp_path / "c"],
        ["convert", vectors, tmp_path / "s", "--to", "static-embedding"],
    ):
        assert main(["vectors", *map(str, arguments)]) == 0
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("hf-recurrent: 1 of the 3 words is out of reach of any text")


def test_brown_is_cut_as_text_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sentences = [["The", "man's", "dog", "didn't", "bark", "."]] * 9
    monkeypatch.setattr(sources, "BrownSentences", lambda: sentences)
    options = ["--min-count", 1, "--workers", 1, *SMALL]
    assert run("brown", "--output", tmp_path / "v", *options) == 0
    expected = ["the", "man's", "dog", "didn't", "bark", "."]
    assert cut(tmp_path / "v", "The man's dog didn't bark.") == expected
    options += ["--pre-tokenizer", "whitespace"]
    assert run("brown", "--output", tmp_path / "w", *options) == 0
    assert cut(tmp_path / "w", "bark. bark") == ["<unk>", "bark"]


def test_ctrl_c_saves_the_vectors_so_far(tmp_path: Path, monkeypatch, capsys) -> None:
    def stopped(*arguments, **options):
        return Trained(losses=(1.5,), epochs=1, words=10, stopped=True)

    monkeypatch.setattr(word2vec, "run_trainer", stopped)
    assert run(LEE, "--output", tmp_path / "out", *SMALL) == 130
    captured = capsys.readouterr()
    assert "Stopped after 1 whole epoch; the vectors so far are saved." in captured.err
    assert load_vectors(tmp_path / "out").vector_size == 6
    assert "was stopped after 1 of 2 epochs" in (tmp_path / "out" / "README.md").read_text()


def test_ctrl_c_while_reading_saves_nothing(tmp_path: Path, monkeypatch, capsys) -> None:
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(word2vec, "corpus_file", interrupted)
    assert run(LEE, "--output", tmp_path / "out", *SMALL) == 130
    assert "Nothing was trained yet" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-such"], "'no-such' is neither a file nor a data set of the Hub"),
        ([LEE, "--negative", "3", "--kind", "glove"], "negative: no option of glove vectors"),
        ([LEE, "--min-count", "99999"], "No word comes 99,999 times (--min-count): the most"),
        ([LEE, "--vector-size", "0"], "vector-size is 0, expected at least 1"),
        ([LEE, "--text-column", "body"], "holds lines of text"),
        ([LEE, "--phrase-min-count", "3"], "go with --phrases"),
        ([LEE, "--kind", "ppmi", "--format", "glove"], "ppmi vectors have one form only"),
        ([LEE, "--kind", "glove", "--memory", "much"], "much"),
    ],
)
def test_it_fails_in_one_line(arguments, message, tmp_path, capsys) -> None:
    assert message in error((*arguments, "--output", tmp_path / "out"), capsys)
    assert not list(tmp_path.iterdir())


def test_the_kinds_are_those_of_the_package() -> None:
    assert tuple(KINDS) == train._KINDS


def test_help_has_examples(capsys) -> None:
    with pytest.raises(SystemExit) as caught:
        run("--help")
    assert caught.value.code == 0
    assert "hf-recurrent vectors train brown --output brown-skip-gram" in capsys.readouterr().out
