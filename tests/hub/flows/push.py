"""Push every model, a tokenizer and a configuration; FOLDER/expected.json keeps the answers."""

import json
import sys
from pathlib import Path

from huggingface_hub import HfApi

from tests.hub.flows.samples import make_models, make_tokenizer, outputs

api, tokenizer, expected = HfApi(), make_tokenizer(), {}
for name, model in make_models().items():
    model.push_to_hub(f"ada/{name}")
    tokenizer.push_to_hub(f"ada/{name}")
    expected[name] = outputs(model, tokenizer)
Path(sys.argv[1], "expected.json").write_text(json.dumps(expected))

# Private, on a branch, as a pull request, and a tag.
model = make_models()["gru"]
model.push_to_hub("ada/private", private=True)
model.push_to_hub("ada/private", revision="trial")
model.layers[0].weight_hh_l0.data.add_(1)  # what has not changed makes no commit
model.push_to_hub("ada/private", create_pr=True)
api.create_tag("ada/private", tag="v1", revision="trial")
make_models()["gru"].config.push_to_hub("ada/configuration")
