"""The results file: one JSON object per line; rows are only appended."""

import json
import os
import warnings
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .jobs import Job

Row = dict[str, Any]


class ResultsFile:
    """Rows by the key of their job; a job whose row is in the file is not run again.

    A last line that was cut off, for example by a power failure, is ignored and overwritten by
    the next row. Other unreadable lines are skipped. Both give a warning.

    Args:
        path: The file; it is created with the first row.

    Raises:
        OSError: If it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[str, Row] = {}
        self._cut_at: int | None = None
        content = path.read_bytes() if path.exists() else b""
        self._ends_line = content.endswith(b"\n") or not content
        for number, line in enumerate(content.splitlines(keepends=True), 1):
            row = _parse(line)
            if row is not None:
                self.rows[row["key"]] = row
            elif not line.endswith(b"\n"):
                self._cut_at = len(content) - len(line)
                warnings.warn(
                    f"{path.name}: the last line, {number}, was cut off and is left out: its run "
                    f"is done again.",
                    stacklevel=2,
                )
            elif line.strip():
                warnings.warn(
                    f"{path.name}: line {number} is no row of results and is passed over: if it "
                    f"was one, its run is done again.",
                    stacklevel=2,
                )

    def get(self, job: Job) -> Row | None:
        """Return the row of a job, or ``None`` if it is not done."""
        return self.rows.get(job.key)

    def append(self, job: Job, result: Mapping[str, Any]) -> Row:
        """Append the row of a job and return it once it is on the disk."""
        row = {"key": job.key, "job": asdict(job), "result": dict(result)}
        line = json.dumps(row, ensure_ascii=False) + "\n"
        with self.path.open("ab") as file:
            if self._cut_at is not None:
                file.truncate(self._cut_at)
            elif not self._ends_line:
                line = "\n" + line
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
        self._cut_at, self._ends_line = None, True
        self.rows[job.key] = row
        return row


def _parse(line: bytes) -> Row | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    kinds = {"key": str, "job": dict, "result": dict}
    whole = isinstance(row, dict) and all(isinstance(row.get(k), t) for k, t in kinds.items())
    return row if whole else None
