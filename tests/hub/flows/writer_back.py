"""Load the language model of the Hub back, first without the package, and then with it.

Prints one JSON object: the answers, by the way it was loaded.
"""

import json
import sys
from typing import Any

import torch
from transformers import Pipeline, pipeline

from tests.common.load_checkpoints import PACKAGE, Blocker

PROMPTS = ["the old king", "héllo! the"]


def answers(writer: Pipeline) -> dict[str, Any]:
    """Return continuations, greedy and by beams, and the log-probabilities of the prompts."""
    told: dict[str, Any] = {}
    settings: dict[str, Any] = {"max_new_tokens": 6, "min_new_tokens": 4, "do_sample": False}
    told["texts"] = [writer(each, **settings)[0]["generated_text"] for each in PROMPTS]
    for beams in (1, 2):
        settings |= {"num_beams": beams, "return_tensors": True}
        made = [writer(prompt, **settings)[0]["generated_token_ids"] for prompt in PROMPTS]
        told[f"ids with {beams}"] = [[*map(int, ids)] for ids in made]
    with torch.no_grad():
        scores = writer.model.log_probabilities(PROMPTS, writer.tokenizer)
    return told | {"scores": [score.tolist() for score in scores]}


def main() -> None:
    sys.meta_path.insert(0, Blocker)
    bare = pipeline("text-generation", "ada/writer", trust_remote_code=True)
    assert type(bare.model).__module__.startswith("transformers_modules")
    found = {"bare": answers(bare)}
    assert not any(module.split(".")[0] == PACKAGE for module in sys.modules)

    sys.meta_path.remove(Blocker)
    __import__(PACKAGE)
    whole = pipeline("text-generation", "ada/writer")
    assert type(whole.model).__module__.split(".")[0] == PACKAGE
    found["package"] = answers(whole)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
