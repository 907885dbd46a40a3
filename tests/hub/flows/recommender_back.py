"""Load the network of items of the Hub back, first without the package, and then with it.

Prints what ``hf-recurrent predict`` names, and then one JSON object: the next items and their
scores, by the way it was loaded.
"""

import json
import sys
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from tests.common.load_checkpoints import PACKAGE, Blocker

SESSIONS = ["red_shoes blue_shoes", "hat", "bag red_shoes hat"]


@torch.inference_mode()
def recommended(model: Any, tokenizer: Any) -> list[Any]:
    """Return the three most probable items after each session, with their scores."""
    told = []
    for session in SESSIONS:
        best = model(**tokenizer(session, return_tensors="pt")).logits[0, -1].topk(3)
        told.append([tokenizer.convert_ids_to_tokens(best.indices.tolist()), best.values.tolist()])
    return told


def main() -> None:
    sys.meta_path.insert(0, Blocker)
    place, trusted = "ada/recommender", {"trust_remote_code": True}
    model = AutoModelForCausalLM.from_pretrained(place, **trusted)
    assert type(model).__module__.startswith("transformers_modules")
    found = {"bare": recommended(model, AutoTokenizer.from_pretrained(place, **trusted))}
    assert not any(module.split(".")[0] == PACKAGE for module in sys.modules)

    sys.meta_path.remove(Blocker)
    from hf_recurrent.__main__ import main as command

    assert command(["predict", place, "red shoes", "The HAT"]) == 0
    model = AutoModelForCausalLM.from_pretrained(place)
    assert type(model).__module__.split(".")[0] == PACKAGE
    found["package"] = recommended(model, AutoTokenizer.from_pretrained(place))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
