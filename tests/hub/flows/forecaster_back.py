"""Load the forecaster of the Hub back, first without the package, and then with it.

Prints one JSON object: the answers, by the way it was loaded.
"""

import json
import sys
from typing import Any

import torch
from transformers import AutoModelForTimeSeriesPrediction

from tests.common.load_checkpoints import PACKAGE, Blocker


def answers(model: Any) -> dict[str, Any]:
    """Return samples and the loss of a series."""
    torch.set_num_threads(1)
    features = len(model.config.time_features)
    given = {
        "past_values": torch.arange(12.0).view(1, -1) % 4,
        "past_time_features": torch.zeros(1, 12, features),
        "future_time_features": torch.zeros(1, 3, features),
    }
    torch.manual_seed(0)
    sampled = model.eval().generate(**given, num_parallel_samples=4).sequences
    with torch.no_grad():
        loss = model(**given, future_values=torch.ones(1, 3)).loss
    return {"sampled": sampled.tolist(), "loss": float(loss)}


def main() -> None:
    sys.meta_path.insert(0, Blocker)
    load = AutoModelForTimeSeriesPrediction.from_pretrained
    model = load("ada/forecaster", trust_remote_code=True)
    assert type(model).__module__.startswith("transformers_modules")
    found = {"bare": answers(model)}
    assert not any(module.split(".")[0] == PACKAGE for module in sys.modules)

    sys.meta_path.remove(Blocker)
    __import__(PACKAGE)
    model = load("ada/forecaster")
    assert type(model).__module__.split(".")[0] == PACKAGE
    found["package"] = answers(model)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
