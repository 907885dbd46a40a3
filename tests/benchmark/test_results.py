import json
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hf_recurrent.benchmark.jobs import Job
from hf_recurrent.benchmark.results import ResultsFile

JOB = Job("run", "lstm", "glove:tuned", 0, {"learning_rate": 1e-3}, 256, None, None, "abc", "1")
JOBS = [replace(JOB, seed=seed) for seed in range(4)]


def test_rows_are_kept_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    results = ResultsFile(path)
    assert results.get(JOBS[0]) is None
    for job in JOBS[:2]:
        results.append(job, {"seed": job.seed, "word": "naïve"})
    again = ResultsFile(path)
    assert [again.get(job)["result"]["seed"] for job in JOBS[:2]] == [0, 1]
    assert again.get(JOBS[2]) is None
    assert len(path.read_text().splitlines()) == 2


@given(st.data())
@settings(max_examples=60)
def test_a_file_cut_off_anywhere_loses_at_most_its_last_row(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "results.jsonl")
        results = ResultsFile(path)
        for job in JOBS[:3]:
            results.append(job, {"seed": job.seed, "word": "naïve"})
        content = path.read_bytes()
        cut = data.draw(st.integers(0, len(content)))
        path.write_bytes(content[:cut])
        whole = [
            n
            for n in range(1, 4)
            if cut >= len(b"".join(content.splitlines(keepends=True)[:n])) - 1
        ]
        with pytest.warns(UserWarning, match=".") if _is_cut(content, cut) else _nothing():
            after = ResultsFile(path)
        assert len(after.rows) == len(whole)
        after.append(JOBS[3], {"seed": 3})
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        assert [row["result"]["seed"] for row in rows] == [*range(len(whole)), 3]


class _nothing:  # noqa: N801 - stands for a context manager function
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def _is_cut(content: bytes, cut: int) -> bool:
    """Check whether the cut leaves a part of a row, its line break not counted."""
    ends = [i for i, byte in enumerate(content) if byte == ord("\n")]
    return cut > 0 and cut not in ends and cut - 1 not in ends


@pytest.mark.parametrize("line", ["{broken", "[1]", '{"key": 1}', "null", '{"key": "x"}'])
def test_a_damaged_line_is_passed_over_with_its_number(line: str, tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    ResultsFile(path).append(JOBS[0], {})
    with path.open("a") as file:
        file.write(line + "\n")
    with pytest.warns(UserWarning, match="line 2 is no row"):
        results = ResultsFile(path)
    results.append(JOBS[1], {})
    with pytest.warns(UserWarning, match="line 2 is no row"):
        assert len(ResultsFile(path).rows) == 2
    assert line in path.read_text().splitlines()
