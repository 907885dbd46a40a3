"""Train an encoder by its recipe, and publish its folder.

Usage: ``searcher.py FOLDER``; ``FOLDER/expected.json`` has its vectors.
"""

import json
import runpy
import sys
from pathlib import Path

from sentence_transformers import SentenceTransformer

from hf_recurrent.__main__ import main
from tests.hub.flows.searcher_back import vectors
from tests.tasks.text_retrieval.collection import write_collection

RECIPE = Path(__file__).parents[3] / "scripts" / "train_retrieval.py"

folder = Path(sys.argv[1])
flags = ["--dataset", str(write_collection(folder / "data")), "--vectors", "random"]
flags += ["--hidden-size", "8", "--epochs", "2", "--batch-size", "8"]
sys.argv = [str(RECIPE), *flags, "--output-dir", str(folder / "searcher")]
runpy.run_path(str(RECIPE), run_name="__main__")
opened = SentenceTransformer(str(folder / "searcher"), device="cpu")
(folder / "expected.json").write_text(json.dumps(vectors(opened)))
assert main(["publish", str(folder / "searcher"), "ada/searcher", "--yes"]) == 0
