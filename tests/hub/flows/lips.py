"""Train a classifier of clips by its recipe, and publish its folder.

Usage: ``lips.py FOLDER``; ``FOLDER/expected.json`` has its answers to ``FOLDER/clip.mp4``.
"""

import json
import runpy
import shutil
import sys
from pathlib import Path

from hf_recurrent.__main__ import main
from tests.common.clips import write_clip
from tests.hub.flows.lips_back import answers

RECIPE = Path(__file__).parents[3] / "scripts" / "train_video_classification.py"

folder = Path(sys.argv[1])
for label, rate in (("slow", 2), ("fast", 4)):
    (folder / "clips" / label).mkdir(parents=True)
    for number in range(12):
        write_clip(folder / "clips" / label / f"{number}.mp4", rate + number % 3 + 1)
shutil.copy(folder / "clips" / "slow" / "0.mp4", folder / "clip.mp4")
flags = ["--dataset", str(folder / "clips"), "--hidden_size", "8", "--threads", "1"]
flags += ["--num_train_epochs", "1", "--height", "8", "--width", "8", "--use_cpu", "True"]
flags += ["--output_dir", str(folder / "lips"), "--disable_tqdm", "True"]
sys.argv = [str(RECIPE), *flags]
runpy.run_path(str(RECIPE), run_name="__main__")
found = answers(str(folder / "lips"), folder / "clip.mp4")
(folder / "expected.json").write_text(json.dumps(found))
assert main(["publish", str(folder / "lips"), "ada/lips", "--yes"]) == 0
