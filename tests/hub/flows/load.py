"""Load what push.py pushed: without trust, without the package, and with it.

Usage: ``load.py FOLDER``; prints one JSON object: for each repository what gave the expected
answers, Auto classes and the tokenizer, by the way it was loaded.
"""

import json
import sys
from pathlib import Path

import transformers
from huggingface_hub import hf_hub_download

from tests.common.load_checkpoints import PACKAGE, REFUSALS, Blocker
from tests.hub.flows.samples import outputs, told

expected = json.loads(Path(sys.argv[1], "expected.json").read_text())
OTHER_HEADS = ("AutoModelForTokenClassification", "AutoModelForCausalLM")
opened: set[tuple[str, str]] = set()
found: dict[str, dict[str, list[str]]] = {"refused": {}, "bare": {}, "package": {}}


def load(way: str, name: str, **options: object) -> None:
    repo, right = f"ada/{name}", expected[name]
    config = json.loads(Path(hf_hub_download(repo, "config.json")).read_text())
    (own,) = [
        a for a, c in config["auto_map"].items() if c.split(".")[1] in config["architectures"]
    ]
    same = found[way].setdefault(name, [])
    tokenizer = transformers.AutoTokenizer.from_pretrained(repo, **options)
    if told(tokenizer) == right["tokenizer"]:
        same.append("AutoTokenizer")
    # An entry of auto_map loads where only what was pushed is there; those whose weights were
    # pushed answer as they did.
    entries = [*config["auto_map"]] if way == "bare" else ["AutoConfig", own]
    if (config["model_type"], own) in opened:  # other heads open one checkpoint of each kind
        entries = [entry for entry in entries if entry not in OTHER_HEADS]
    opened.add((config["model_type"], own))
    for auto_class in entries:
        try:
            loaded = getattr(transformers, auto_class).from_pretrained(repo, **options)
        except ValueError as error:  # a classifier's checkpoint, and another head was asked for
            if not any(sentence in str(error) for sentence in REFUSALS):
                raise
            continue
        answers = {"AutoModel": right["base"], own: right["own"]}.get(auto_class)
        if answers is None or outputs(loaded, tokenizer) == answers:
            same.append(auto_class)
        remote = type(loaded).__module__.startswith("transformers_modules")
        assert remote == (way == "bare"), type(loaded)


def refused(name: str, auto_class: type, repo: str) -> None:
    try:
        auto_class.from_pretrained(f"ada/{repo}", trust_remote_code=False)
    except ValueError as error:
        found["refused"][name] = [str(error)]


sys.meta_path.insert(0, Blocker)
for name in ("gru", "vectors"):  # one a family
    refused(name, transformers.AutoModel, name)
refused("tokenizer", transformers.AutoTokenizer, "tokenizer")
for name in expected:
    load("bare", name, trust_remote_code=True)
alone = transformers.AutoTokenizer.from_pretrained("ada/tokenizer", trust_remote_code=True)
assert told(alone) == expected["ngrams"]["tokenizer"]
assert not any(module.split(".")[0] == PACKAGE for module in sys.modules)

sys.meta_path.remove(Blocker)
__import__(PACKAGE)
for name in expected:
    load("package", name)
print(json.dumps(found))
