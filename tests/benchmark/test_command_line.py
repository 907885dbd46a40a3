"""What is printed to be pasted runs: the command's own parser reads what a shell makes of it."""

import html
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hf_recurrent import benchmark as benchmark_module
from hf_recurrent.__main__ import main
from hf_recurrent.benchmark import BenchmarkSettings
from hf_recurrent.benchmark.command_line import command_line, interpreter, program
from hf_recurrent.benchmark.record import kept_record
from hf_recurrent.benchmark.report import write_report
from hf_recurrent.benchmark.summary import summarize
from hf_recurrent.benchmark.terminal import format_best
from hf_recurrent.hub.cards import made_card
from hf_recurrent.tasks.word_vectors import Embedding

from .test_report import outcome

Parse = Callable[[str], BenchmarkSettings]
ODD = [
    "text",
    "a column",
    "it's",
    'the "label"',
    "$HOME `date`",
    "-1",
    "--seeds",
    "two  spaces",
    "a|b <i>",
    "Größe",
    "",
    "a\\b;c&d",
    "*",
]


def columns(dataset: str, text: str, label: str) -> BenchmarkSettings:
    return BenchmarkSettings(dataset=dataset, options={"text_column": text, "label_column": label})


@pytest.fixture(scope="module")
def parse() -> Parse:
    """Return the settings that a line of a shell asks for."""

    def parsed(line: str) -> BenchmarkSettings:
        asked: list[BenchmarkSettings] = []
        name, *arguments = shlex.split(line)
        assert name == "hf-recurrent"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                benchmark_module, "benchmark", lambda settings, output: asked.append(settings) or 0
            )
            assert main(arguments) == 0
        return asked[0]

    return parsed


def test_the_command_of_every_setting(parse: Parse) -> None:
    """A setting that is added has to be printed, too."""
    settings = BenchmarkSettings(
        dataset="owner/set",
        models=("lstm", "tfidf"),
        embeddings=(Embedding("glove", False), Embedding("random", True)),
        seeds=3,
        trials=2,
        epochs=4,
        max_length=7,
        baseline="owner/bert",
        limit_train=99,
        threads=3,
        data_dir="data",
        options={"text_column": "text", "label_column": "label"},
    )
    unlike = BenchmarkSettings()
    alike = {"task"}  # there is one that takes such data
    others = {name: value for name, value in vars(settings).items() if name not in alike}
    assert all(value != vars(unlike)[name] for name, value in others.items() if value)
    assert parse(command_line(settings)) == settings
    assert parse(command_line(unlike)) == unlike


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")), st.sampled_from(ODD))
def test_any_column_survives_the_shell(parse: Parse, text: str, label: str) -> None:
    assume(text != "--")  # argparse reads ``--text-column=--`` as no name
    settings = columns("owner/set", text, label)
    assert parse(command_line(settings)) == settings


@pytest.mark.skipif(not Path("/bin/sh").exists(), reason="asks a shell")
@pytest.mark.parametrize("column", ODD)
def test_a_shell_reads_it_so(parse: Parse, column: str) -> None:
    settings = columns("owner/set", column, "label")
    line = command_line(settings)
    done = subprocess.run(
        ["/bin/sh", "-c", f'show() {{ printf "%s\\0" "$@"; }}; show {line}'], stdout=subprocess.PIPE
    )
    assert done.stdout.decode().split("\0")[:-1] == shlex.split(line)


