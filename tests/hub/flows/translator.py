"""Train a translator by its recipe, publish its folder, and keep what it answers.

Usage: ``translator.py FOLDER``; ``FOLDER/expected.json`` has the answers.
"""

import json
import runpy
import sys
from pathlib import Path

from transformers import pipeline

from hf_recurrent.__main__ import main
from tests.hub.flows.translator_back import answers
from tests.tasks.translation.pairs import write_pairs

RECIPE = Path(__file__).parents[3] / "scripts" / "train_translation.py"

folder = Path(sys.argv[1])
source, target = write_pairs(folder)
flags = ["--dataset", str(source), "--target_file", str(target), "--joint", "False"]
flags += ["--output_dir", str(folder / "translator"), "--pieces", "340", "--dropout", "0"]
flags += ["--embedding_size", "24", "--hidden_size", "32", "--num_train_epochs", "3"]
flags += ["--learning_rate", "0.01", "--per_device_train_batch_size", "8", "--num_beams", "2"]
flags += ["--threads", "1", "--use_cpu", "True", "--disable_tqdm", "True"]
sys.argv = [str(RECIPE), *flags]
runpy.run_path(str(RECIPE), run_name="__main__")
translator = pipeline("recurrent-translation", str(folder / "translator"))
(folder / "expected.json").write_text(json.dumps(answers(translator)))
assert main(["publish", str(folder / "translator"), "ada/translator", "--yes"]) == 0
