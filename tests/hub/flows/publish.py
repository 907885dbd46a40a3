"""Publish a folder with faults at every request, and look at what is left.

Usage: ``publish.py MODEL``; prints one JSON object a line.
"""

import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import httpx2
from huggingface_hub import HfApi

from hf_recurrent.hub import PublishError, plan, publish

ENDPOINT = os.environ["HF_ENDPOINT"]
time.sleep = lambda seconds: None  # the client waits between its tries


def fault(**values: int) -> None:
    httpx2.post(f"{ENDPOINT}/_test/fault", json=values)


def state() -> dict:
    return httpx2.get(f"{ENDPOINT}/_test/state").json()


planned = plan(Path(sys.argv[1]), "ada/new")


def attempt(repo: str, **options: object) -> dict:
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


def tell(**values: object) -> None:
    print(json.dumps(values), flush=True)


whole = attempt("ada/new")
tell(case="whole", **whole)
tell(case="again", **attempt("ada/new"))
tell(case="pull request", **attempt("ada/new", pull_request=True))
tell(case="branch", **attempt("ada/new", revision="trial"))
tell(case="private", **attempt("ada/private", private=True))
tell(case="name taken", **attempt("bob/taken"))
(committed,) = [i for i, asked in enumerate(whole["requests"]) if "/commit/" in asked]
for status, lasting in ((0, 1), (403, 0), (507, 0)):
    for at in range(committed + 3):  # and two of loading back
        api = HfApi()
        api.delete_repo("ada/fresh", missing_ok=True)
        fault(at=at, status=status, lasting=lasting)
        tell(case="fresh", at=at, status=status, **attempt("ada/fresh"))
        fault(at=at, status=status, lasting=lasting)
        tell(case="full", at=at, status=status, **attempt("ada/full", revision="other"))
