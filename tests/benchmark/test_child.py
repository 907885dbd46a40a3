"""What only a real child process shows."""

import contextlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hf_recurrent.benchmark import run as run_module
from hf_recurrent.benchmark.run import RESULTS_FILE, _in_child, _JobError
from hf_recurrent.benchmark.worker import serve


def test_memory_is_that_of_the_child(work) -> None:
    # Had the child the parent's peak, as `ru_maxrss` on Linux has, it would report this too.
    held = bytearray(1200 * 2**20)
    held[::4096] = b"x" * len(held[::4096])
    del held
    job, _, place = work("tfidf")
    result = _in_child(job, place)
    assert 100 < result["imported_mib"] <= result["peak_mib"] < 1100


def test_an_error_comes_back_as_a_sentence(work) -> None:
    job, _, place = work("tfidf")
    place = type(place)(**{**vars(place), "data": place.data / "nowhere"})
    receiver, sender = multiprocessing.Pipe(duplex=False)
    serve(job, place, sender)
    kind, sentence = receiver.recv()
    assert kind == "error"
    assert sentence.startswith("tfidf, seed 0: ")
    assert "nowhere" in sentence


def _die(job, place, connection) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_child_that_is_killed_is_told(work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "serve", _die)
    job, _, place = work("tfidf")
    with pytest.raises(_JobError, match="tfidf, seed 0: its process ended with exit status -9"):
        _in_child(job, place)


def _children(parent: int) -> set[str]:
    """Return the entries in /proc of the processes that a process started."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                found.add(str(stat))
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc")
def test_no_child_outlives_a_killed_run(reviews: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hf_recurrent", "benchmark", "--dataset", str(reviews)]
    command += ["--output", str(tmp_path / "out"), "--models", "lstm", "--embeddings", "random"]
    command += ["--threads", "1", "--epochs", "1000"]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = os.environ | {"TMPDIR": str(temporary)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 900
    # Checkpoints are written into the work folder, which the next run may remove.
    while not list((tmp_path / "out").glob(".work-*/*/checkpoint-*")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)
    children = _children(process.pid)
    assert children
    process.kill()
    process.wait()
    deadline = time.monotonic() + 120
    while any(Path(child).exists() for child in children):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert list(temporary.iterdir()) == []


def test_ctrl_c_ends_cleanly_and_the_next_run_goes_on(reviews: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    command = [sys.executable, "-m", "hf_recurrent", "benchmark", "--output", str(output)]
    command += ["--dataset", str(reviews), "--models", "tfidf", "lstm"]
    # Longer than the test waits: the interrupt meets the child at work.
    command += ["--embeddings", "random", "--threads", "1", "--epochs", "1000", "--seeds", "1"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    results = output / RESULTS_FILE
    deadline = time.monotonic() + 900
    while not (results.exists() and results.read_text().endswith("\n")):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(1)
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "goes on from there" in error
    assert "Traceback" not in error
    assert [path.name for path in output.iterdir()] == [RESULTS_FILE]
    (row,) = map(json.loads, results.read_text().splitlines())
    assert row["job"]["model"] == "tfidf"

    again = subprocess.run(
        [*command, "--models", "tfidf"], capture_output=True, text=True, timeout=600
    )
    assert again.returncode == 0
    assert "All runs stand in" in again.stderr
    assert len(results.read_text().splitlines()) == 1


DRIVER = """
import signal, sys
from pathlib import Path
from hf_recurrent.__main__ import main
from hf_recurrent.tasks.text_classification import linear
from tqdm import tqdm

def wait(work):
    for _ in tqdm(range(2)):
        Path({marker!r}).touch()
        signal.pause()

linear.fit_tfidf = wait  # in the child too, which runs this file

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "pause"), reason="waits for a signal")
@pytest.mark.parametrize(
    "end", [pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGKILL]
)
def test_an_end_with_force_leaves_no_warning(reviews: Path, tmp_path: Path, end: int) -> None:
    """A progress bar was at work, whose lock Python would tell to be leaked."""
    marker, driver = tmp_path / "at-work", tmp_path / "driver.py"
    driver.write_text(DRIVER.format(marker=str(marker)))
    command = [sys.executable, str(driver), "benchmark", "--output", str(tmp_path / "out")]
    command += ["--dataset", str(reviews), "--models", "tfidf"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    while not marker.exists():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    process.send_signal(end)
    # The end of stderr is that of the last process that holds it, Python's resource tracker.
    _, error = process.communicate(timeout=300)
    assert "leaked" not in error
    assert "Warning" not in error
    assert "Traceback" not in error
    if end == signal.SIGINT:
        assert error.splitlines()[-1].startswith("Stopped. What is done is kept")
