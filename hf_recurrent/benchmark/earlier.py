"""Update output folders from the time before rows had a task, when there was only one task.

Their rows get today's form and key once, so that no run is repeated and their best models are
recognized.
"""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import datasets

from .._whole import write_whole
from .jobs import Job
from .prepare import Prepared
from .settings import DEFAULT_TASK

__all__ = ["bring_up_to_date", "earlier_digest"]


def bring_up_to_date(files: list[Path], prepared: Prepared) -> None:
    """Rewrite rows without a task in each file; a file is replaced whole or not at all.

    Rows of other data keep their old digest, because the new one is not known.

    Args:
        files: Files with one row per line; missing files are skipped.
        prepared: The data of this comparison.

    Raises:
        OSError: If a file cannot be read or written.
    """
    digests: dict[str, str] = {}
    for file in files:
        lines = file.read_bytes().splitlines(keepends=True) if file.is_file() else []
        if not any(map(_is_earlier, lines)):
            continue
        digests = digests or {earlier_digest(prepared.whole or prepared.data): prepared.digest}
        write_whole(file, b"".join(_of_today(line, digests) for line in lines))


def earlier_digest(data: datasets.DatasetDict) -> str:
    """Return the digest of old rows, over the names of classes and the columns."""
    digest = hashlib.sha256()
    for part in sorted(data):
        rows = data[part]
        columns = [rows[name][:] for name in rows.column_names]
        names = [kind.names for kind in rows.features.values() if hasattr(kind, "names")]
        digest.update(json.dumps([part, *names, *columns], default=str).encode())
    return digest.hexdigest()[:16]


def _is_earlier(line: bytes) -> bool:
    return b'"validation_accuracy"' in line and _of_today(line, {}) != line


def _of_today(line: bytes, digests: dict[str, str]) -> bytes:
    """Return the line of a row in today's form; other lines are returned unchanged."""
    try:
        row = json.loads(line)
        told, result = row["job"], row["result"]
        if "task" in told:
            return line
        told = told | {"data": digests.get(told["data"], told["data"])}
        job = Job(task=DEFAULT_TASK, **told)
        row = {"key": job.key, "job": asdict(job), "result": _result(result)}
    except (ValueError, KeyError, TypeError, AttributeError):
        return line
    end = b"\n" if line.endswith(b"\n") else b""
    return json.dumps(row, ensure_ascii=False).encode() + end


def _result(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result with today's names of its figures."""
    told = {"validation": result["validation_accuracy"], **result}
    del told["validation_accuracy"]
    if "trials" in told:
        told["trials"] = [_result(trial) for trial in told["trials"]]
    if "latency" in told:
        latency = dict(told["latency"])
        told["latency"] = {"timed": latency.pop("texts"), **latency}
    return told
