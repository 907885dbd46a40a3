import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from hf_recurrent.benchmark import measure
from hf_recurrent.benchmark.measure import (
    folder_size,
    latency,
    machine,
    peak_memory,
    predict_all,
)


def test_predictions_come_in_the_order_of_the_texts_and_in_batches_of_like_lengths() -> None:
    texts = ["x" * ((37 * i) % 101) for i in range(101)]
    batches = []

    def predict(batch):
        batches.append([len(text) for text in batch])
        return [len(text) for text in batch]

    labels, seconds = predict_all(predict, texts)
    assert labels == [len(text) for text in texts]
    assert max(map(len, batches)) == 32
    assert all(max(a) <= min(b) for a, b in itertools.pairwise(batches))
    assert seconds > 0


def test_latency_is_of_one_text_at_a_time_after_a_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    seen: list[int] = []

    def predict(batch):
        nonlocal now
        assert len(batch) == 1
        # The warm-up is slow; then each text takes as many milliseconds as it has letters.
        now += 10.0 if len(seen) < 20 else len(batch[0]) / 1000
        seen.append(len(batch[0]))
        return [0]

    monkeypatch.setattr(measure.time, "perf_counter", lambda: now)
    figures = latency(predict, ["x" * n for n in range(1, 301)])
    assert len(seen) == 220
    assert figures["timed"] == 200
    assert figures["median_ms"] == pytest.approx(np.median(range(1, 201)))
    assert figures["p95_ms"] == pytest.approx(np.percentile(range(1, 201), 95))


def test_peak_memory_counts_what_was_touched() -> None:
    before = peak_memory()
    held = bytearray(int(before * 2**20) + 100 * 2**20)
    held[::4096] = b"x" * len(held[::4096])
    assert peak_memory() > before + 90


def test_the_size_of_a_folder_is_that_of_all_files(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "one").write_bytes(bytes(2**20))
    (tmp_path / "a" / "b" / "two").write_bytes(bytes(2**19))
    assert folder_size(tmp_path) == 1.5


def test_the_machine_is_told_without_names_or_paths() -> None:
    text = json.dumps(machine())
    assert "/" not in text
    assert "threads" not in machine(), "each row tells its own, which is no other machine"


def test_all_code_that_decides_a_figure_is_in_its_digest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also what lies in folders of folders, and what moves from one file to the next."""
    package = tmp_path / "package"
    monkeypatch.setattr(measure, "__file__", str(package / "benchmark" / "measure.py"))
    names = ["benchmark/a.py", "vectors/training/b.py", "models/c.py", "tasks/text/d.py", "_e.py"]
    deciding = [package / name for name in names]
    others = [package / name for name in ("app/a.py", "commands/vectors/b.py", "models/c.txt")]
    for path in [*deciding, *others]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one\ntwo\n")

    def digest() -> str:
        return machine()["code"]

    seen = [digest()]
    for path in deciding:
        path.write_text("one\n")
        seen.append(digest())
    deciding[0].rename(deciding[0].with_name("z.py"))
    seen.append(digest())
    assert len(set(seen)) == len(seen)
    for path in others:
        path.write_text("three\n")
    assert digest() == seen[-1]
