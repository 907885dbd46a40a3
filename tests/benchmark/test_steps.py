"""The commands that use the best model."""

import shlex
from copy import copy
from pathlib import Path

import pytest

from hf_recurrent.__main__ import main
from hf_recurrent.benchmark.steps import next_steps
from hf_recurrent.commands import predict
from hf_recurrent.tasks import get_task


@pytest.mark.parametrize("typed", ["a text", "a\"b $HOME `ls` it's!", "-1 2", "--unseen"])
def test_any_text_can_be_tried_in_a_shell(typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Items of a user's data may have any characters."""
    given = []
    monkeypatch.setattr(predict, "_predict", lambda options: given.append(options.texts) or 0)
    task = copy(get_task("text-classification"))
    task.typed = typed
    words = shlex.split(next_steps(task, Path("best"))[0][1])
    assert main(words[words.index("predict") :]) == 0
    assert given == [[typed]]
