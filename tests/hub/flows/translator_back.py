"""Load the translator of the Hub back, first without the package, and then with it.

Prints one JSON object: the answers, by the way it was loaded.
"""

import json
import sys
from typing import Any

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, Pipeline, pipeline

from tests.common.load_checkpoints import PACKAGE, Blocker

TEXTS = ["the red dog sees.", "a horse."]


def answers(translator: Pipeline) -> dict[str, Any]:
    """Return the translations of the pipeline, and what the model itself gives."""
    told: dict[str, Any] = {"texts": [each["translation_text"] for each in translator(TEXTS)]}
    return told | generated(translator.model, translator.tokenizer)


def generated(model: Any, tokenizer: Any) -> dict[str, Any]:
    """Return generated ids and the loss of a pair."""
    batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
    with torch.no_grad():
        ids = model.generate(**batch)
        labels = tokenizer(text_target="le chien", return_tensors="pt").input_ids
        loss = model(**tokenizer("the dog", return_tensors="pt"), labels=labels).loss
    return {"ids": ids.tolist(), "loss": float(loss)}


def main() -> None:
    sys.meta_path.insert(0, Blocker)
    model = AutoModelForSeq2SeqLM.from_pretrained("ada/translator", trust_remote_code=True)
    tokenizer = AutoTokenizer.from_pretrained("ada/translator", trust_remote_code=True)
    assert type(model).__module__.startswith("transformers_modules")
    assert type(tokenizer).__module__.startswith("transformers_modules")
    found = {"bare": generated(model, tokenizer)}
    assert not any(module.split(".")[0] == PACKAGE for module in sys.modules)

    sys.meta_path.remove(Blocker)
    __import__(PACKAGE)
    whole = pipeline("recurrent-translation", "ada/translator")
    assert type(whole.model).__module__.split(".")[0] == PACKAGE
    found["package"] = answers(whole)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