@pytest.mark.parametrize("column", ODD)
def test_card_and_page_show_it_whole(parse: Parse, tmp_path: Path, column: str) -> None:
    made = outcome(tmp_path)
    made.settings = replace(made.settings, options={"text_column": column, "label_column": "label"})
    row = made.lines[0].runs[0]
    row["job"]["max_length"] = 6
    record = kept_record(made, summarize(made), row, tmp_path)
    card = made_card(record, "ada/model", "code", tags=[]).text
    (_, told) = re.findall(r"(`{3,})sh\n(.*?)\n\1", card, re.DOTALL)[0]
    write_report(made, summarize(made), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    (shown,) = re.findall(r"<pre>(hf-recurrent benchmark.*?)</pre>", page, re.DOTALL)
    for line in (told, html.unescape(shown)):
        assert str(tmp_path) not in line
        found = parse(line)
        # The file lies elsewhere for the reader of a card.
        named = replace(made.settings, dataset="reviews.csv", data_dir=tmp_path.name)
        assert found == named


def test_files_are_named_without_their_folders_and_ids_whole(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "my data.csv").touch()
    (tmp_path / "bert").mkdir()
    monkeypatch.chdir(tmp_path)
    for folder in (Path(), tmp_path, Path("..", tmp_path.name)):
        dataset = str(folder / "my data.csv")
        line = command_line(BenchmarkSettings(dataset=dataset, baseline="./bert/"))
        assert "--dataset 'my data.csv'" in line
        assert "--baseline bert" in line
    line = command_line(BenchmarkSettings(dataset="owner/set", baseline="owner/bert"))
    assert "--dataset owner/set" in line
    assert "--baseline owner/bert" in line


def test_a_file_among_the_options_is_named_without_its_folder(tmp_path: Path) -> None:
    source, target = str(tmp_path / "my.en"), str(tmp_path / "my.de")
    settings = BenchmarkSettings(
        task="translation", dataset=source, options={"target_file": target, "config": "a/b"}
    )
    line = command_line(settings)
    assert "--dataset my.en" in line
    assert "--target-file my.de" in line
    assert "--config a/b" in line
    assert settings.as_dict()["target_file"] == "my.de"
    # The comparison itself still reads the whole path.
    assert settings.options["target_file"] == target


@pytest.mark.parametrize("folder", ["out/best", "my out/it's best", "-out/best"])
def test_the_terminal_ends_with_lines_that_can_be_pasted(
    tmp_path: Path, folder: str, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(folder).mkdir(parents=True)
    lines = format_best(outcome(tmp_path, best_folder=Path(folder))).splitlines()
    commands = [shlex.split(line) for line in lines[-6:] if line.startswith("    ")]
    for words, verb in zip(commands, ("predict", "app", "publish"), strict=True):
        assert words[words.index(verb) + 1] == str(tmp_path / folder)


def installed(folder: Path, monkeypatch) -> Path:
    """Stand-ins of a Python and of the command beside it."""
    folder.mkdir(parents=True)
    for name in ("python", "hf-recurrent"):
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    return folder


def test_the_command_is_named_as_the_shell_finds_it(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    binaries = installed(tmp_path / ".venv" / "bin", monkeypatch)
    monkeypatch.setenv("PATH", "/usr/bin")
    assert program() == ".venv/bin/hf-recurrent"
    assert interpreter() == ".venv/bin/python"
    monkeypatch.setenv("PATH", str(binaries))
    assert program() == "hf-recurrent"
    assert interpreter() == "python"
    # Another installation is found first.
    installed(tmp_path / "my venv", monkeypatch)
    assert program() == "'my venv/hf-recurrent'"
    monkeypatch.chdir(tmp_path / "my venv")
    assert program() == "./hf-recurrent"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert shlex.split(program()) == [str(tmp_path / "my venv" / "hf-recurrent")]
    (tmp_path / "my venv" / "hf-recurrent").unlink()
    assert shlex.split(program()) == [str(tmp_path / "my venv" / "python"), "-m", "hf_recurrent"]


@pytest.mark.parametrize("label_lines", [False, True])
def test_a_switch_is_printed_where_it_was_given(parse: Parse, label_lines: bool) -> None:
    settings = BenchmarkSettings(
        dataset="owner/set", options={"label_lines": True} if label_lines else {}
    )
    assert parse(command_line(settings)) == settings
