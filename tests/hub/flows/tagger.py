"""Train a tagger by its recipe, publish its folder, and keep what it answers.

Usage: ``tagger.py FOLDER DATA``; ``FOLDER/expected.json`` has the answers.
"""

import json
import runpy
import sys
from pathlib import Path

from transformers import pipeline

from hf_recurrent.__main__ import main
from tests.hub.flows.tagger_back import answers

RECIPE = Path(__file__).parents[3] / "scripts" / "train_token_classification.py"

folder, data = Path(sys.argv[1]), sys.argv[2]
flags = ["--dataset", data, "--output_dir", str(folder / "tagger"), "--vectors", "random"]
flags += ["--characters", "cnn", "--crf", "True", "--tag_scheme", "BIO", "--hidden_size", "8"]
flags += ["--num_train_epochs", "8", "--learning_rate", "0.02", "--threads", "1"]
flags += ["--per_device_train_batch_size", "8", "--use_cpu", "True", "--disable_tqdm", "True"]
sys.argv = [str(RECIPE), *flags]
runpy.run_path(str(RECIPE), run_name="__main__")
tagger = pipeline("token-classification", str(folder / "tagger"))
(folder / "expected.json").write_text(json.dumps(answers(tagger)))
assert main(["publish", str(folder / "tagger"), "ada/tagger", "--yes"]) == 0
