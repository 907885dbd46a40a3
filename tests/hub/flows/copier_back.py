"""Load the copier of the Hub back, first where the package cannot be imported, and then with it.

Prints one JSON object: the answers, by the way it was loaded.
"""

import json
import sys

import torch
from transformers import AutoModelForTokenClassification, PreTrainedModel

from tests.common.load_checkpoints import PACKAGE, Blocker

ROW = [3, 1, 4, 1, 5, 2, 6, 5, 3, 5, *[8] * 9, 9, *[8] * 10]


def answers(model: PreTrainedModel) -> list[list[float]]:
    """Return the scores of a row's steps."""
    with torch.no_grad():
        return model.eval()(torch.tensor([ROW])).logits[0].tolist()


def main() -> None:
    sys.meta_path.insert(0, Blocker)
    bare = AutoModelForTokenClassification.from_pretrained("ada/copier", trust_remote_code=True)
    assert bare.config.chrono_max_length == 30
    found = {"bare": answers(bare)}
    assert not any(module.split(".")[0] == PACKAGE for module in sys.modules)

    sys.meta_path.remove(Blocker)
    __import__(PACKAGE)
    found["package"] = answers(AutoModelForTokenClassification.from_pretrained("ada/copier"))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
