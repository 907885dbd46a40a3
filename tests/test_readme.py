"""What README and docs say to run runs: their blocks of Python in order, commands, links."""

import argparse
import json
import re
import shlex
import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from gensim.models import KeyedVectors
from transformers.utils import logging

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForCausalLM,
    RecurrentForSequenceClassification,
    RecurrentForTokenClassification,
)
from hf_recurrent.__main__ import main
from hf_recurrent.benchmark.settings import BenchmarkSettings
from hf_recurrent.data import packages
from hf_recurrent.hub import Record
from hf_recurrent.tasks.memory.fitting import MODEL_FIELDS
from hf_recurrent.vectors import language_model_tokenizer, save_vectors, tokenizer_from_vectors

from .benchmark.conftest import BAD, FILLERS, GOOD, sentences

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
RESULTS = ROOT / "docs" / "results" / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md")), RESULTS]
BEST = "benchmark-results/movie-snippets/best"
BAG = "benchmark-results/movie-snippets/bag-of-vectors"
TAGGER = "benchmark-results/brown/best"
WRITER = "benchmark-results/state-of-the-union/best"
WORDS = [
    *(*GOOD, *BAD, *FILLERS),
    *["king", "queen", "man", "woman", "cat", "horse", "bread", "milk"],
    *(f"word{number}" for number in range(300)),
]


def blocks(language: str) -> list[str]:
    fenced = re.compile(rf"^```{language}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return [block for page in PAGES for block in fenced.findall(page.read_text())]


def lines() -> list[list[str]]:
    """Return the lines of the shell blocks, each as a shell cuts it."""
    every = (line for block in blocks("sh") for line in block.splitlines())
    return [words for line in every if (words := shlex.split(line, comments=True))]


def commands() -> list[list[str]]:
    """Return the arguments of every command of ours, also of those within a sentence."""
    told = [words[1:] for words in lines() if words[0] == "hf-recurrent"]
    for text in (page.read_text() for page in PAGES):
        prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
        spans = re.findall(r"`hf-recurrent (\w[^`]*)`", prose)
        told += [shlex.split(span.replace("...", "name")) for span in spans]
    return told


@pytest.fixture
def parse(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str]], argparse.Namespace]:
    """Return what the command's own parser makes of arguments, and run nothing."""
    asked: list[argparse.Namespace] = []
    set_defaults = argparse.ArgumentParser.set_defaults

    def recording(self: argparse.ArgumentParser, **values) -> None:
        if "verb" in values:
            values["verb"] = lambda options: asked.append(options) or 0
        set_defaults(self, **values)

    monkeypatch.setattr(argparse.ArgumentParser, "set_defaults", recording)

    def parsed(arguments: list[str]) -> argparse.Namespace:
        assert main(arguments) == 0, arguments
        return asked[-1]

    return parsed


def test_every_command_is_one(parse) -> None:
    found = commands()
    assert len(found) > 20
    for arguments in found:
        if "--help" in arguments:
            with pytest.raises(SystemExit, match="0"):
                parse(arguments)
        else:
            parse(arguments)
    # The parser does refuse what is none.
    with pytest.raises(SystemExit, match="2"):
        parse(["benchmark", "--sedes", "3"])


def test_the_demo_is_what_the_readme_says(parse) -> None:
    options = parse(["benchmark"])
    assert options.output is None
    folder = Path("benchmark-results", BenchmarkSettings().dataset)
    assert all(Path(name).parent == folder for name in (BEST, BAG))
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(r"^demo:.*\n\t\$\(BIN\)/hf-recurrent benchmark$", makefile, re.MULTILINE)
    assert "VENV := .venv" in makefile


def test_every_other_line_of_the_shell_names_what_there_is() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    known = {"make", "pip", "source", "hf-recurrent", "python"}
    activated = False
    for words in lines():
        assert words[0] in known, words
        if words[0] == "make":
            assert words[1] in targets
        elif words[0] == "pip":
            assert words[1] == "install"
            wanted = re.fullmatch(r"\.(?:\[([a-z,-]+)\])?", words[2])
            assert wanted, words
            assert set((wanted[1] or "app").split(",")) <= extras["optional-dependencies"].keys()
        elif words[0] == "source":
            assert words[1] == ".venv/bin/activate"
            activated = True
        elif words[0] == "hf-recurrent":
            assert activated, "nothing says where hf-recurrent is to be found"


def test_links_and_scripts_are_there() -> None:
    for page in PAGES:
        text = page.read_text()
        for link in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (page.parent / link).exists(), link
        for script in re.findall(r"\bscripts/\w+\.py", text):
            assert (ROOT / script).is_file(), script
    rows = re.findall(r"^\| `([\w-]+\.jsonl)` \| (.*?) \|", RESULTS.read_text(), re.MULTILINE)
    kept = {name for name, is_kept in rows if is_kept in ("yes", "in part")}
    assert kept == {path.name for path in RESULTS.parent.glob("*.jsonl")}
    assert rows


def package(name: str) -> Path:
    """Make the folder of a package in the cache; it is whole once `complete` has seen it."""
    folder = packages._folder(packages.PACKAGES[name])
    folder.mkdir(parents=True)
    return folder


def complete(folder: Path) -> None:
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    (folder / packages.MARKER).write_text(json.dumps(sizes))


