import json
import runpy
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file

from tests.common.clips import write_clip

SCRIPT = Path(__file__).parents[2] / "scripts" / "train_video_captioning.py"


@pytest.mark.slow
def test_a_run_that_was_stopped_goes_on_to_the_same_weights(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    videos, sentences = [], []
    for number, part in enumerate(["train"] * 6 + ["validate", "test"]):
        write_clip(tmp_path / f"v{number}.mp4", np.full((3, 16, 16, 3), 30 * number, np.uint8))
        videos.append({"video_id": f"v{number}", "split": part})
        sentences.append({"video_id": f"v{number}", "caption": f"a grey of kind {number}"})
    told = {"videos": videos, "sentences": sentences}
    (tmp_path / "captions.json").write_text(json.dumps(told))
    out = tmp_path / "out"
    flags = ["--dataset", str(tmp_path), "--output_dir", str(out), "--hidden_size", "8"]
    flags += ["--embedding_size", "4", "--num_train_epochs", "2", "--save_total_limit", "2"]
    flags += ["--per_device_train_batch_size", "3", "--picture_encoder", "pixels"]
    flags += ["--use_cpu", "True", "--disable_tqdm", "True", "--threads", "1"]
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *flags])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    last = out / "checkpoint-4"
    whole = load_file(last / "model.safetensors")
    shutil.rmtree(last)
    (out / "test_results.json").unlink()
    runpy.run_path(str(SCRIPT), run_name="__main__")
    again = load_file(last / "model.safetensors")
    assert all(again[name].equal(value) for name, value in whole.items())
