import json
import runpy
import sys
from pathlib import Path

import pytest

from hf_recurrent.__main__ import main
from hf_recurrent.hub import Record
from tests.tasks.video_classification.conftest import write_skeletons

SCRIPT = Path(__file__).parents[2] / "scripts" / "train_video_classification.py"


def test_actions_are_trained_judged_and_told_again(
    monkeypatch: pytest.MonkeyPatch, capsys, tmp_path: Path
) -> None:
    def run(*flags: str) -> str:
        base = [str(SCRIPT), "--output_dir", str(tmp_path / "out"), "--use_cpu", "True"]
        base += ["--disable_tqdm", "True", "--threads", "1", "--hidden_size", "8"]
        monkeypatch.setattr(sys, "argv", [*base, *flags])
        runpy.run_path(str(SCRIPT), run_name="__main__")
        return capsys.readouterr().out

    write_skeletons(tmp_path / "utkinect_skeleton.npz")
    flags = ["--dataset", "utkinect", "--files_dir", str(tmp_path), "--num_train_epochs", "3"]
    flags += ["--learning_rate", "0.02", "--per_device_train_batch_size", "4"]
    printed = run(*flags)
    metrics = json.loads(printed[printed.rindex("{") : printed.rindex("}") + 1])
    assert metrics["test_accuracy"] > 0.5  # of three actions
    assert metrics["test_frames_per_second"] > 0
    assert json.loads(run(*flags)) == metrics
    record = Record.load(tmp_path / "out")
    assert (record.task, record.data.name) == ("video-classification", "utkinect")
    assert record.data.license == "not stated"
    clip = f"{tmp_path / 'utkinect_skeleton.npz'}::0"
    assert main(["predict", str(tmp_path / "out"), clip]) == 0
    assert capsys.readouterr().out.startswith(f"{clip}: ")

    with pytest.raises(SystemExit, match=r"error: .*utkinekt"):
        run("--dataset", "utkinekt", "--output_dir", str(tmp_path / "other"))
