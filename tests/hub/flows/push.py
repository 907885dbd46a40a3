"""Push every model, tokenizer and a configuration; FOLDER/expected.json keeps the answers."""

import json
import sys
from contextlib import suppress
from pathlib import Path

from huggingface_hub import HfApi

from hf_recurrent import StaticEmbeddingConfig, StaticEmbeddingModel
from tests.hub.flows.samples import make_samples, outputs, told

api, samples, expected = HfApi(), make_samples(), {}
for name, (model, tokenizer) in samples.items():
    model.push_to_hub(f"ada/{name}")
    tokenizer.push_to_hub(f"ada/{name}")
    expected[name] = {
        "own": outputs(model, tokenizer),
        "base": outputs(model.base_model, tokenizer),
        "tokenizer": told(tokenizer),
    }
Path(sys.argv[1], "expected.json").write_text(json.dumps(expected))

# Private, on a branch, as a pull request, and a tag.
model = samples["gru"].model
model.push_to_hub("ada/private", private=True)
model.push_to_hub("ada/private", revision="trial")
model.layers[0].weight_hh_l0.data.add_(1)  # what has not changed makes no commit
model.push_to_hub("ada/private", create_pr=True)
api.create_tag("ada/private", tag="v1", revision="trial")
model.config.push_to_hub("ada/configuration")
samples["ngrams"].tokenizer.push_to_hub("ada/tokenizer")

# One-hot vectors without anything behind them have no weights at all.
one_hot = StaticEmbeddingModel(
    StaticEmbeddingConfig(vocab_size=5, embedding_config={"kind": "one_hot"})
)
with suppress(ValueError):
    one_hot.push_to_hub("ada/no-weights")
