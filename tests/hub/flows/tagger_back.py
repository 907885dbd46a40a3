"""Load the tagger of the Hub back, first where the package cannot be imported, and then with it.

Prints one JSON object: the answers, by the way it was loaded.
"""

import json
import sys
from typing import Any

import torch
from transformers import Pipeline, pipeline

from tests.common.load_checkpoints import PACKAGE, Blocker

SENTENCES = ["grace lives in new york .", "in oslo we met Zuleika .", "ada"]
STRATEGIES = ("none", "simple", "first", "average", "max")


def answers(tagger: Pipeline) -> dict[str, Any]:
    """Return spans by every strategy, the best path, and the three best of each sentence."""
    batch = tagger.tokenizer(SENTENCES, padding=True, return_tensors="pt")
    with torch.no_grad():
        outputs = tagger.model(**batch)
    ranked = tagger.model.n_best(3, **batch)
    told = {name: tagger(SENTENCES, aggregation_strategy=name) for name in STRATEGIES}
    return {
        "spans": json.loads(json.dumps(told, default=float)),
        "logits": outputs.logits.tolist(),
        "path": outputs.predictions.tolist(),
        "ranked": [ranked.paths.tolist(), ranked.log_probabilities.tolist()],
    }


def main() -> None:
    sys.meta_path.insert(0, Blocker)
    bare = pipeline("token-classification", "ada/tagger", trust_remote_code=True)
    assert type(bare.model).__module__.startswith("transformers_modules")
    assert type(bare.tokenizer).__module__.startswith("transformers_modules")
    found = {"bare": answers(bare)}
    assert not any(module.split(".")[0] == PACKAGE for module in sys.modules)

    sys.meta_path.remove(Blocker)
    __import__(PACKAGE)
    whole = pipeline("token-classification", "ada/tagger")
    assert type(whole.model).__module__.split(".")[0] == PACKAGE
    found["package"] = answers(whole)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
