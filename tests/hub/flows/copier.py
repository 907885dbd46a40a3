"""Train a network on a memory task by its recipe, and publish its folder.

Usage: ``copier.py FOLDER``; ``FOLDER/expected.json`` has its answers.
"""

import json
import runpy
import sys
from pathlib import Path

from transformers import AutoModelForTokenClassification

from hf_recurrent.__main__ import main
from tests.hub.flows.copier_back import answers

RECIPE = Path(__file__).parents[3] / "scripts" / "train_memory.py"

folder = Path(sys.argv[1])
flags = ["--length", "10", "--steps", "6", "--chrono", "--hidden_size", "8", "--threads", "1"]
flags += ["--eval_steps", "3", "--save_steps", "3", "--logging_steps", "3", "--use_cpu", "True"]
flags += ["--output_dir", str(folder / "copier"), "--disable_tqdm", "True"]
sys.argv = [str(RECIPE), *flags]
runpy.run_path(str(RECIPE), run_name="__main__")
model = AutoModelForTokenClassification.from_pretrained(folder / "copier")
(folder / "expected.json").write_text(json.dumps(answers(model)))
assert main(["publish", str(folder / "copier"), "ada/copier", "--yes"]) == 0
