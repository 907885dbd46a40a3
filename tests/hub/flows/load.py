"""Load what push.py pushed: without trust, without the package, and with it.

Usage: ``load.py FOLDER``; prints one JSON object: for each repository the Auto classes that gave
the expected answers, by the way it was loaded.
"""

import json
import sys
from pathlib import Path

import transformers
from huggingface_hub import hf_hub_download

from tests.common.load_checkpoints import PACKAGE, Blocker
from tests.hub.flows.samples import outputs

expected = json.loads(Path(sys.argv[1], "expected.json").read_text())
found: dict[str, dict[str, list[str]]] = {"refused": {}, "bare": {}, "package": {}}


def load(way: str, name: str, **options: object) -> None:
    repo = f"ada/{name}"
    config = json.loads(Path(hf_hub_download(repo, "config.json")).read_text())
    (own,) = [
        a for a, c in config["auto_map"].items() if c.split(".")[1] in config["architectures"]
    ]
    tokenizer = transformers.AutoTokenizer.from_pretrained(repo, **options)
    # Every entry of auto_map loads; the one that was pushed answers as it did.
    for auto_class in config["auto_map"]:
        model = getattr(transformers, auto_class).from_pretrained(repo, **options)
        if auto_class != own or outputs(model, tokenizer) == expected[name]:
            found[way].setdefault(name, []).append(auto_class)
        remote = type(model).__module__.startswith("transformers_modules")
        assert remote == (way == "bare"), type(model)


sys.meta_path.insert(0, Blocker)
for name in expected:
    try:
        transformers.AutoModel.from_pretrained(f"ada/{name}", trust_remote_code=False)
    except ValueError as error:
        found["refused"][name] = [str(error)]
for name in expected:
    load("bare", name, trust_remote_code=True)
assert not any(module.split(".")[0] == PACKAGE for module in sys.modules)

sys.meta_path.remove(Blocker)
__import__(PACKAGE)
for name in expected:
    load("package", name)
print(json.dumps(found))
