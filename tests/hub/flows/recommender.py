"""Train a network of items by its recipe, publish its folder, and keep what it recommends.

Usage: ``recommender.py FOLDER EVENTS``; ``FOLDER/expected.json`` has the recommendations.
"""

import json
import runpy
import sys
from pathlib import Path

from transformers import AutoModelForCausalLM, AutoTokenizer

from hf_recurrent.__main__ import main
from tests.hub.flows.recommender_back import recommended
from tests.tasks.next_item_recommendation.conftest import COLUMNS

RECIPE = Path(__file__).parents[3] / "scripts" / "train_next_item_recommendation.py"

folder, events = map(Path, sys.argv[1:])
place = str(folder / "recommender")
flags = ["--dataset", str(events), "--output_dir", place, "--use_cpu", "True"]
flags += [each for name, value in COLUMNS.items() for each in (f"--{name}", value)]
flags += ["--hidden_size", "8", "--num_train_epochs", "2", "--disable_tqdm", "True"]
flags += ["--output_loss", "sampled_softmax", "--negatives", "4"]
sys.argv = [str(RECIPE), *flags]
runpy.run_path(str(RECIPE), run_name="__main__")
opened = AutoModelForCausalLM.from_pretrained(place), AutoTokenizer.from_pretrained(place)
(folder / "expected.json").write_text(json.dumps(recommended(*opened)))
assert main(["publish", place, "ada/recommender", "--yes"]) == 0
