"""``predict`` takes a model of any task that is known."""

from pathlib import Path

import pytest

from hf_recurrent.__main__ import main

from ..tasks.made_up import stories
from ..tasks.test_of_model import save

__all__ = ["stories"]


def test_a_task_answers_in_its_own_lines(stories, tmp_path: Path, capsys) -> None:
    source = save(tmp_path, "stories", "Strange")
    assert main(["predict", source, "They met", "They\x1bparted", "--trust-remote-code"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "They met, and they lived happily ever after (True)",
        "They\\x1bparted, and they lived happily ever after (True)",
    ]
    assert main(["predict", source, "They met"]) == 0
    assert capsys.readouterr().out == "They met, and they lived happily ever after (False)\n"


@pytest.mark.parametrize(
    ("task", "model_class", "options", "said"),
    [
        ("stories", "Strange", ["--attention"], "Stories explain themselves."),
        ("stories", "Strange", ["--n-best", "2"], "going on with stories rank no answers"),
        ("stories", "Strange", ["--n-best", "0"], "--n-best is 0, expected 1 or more."),
        (None, "RecurrentModel", [], "is not known (it is a RecurrentModel): expected a model for"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(
    task, model_class, options, said, stories, tmp_path: Path, capsys
) -> None:
    assert main(["predict", save(tmp_path, task, model_class), "They met", *options]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    (line,) = shown.err.splitlines()
    assert said in line
