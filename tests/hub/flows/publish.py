"""Publish a folder, and with ``faults`` by a fault at every request; look at what is left.

Usage: ``publish.py MODEL [faults]``; prints one JSON object a line.
"""

import contextlib
import io
import json
import os
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path
from unittest import mock

os.environ.pop("HF_HUB_DISABLE_PROGRESS_BARS", None)  # read when the client is imported

from huggingface_hub import HfApi, get_session
from huggingface_hub.utils import disable_progress_bars
from safetensors.torch import load_file, save_file

from hf_recurrent.__main__ import main
from hf_recurrent.hub import Plan, PublishError, Record, plan, publish

disable_progress_bars()
ENDPOINT = os.environ["HF_ENDPOINT"]
time.sleep = lambda seconds: None  # the client waits between its tries


def fault(**values: int) -> None:
    get_session().post(f"{ENDPOINT}/_test/fault", json=values)


def state() -> dict:
    return get_session().get(f"{ENDPOINT}/_test/state").json()


planned = plan(Path(sys.argv[1]), "ada/new")


def attempt(repo: str, planned: Plan = planned, **options: object) -> dict:
    before = state()
    try:
        done = publish(replace(planned, repo_id=repo), **options)
        said = done.pull_request_url or done.commit_url
        failed = False
    except PublishError as error:
        said, failed = str(error), True
    fault(at=-1)
    after = state()
    return {
        "failed": failed,
        "said": said,
        "before": before["repos"].get(f"model {repo}"),
        "after": after["repos"].get(f"model {repo}"),
        "requests": after["requests"][len(before["requests"]) :],
    }


class Terminal(io.StringIO):
    """Text that is written to a terminal, or says that it is."""

    def isatty(self) -> bool:
        return True


def command(error: io.StringIO, name: str) -> dict:
    """Run the command, with an input that is no terminal and must not be asked.

    The weights are changed, for those that the Hub has already are not sent again.
    """
    folder = Path(shutil.copytree(sys.argv[1], Path.cwd() / name))
    weights = load_file(folder / "model.safetensors")
    weights["classifier.bias"] += len(name)
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    Record.load(folder).save(folder)
    before, out = state(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(error),
        mock.patch("sys.stdin", io.StringIO()),
        mock.patch("builtins.input", side_effect=AssertionError("it asked")),
    ):
        status = main(["publish", str(folder), f"ada/{name}", "--yes"])
    asked = state()["requests"][len(before["requests"]) :]
    return {"status": status, "out": out.getvalue(), "err": error.getvalue(), "requests": asked}


def tell(**values: object) -> None:
    print(json.dumps(values), flush=True)


def without_faults() -> None:
    """Publish by each option, and by the command."""
    tell(case="again", **attempt("ada/new"))
    tell(case="pull request", **attempt("ada/new", pull_request=True))
    tell(case="branch", **attempt("ada/new", revision="trial"))
    tell(case="private", **attempt("ada/private", private=True))
    tell(case="name taken", **attempt("bob/taken"))
    tell(case="public", **attempt("ada/public", private=False))
    tell(case="private into public", **attempt("ada/public", private=True))
    changed = {name: value + 1 for name, value in planned.outputs.items()}
    tell(case="other answers", **attempt("ada/answers", planned=replace(planned, outputs=changed)))
    tell(case="command", **command(io.StringIO(), "command"))
    tell(case="command on a terminal", **command(Terminal(), "terminal"))


def with_faults() -> None:
    """Publish with a fault at each request in turn, of each kind."""
    (committed,) = [i for i, asked in enumerate(whole["requests"]) if "/commit/" in asked]
    for status, lasting in ((0, 1), (403, 0), (507, 0)):
        for at in range(committed + 3):  # and two of loading back
            api = HfApi()
            api.delete_repo("ada/fresh", missing_ok=True)
            fault(at=at, status=status, lasting=lasting)
            tell(case="fresh", at=at, status=status, **attempt("ada/fresh"))
            fault(at=at, status=status, lasting=lasting)
            tell(case="full", at=at, status=status, **attempt("ada/full", revision="other"))

    # The connection ends after the Hub did what was asked, so that its answer is lost.
    for at in range(committed + 1):
        for case, repo in (("lost, fresh", "ada/fresh"), ("lost, full", "ada/full")):
            HfApi().delete_repo("ada/fresh", missing_ok=True)
            fault(at=at, status=0, served=1)
            tell(case=case, at=at, **attempt(repo))


whole = attempt("ada/new")
tell(case="whole", **whole)
with_faults() if sys.argv[2:] == ["faults"] else without_faults()
