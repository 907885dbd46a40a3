"""Two comparisons in one folder would take each other's models away."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hf_recurrent.__main__ import main
from hf_recurrent.benchmark.lock import LOCK_FILE, WORK_PREFIX, sole_use

HOLDER = """
import sys, time
from pathlib import Path
from hf_recurrent.benchmark.lock import sole_use
with sole_use(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(folder: Path) -> subprocess.Popen:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_comparison_is_told_in_one_sentence(
    reviews: Path, tmp_path: Path, no_children: list[str], capsys
) -> None:
    output = tmp_path / "out"
    command = ["benchmark", "--dataset", str(reviews), "--models", "tfidf", "--output", str(output)]
    first = holder(output)
    assert main(command) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"hf-recurrent: Another comparison is at work in {output}: ")
    assert no_children == []
    assert [path.name for path in output.iterdir()] == [LOCK_FILE]
    first.communicate()
    assert main(command) == 0
    assert no_children == ["tfidf, seed 0"]
    assert not (output / LOCK_FILE).exists()


@pytest.mark.skipif(os.name == "nt", reason="processes are not killed so")
def test_a_killed_comparison_locks_nobody_out(tmp_path: Path) -> None:
    killed = holder(tmp_path)
    unfinished = tmp_path / f"{WORK_PREFIX}abc" / "data"
    unfinished.mkdir(parents=True)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert (tmp_path / LOCK_FILE).exists()
    with sole_use(tmp_path):
        assert not unfinished.parent.exists()
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_free_after_an_error(tmp_path: Path) -> None:
    def stopped() -> None:
        with sole_use(tmp_path / "out"):
            with pytest.raises(ValueError, match="Another comparison"), sole_use(tmp_path / "out"):
                pass
            raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            stopped()
    with sole_use(tmp_path / "other"), sole_use(tmp_path / "out"):
        pass
