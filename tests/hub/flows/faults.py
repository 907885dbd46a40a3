"""Push by the ordinary calls with faults, at every request and on a full disk; look what is left.

Usage: ``faults.py FOLDER``; prints one JSON object a line. Ordinary are ``push_to_hub`` of a model
and that of a trainer with our mixin; ``publish`` has a flow of its own.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
from huggingface_hub import HfApi, ModelCard, get_session
from transformers import AutoModel, Trainer, TrainingArguments

from hf_recurrent.hub import HubTrainerMixin, plan, publish
from tests.common.full_disk import disk_of
from tests.hub.flows.samples import TEXTS, make_samples

ENDPOINT, FOLDER = os.environ["HF_ENDPOINT"], Path(sys.argv[1])
time.sleep = lambda seconds: None  # the client waits between its tries
model, tokenizer = make_samples()["bilstm-classifier"]


class HubTrainer(HubTrainerMixin, Trainer):
    """What a user writes."""


def by_model(repo: str, **options: Any) -> None:
    model.push_to_hub(repo, **options)


def by_trainer(repo: str, **options: Any) -> None:
    args = TrainingArguments(
        output_dir=str(FOLDER / "run"), hub_model_id=repo, report_to="none", use_cpu=True
    )
    HubTrainer(model=model, args=args, processing_class=tokenizer).push_to_hub(**options)


def fault(**values: int) -> None:
    get_session().post(f"{ENDPOINT}/_test/fault", json=values)


def state() -> dict[str, Any]:
    return get_session().get(f"{ENDPOINT}/_test/state").json()


def attempt(repo: str, act: Callable[[], object]) -> dict[str, Any]:
    """Do something, and tell what was said of it and how a repository was before and after."""
    before = state()
    error: Exception | None = None
    try:
        act()
    except Exception as caught:  # every kind counts: its name is looked at
        error = caught
    fault(at=-1)
    after = state()
    return {
        "error": error and type(error).__name__,
        "said": str(error) if error else "",
        "before": before["repos"].get(f"model {repo}"),
        "after": after["repos"].get(f"model {repo}"),
        "requests": after["requests"][len(before["requests"]) :],
    }


def tell(case: str, way: str, **values: Any) -> None:
    print(json.dumps({"case": case, "way": way, **values}), flush=True)


def on_full_disk(size: int, act: Callable[[], object]) -> Callable[[], None]:
    def tried() -> None:
        with disk_of(size):
            act()

    return tried


MOST = 20  # requests that a push makes at most


def change() -> None:
    """Change the model: what has not changed makes no commit."""
    model.classifier.bias.data.add_(1)


for way, push in (("model", by_model), ("trainer", by_trainer)):
    whole = attempt(f"ada/{way}", lambda push=push, way=way: push(f"ada/{way}"))
    tell("whole", way, **whole)
    for token in ("hf_wrong", "hf_read", "hf_other"):
        change()
        for repo in (f"ada/{way}", "ada/new"):
            act = lambda push=push, repo=repo, token=token: push(repo, token=token)  # noqa: E731
            tell("token", way, token=token, **attempt(repo, act))
    tell("taken", way, **attempt("bob/taken", lambda push=push: push("bob/taken")))
    for repo in ("ada/fresh", "ada/full"):
        act = lambda push=push, repo=repo: push(repo)  # noqa: E731
        if repo == "ada/full":
            ModelCard.load(repo)  # from then on the client has it, and asks for it no more
        for at in range(1, MOST):
            HfApi().delete_repo("ada/fresh", missing_ok=True)
            change()
            fault(at=at, status=0, lasting=1)
            tried = attempt(repo, act)
            if len(tried["requests"]) < at:  # it ended before the fault
                break
            tell(repo, way, at=at, **tried)
        tell("again", way, **attempt(repo, act))
        change()
        fault(at=at - 1, status=0, served=1)  # the commit is made, and its answer is lost
        tell("answer lost", way, **attempt(repo, act))
        tell("again", way, **attempt(repo, act))

# Large files that the Hub has already are not sent again: this model's are new at each try.
folder = FOLDER / "model"
model.save_pretrained(folder)
tokenizer.save_pretrained(folder)
for at in range(3, MOST):
    change()
    model.save_pretrained(folder)
    planned = plan(folder, "ada/published")
    fault(at=at, status=507)
    tried = attempt("ada/published", lambda: publish(planned))  # noqa: B023 - called at once
    tell("publish", "publish", at=at, **tried)
    if tried["after"] is not None:
        break

args = TrainingArguments(
    output_dir=str(FOLDER / "trained"),
    num_train_epochs=3,
    save_strategy="epoch",
    push_to_hub=True,
    hub_model_id="ada/trained",
    hub_strategy="every_save",
    hub_always_push=True,
    report_to="none",
    use_cpu=True,
    disable_tqdm=True,
)
rows = datasets.Dataset.from_dict(tokenizer(TEXTS) | {"labels": [1, 0, 1]})
trainer = HubTrainer(model=model, args=args, train_dataset=rows, processing_class=tokenizer)
fault(at=2, status=0, lasting=1)
tell("training", "trainer", **attempt("ada/trained", trainer.train))
tell("again", "trainer", **attempt("ada/trained", trainer.push_to_hub))

for name, size, act in (
    ("load", 100, lambda: AutoModel.from_pretrained("ada/model", cache_dir=FOLDER / "cache")),
    ("model", 4000, lambda: by_model("ada/full")),
    ("trainer", 4000, lambda: by_trainer("ada/full")),
    ("publish", 4000, lambda: publish(planned)),
):
    change()
    repo = "ada/published" if name == "publish" else "ada/full"
    tell("full disk", name, **attempt(repo, on_full_disk(size, act)))
    tell("again", name, **attempt(repo, act))
