"""Push a Space, with faults too, look at what is left, and run what was downloaded.

Usage: ``space.py MODEL VECTORS``; prints one JSON object a line.
"""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from urllib.request import Request, urlopen

from huggingface_hub import get_session, snapshot_download

from hf_recurrent.app import plan_space, push_space

ENDPOINT = os.environ["HF_ENDPOINT"]
MODEL, VECTORS = sys.argv[1:]
# The Space's own process reaches no other host either, and tells where its package came from.
RUN = """
import runpy, sys, threading, time
import tests.loopback_hub.guard

def tell():
    while "hf_recurrent.app.serving" not in sys.modules:
        time.sleep(0.1)
    print("package", sys.modules["hf_recurrent"].__file__, flush=True)

threading.Thread(target=tell, daemon=True).start()
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def fault(**values: int) -> None:
    get_session().post(f"{ENDPOINT}/_test/fault", json=values)


def state(repo: str) -> tuple[dict | None, list[str]]:
    found = get_session().get(f"{ENDPOINT}/_test/state").json()
    return found["repos"].get(f"space {repo}"), found["requests"]


def tell(**values: object) -> None:
    print(json.dumps(values), flush=True)


def attempt(case: str, repo: str, **options: object) -> list[str]:
    """Tell what a push did; return the requests that it made."""
    before, asked = state(repo)
    try:
        said, failed = push_space(replace(planned, repo_id=repo), **options), False
    except OSError as error:
        said, failed = str(error), True
    fault(at=-1)
    after, requests = state(repo)
    tell(case=case, failed=failed, said=said, before=before, after=after)
    return requests[len(asked) :]


def ask(url: str, function: str, *values: str) -> str:
    call = f"{url}gradio_api/call/{function}"
    body = json.dumps({"data": values}).encode()
    with urlopen(Request(call, body, {"Content-Type": "application/json"})) as response:
        event = json.load(response)["event_id"]
    with urlopen(f"{call}/{event}", timeout=60) as response:
        return json.loads(response.read().decode().split("data: ")[-1])[0]


def run(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = [folder / "app.py", "--host", "127.0.0.1", "--port", str(port)]
    command = [sys.executable, "-c", RUN, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as space:
        stop = threading.Timer(200, space.kill)
        stop.start()
        lines = [space.stdout.readline() for _ in range(2)]
        (package,) = re.findall("^package (.*)$", "".join(lines), re.MULTILINE)
        (url,) = re.findall(r"The page is at (\S+) ", "".join(lines))
        cards = re.findall("<h3>(.*?)</h3>", ask(url, "answer", "a fine film"))
        near = re.findall('hfr-name">(.*?)<', ask(url, "neighbors", "vectors/words.txt", "king"))
        tell(case="ran", package=package, cards=cards, near=near[0])
        space.terminate()
        stop.cancel()


planned = plan_space([MODEL, "ada/bag"], [VECTORS], "ada/new")
attempt("whole", "ada/new")
run(Path(snapshot_download("ada/new", repo_type="space")))

time.sleep = lambda seconds: None  # the client waits between its tries
attempt("full", "ada/full")
attempt("private into public", "ada/full", private=True)
# What is in the storage already is not sent again: the pushes that follow ask as this one does.
requests = attempt("private", "ada/private", private=True)
(committed,) = [i for i, asked in enumerate(requests) if "/commit/" in asked]
for at, status, lasting in (
    (committed - 1, 403, 0),
    (committed, 507, 0),
    (committed, 0, 1),
):
    fault(at=at, status=status, lasting=lasting)
    attempt("fresh", f"ada/fresh-{at}-{status}")
try:
    plan_space(["ada/nothing"], [], "ada/page")
except OSError as error:
    tell(case="missing", said=str(error))