def stand_ins() -> None:
    """Put small files in the places of the packages that the blocks take."""
    generator = np.random.default_rng(0)
    glove = package("glove")
    np.save(glove / "glove_6B_50d_emb.npy", generator.normal(size=(len(WORDS), 50)))
    pd.DataFrame({"index": WORDS}).to_parquet(glove / "glove_6B_index.parquet")
    word2vec, keyed = package("word2vec"), KeyedVectors(300)
    keyed.add_vectors(WORDS, generator.normal(size=(len(WORDS), 300)).astype(np.float32))
    name = word2vec / "GoogleNews-vectors-negative300-bolukbasi.bin"
    save_vectors(keyed, name, "word2vec-binary")
    snippets = package("movie-snippets")
    with (snippets / "movieReviewSnippets_GroundTruth.txt").open("w") as file:
        for number, (text, label) in enumerate(sentences(400), 1):
            file.write(f"{number}\t{2.5 if label == 'good' else -2.5}\t{text}\n")
    for folder in (glove, word2vec, snippets):
        complete(folder)


def real() -> None:
    names = ("glove", "word2vec", "movie-snippets")
    missing = [name for name in names if not packages.cached(name)]
    if missing:
        pytest.skip(f"not in the cache: {', '.join(missing)}")


def demo_models() -> None:
    """Save what the demo leaves, without its training."""
    keyed = KeyedVectors(4)
    keyed.add_vectors(WORDS, np.ones((len(WORDS), 4), dtype=np.float32))
    tokenizer = tokenizer_from_vectors(keyed)
    heads = {BEST: RecurrentForSequenceClassification, BAG: RecurrentForSequenceClassification}
    for place, head in {**heads, TAGGER: RecurrentForTokenClassification}.items():
        config = RecurrentConfig(
            vocab_size=len(tokenizer),
            embedding_size=4,
            hidden_size=4,
            pad_token_id=tokenizer.pad_token_id,
            id2label={0: "negative", 1: "positive"},
        )
        head(config).save_pretrained(place)
        tokenizer.save_pretrained(place)
    for place, task in (("copying", "copying"), ("adding-200", "adding")):
        head = RecurrentForTokenClassification if task == "copying" else heads[BEST]
        folder = Path("benchmark-results", place, "best")
        head(RecurrentConfig(hidden_size=4, **MODEL_FIELDS[task])).save_pretrained(folder)
        Record(task=task).save(folder)
    letters = language_model_tokenizer("a text", "bytes")
    config = RecurrentConfig(
        vocab_size=len(letters),
        embedding_size=4,
        hidden_size=4,
        pad_token_id=letters.pad_token_id,
        bos_token_id=letters.bos_token_id,
    )
    RecurrentForCausalLM(config).save_pretrained(WRITER)
    letters.save_pretrained(WRITER)


@pytest.fixture
def place(request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working folder with the demo's models, and packages, small ones or the real."""
    if request.param is stand_ins:
        monkeypatch.setenv(packages.CACHE_VARIABLE, str(tmp_path / "cache"))
    request.param()
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    demo_models()
    shows = logging.is_progress_bar_enabled()
    yield tmp_path / "work"
    if shows:
        logging.enable_progress_bar()


@pytest.mark.parametrize("place", [stand_ins, real], indirect=True)
def test_the_blocks_of_python_run_in_order(place: Path) -> None:
    namespace: dict = {"__name__": "readme"}
    found = blocks("python")
    assert len(found) >= 3
    for block in found:
        exec(compile(block, str(README), "exec"), namespace)
    # What the comments and sentences beside them say.
    assert namespace["weights"].shape == namespace["inputs"]["input_ids"].shape
    assert namespace["weights"].sum().item() == pytest.approx(1, abs=1e-4)
    assert namespace["sentences"].shape == (1, 50)
    assert {path.name for path in Path("glove-50d").iterdir()} >= {
        "model.safetensors",
        "tokenizer.json",
    }


# Of the commands those that are done in seconds.
CHEAP = (
    "predict",
    "diagnose benchmark-results",
    "vectors neighbors",
    "vectors plot",
    "vectors compress",
    "publish",
)


@pytest.mark.parametrize(
    "place", [stand_ins, pytest.param(real, marks=pytest.mark.slow)], indirect=True
)
def test_cheap_commands_run(place: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    ran = []
    for words in lines():
        line = " ".join(words[1:])
        if words[0] != "hf-recurrent" or not line.startswith(CHEAP):
            continue
        assert main(words[1:]) == 0, (line, capsys.readouterr().err)
        assert capsys.readouterr().out, line
        ran.append(line)
    assert all(any(line.startswith(start) for line in ran) for start in CHEAP)
    assert (place / "words.html").is_file()
    assert (place / "glove-pq" / "model.safetensors").is_file()


@pytest.mark.slow
def test_the_demo_leaves_what_the_readme_takes(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    small = ["--models", "mean", "bilstm-attention", "--limit-train", "500", "--epochs", "1"]
    assert main(["benchmark", *small, "--seeds", "1"]) == 0
    told = capsys.readouterr().out.splitlines()[-1]
    assert BEST in told
    exec(blocks("python")[0], {})
    for folder in (BEST, BAG):
        assert main(["predict", folder, "a warm and moving film"]) == 0
    shutil.rmtree("benchmark-results")
