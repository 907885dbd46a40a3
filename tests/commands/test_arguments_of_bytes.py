"""Arguments that are not UTF-8, as a shell sends them, work or end in one clear sentence."""

import argparse
import json
import os
from pathlib import Path

import pytest

from hf_recurrent import app, benchmark
from hf_recurrent.__main__ import main
from hf_recurrent.commands._parsers import Parser

from ..tasks.text_classification.test_prediction import save
from ..vectors.elmo.files import OPTIONS, arrays
from ..vectors.elmo.files import write as write_elmo
from .verbs import VERBS

ODD = os.fsdecode(b"\xff.txt")
# What each verb runs on when all is well.
BASE = {
    "predict": ["model", "a film"],
    "diagnose": ["model", "a film"],
    "inspect": ["model"],
    "publish": ["model", "ada/model", "--dry-run"],
    "app": ["model"],
    "search": ["new", "a film", "--model", "model", "--add", "articles.csv"],
    "convert-elmo": ["options.json", "weights.hdf5", "new"],
    "benchmark": [],
    "vectors adapt": ["vectors.txt", "corpus.txt", "--output", "new", "--min-count", "1"],
    "vectors align": ["vectors.txt", "vectors.txt", "--dictionary", "pairs.txt", "--output", "new"],
    "vectors compress": ["vectors.txt", "--output", "new"],
    "vectors contexts": ["model", "--sentences", "corpus.txt"],
    "vectors convert": ["vectors.txt", "new", "--to", "word2vec"],
    "vectors evaluate": ["vectors.txt", "--sets", "ws353"],
    "vectors neighbors": ["vectors.txt", "the"],
    "vectors plot": ["vectors.txt", "the", "cat", "dog", "a", "--output", "new.png"],
    "vectors train": ["corpus.txt", "--kind", "cooccurrence", "--output", "new"],
}
USUAL = {"target": "vectors.txt", "vocabulary": "words.txt", "lexicon": "words.txt"}
# What is said where an option is not for what it was given with.
NEEDLESS = (
    "are for tables and data sets of the Hub",
    "--architecture: no option of",
    "--dataset is given beside texts",
    "--data-dir is the folder of a named data set, and none was named",
    "is for models that forecast series",
    "--sentences are searched with a model: name one by --contextual",
    "There is no text to search: name one by --sentences",
    "are for a word in a sentence: give it by --context",
    "no word is in 5 different sentences",
)
WITH = {"--dictionary": ["--target", "vectors.txt"], "--target": ["--dictionary", "pairs.txt"]}


def takes_text(action: argparse.Action) -> bool:
    """Check whether an argument takes what no parser turns into a number or a known word."""
    return action.nargs != 0 and action.choices is None and action.type not in (int, float)


def given(name: str, parser: Parser) -> list[tuple[list[str], str]]:
    """Return the arguments of a verb, with one of them not UTF-8, for each of them in turn.

    Beside them stands the file or folder that it takes the place of.
    """
    made = []
    places = [a for a in parser._actions if not a.option_strings]
    for action in filter(takes_text, parser._actions):
        words, usual = list(BASE[name]), USUAL.get(action.dest, "pairs.txt")
        if not action.option_strings:
            at = places.index(action)
            usual, words[at] = words[at], ODD
        else:
            flag = max(action.option_strings, key=len)
            if flag in words:
                at = words.index(flag) + 1
                usual, words[at] = words[at], ODD
            else:
                words += [flag, ODD]
            words += WITH.get(flag, []) if name == "vectors evaluate" else []
        made.append(([*name.split(), *words], usual))
    return made


CASES = [case for words, parser in VERBS.items() for case in given(" ".join(words), parser)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("odd")
    save(place / "model")
    words = ("the", "cat", "dog", "and", "a", "on")
    rows = [
        " ".join([word, *(f"{(i * 7 + j * 3) % 5 - 2}.5" for j in range(4))])
        for i, word in enumerate(words)
    ]
    (place / "vectors.txt").write_text("\n".join(rows) + "\n")
    write_elmo(place, OPTIONS, arrays(OPTIONS))
    (place / "corpus.txt").write_text("the cat and the dog\na cat on a dog\n" * 30)
    (place / "articles.csv").write_text("text\na film of the cat and the dog\n")
    (place / "words.txt").write_text("the cat\ndog\n")
    (place / "pairs.txt").write_text("the\tthe\ncat\tcat\ndog\tdog\n")
    return place


@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize(("arguments", "usual"), CASES, ids=[ascii(" ".join(c)) for c, _ in CASES])
def test_it_works_or_ends_in_one_sentence(
    arguments, usual, exists, folder, tmp_path, monkeypatch, capsys
) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).symlink_to(file)
    if exists and (folder / usual).exists():
        (tmp_path / ODD).symlink_to(folder / usual)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(benchmark, "benchmark", lambda settings, output: 0)
    monkeypatch.setattr(app, "serve", lambda *arguments, **options: None)
    try:
        status = main(arguments)
    except SystemExit as ended:
        status = ended.code
    captured = capsys.readouterr()
    (captured.out + captured.err).encode("utf-8")  # so that any terminal shows it
    if status:
        last = captured.err.splitlines()[-1]
        assert last.startswith("hf-recurrent")
        assert any(odd in last for odd in (r"\xff", r"\udcff", "\ufffd", "UTF-8", *NEEDLESS))


def test_scores_of_vectors_with_an_odd_name_are_written(folder, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(ODD).symlink_to(folder / "vectors.txt")
    verb = ["vectors", "evaluate", ODD, "--sets", "ws353"]
    assert main([*verb, "--json", "scores.json"]) == 0
    assert json.loads(Path("scores.json").read_text("utf-8"))["vectors"] == r"\udcff.txt"


def test_a_comparison_with_odd_names_is_refused_before_it_begins(
    tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(ODD).write_text("text,label\na,b\n")
    for flag in ("--dataset", "--baseline", "--data-dir", "--text-column"):
        assert main(["benchmark", flag, ODD]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert line == rf"hf-recurrent: {flag} is '\udcff.txt', which is not UTF-8."
