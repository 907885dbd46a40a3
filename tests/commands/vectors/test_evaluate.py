import json

import pytest

from hf_recurrent.__main__ import main
from hf_recurrent.vectors import load_vectors, save_vectors
from hf_recurrent.vectors.evaluation import evaluate_similarity, load_word_set

from ...vectors.files import make_vectors, write


@pytest.fixture(autouse=True)
def no_data_folder(monkeypatch) -> None:
    monkeypatch.delenv("HF_RECURRENT_DATA", raising=False)


@pytest.fixture
def vectors(tmp_path) -> str:
    words = sorted({word for pair in load_word_set("ws353").pairs for word in pair})
    words += ["king", "queen", "boy", "girl", "Athens", "Greece", "Oslo", "Norway"]
    path = tmp_path / "vectors.txt"
    save_vectors(make_vectors(list(dict.fromkeys(words))[5:], 4), path, "word2vec")
    return str(path)


def error(arguments: list[str], capsys) -> str:
    assert main(["vectors", "evaluate", *arguments]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    return line


def test_all_sets_by_default(vectors, capsys) -> None:
    assert main(["vectors", "evaluate", vectors]) == 0
    out = capsys.readouterr().out
    names = [line.split()[0] for line in out.splitlines()[3:] if not line.startswith("  ")]
    assert names == ["ws353", "simlex999", "google-analogies", "google-categories"]
    score = evaluate_similarity(load_vectors(vectors), load_word_set("ws353"))
    line = next(line for line in out.splitlines() if line.startswith("ws353"))
    assert f"{score.spearman:.3f}" in line
    assert f"{score.known} of 353" in line
    assert f"{score.spearman_all:.3f}" in line
    assert "capital-common-countries" in out


def test_chosen_sets_and_json(vectors, tmp_path, capsys) -> None:
    pairs = write(tmp_path, "king queen 8\nking boy 3\ngirl unknown 1\n", "mine.tsv")
    file = tmp_path / "scores.json"
    arguments = ["--sets", "WordSim353", str(pairs), "analogies", "--json", str(file)]
    arguments += ["--no-sections", "--methods", "3cosadd", "3cosmul", "--limit", "9999"]
    assert main(["vectors", "evaluate", vectors, *arguments]) == 0
    assert "capital-world" not in capsys.readouterr().out
    found = json.loads(file.read_text())
    assert found["dimension"] == 4
    scores = {(line["name"], line["measure"]): line for line in found["scores"]}
    assert scores["mine", "spearman"]["known"] == 2
    assert scores["mine", "spearman"]["total"] == 3
    assert scores["google-analogies", "accuracy, 3cosmul"]["total"] == 19_544
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_translation(vectors, tmp_path, capsys) -> None:
    dictionary = write(tmp_path, "king\tking\nqueen\tqueen\nnobody\tniemand\n", "en-de.tsv")
    arguments = ["--target", vectors, "--dictionary", str(dictionary), "--sets"]
    assert main(["vectors", "evaluate", vectors, *arguments]) == 0
    rows = capsys.readouterr().out.splitlines()[3:]
    assert [row.split()[4] for row in rows] == ["nearest", "nearest", "csls", "csls"]
    # Each word is its own translation here.
    assert all("1.000  2 of 3" in row and row.endswith("0.667") for row in rows)


def test_errors_are_one_sentence(vectors, tmp_path, capsys) -> None:
    assert "neither a file or folder nor the name" in error(["nothing.txt"], capsys)
    assert "neither a file of words" in error([vectors, "--sets", "wordnet"], capsys)
    assert "'men' is the file" in error([vectors, "--sets", "men"], capsys)
    assert "no folder here" in error([vectors, "--data-dir", "nowhere"], capsys)
    assert "go together" in error([vectors, "--target", vectors], capsys)
    assert "nothing to judge by" in error([vectors, "--sets"], capsys)
    assert "--limit must be at least 1, not -1" in error([vectors, "--limit", "-1"], capsys)
    damaged = write(tmp_path, "a b 1\na b c\n", "pairs.txt")
    sentence = error([vectors, "--sets", str(damaged)], capsys)
    assert f"{damaged}, line 2: expected a number as the rating" in sentence
    assert main(["vectors", "evaluate", vectors, "--sets", "ws353", "--json", "no/such.json"]) == 1
    assert "no/" in capsys.readouterr().err
