"""Judge a model of the Hub on data of the Hub by metrics of ours, one of them from a Space.

Prints one JSON object.
"""

import json
from typing import Any

import datasets
import evaluate
import huggingface_hub
import torch
from huggingface_hub import HfApi, ModelCard, RepoCard

from hf_recurrent.metrics import F1, Accuracy
from tests.hub.flows.samples import TEXTS, make_samples

# evaluate takes the first metric that it finds in the file.
SPACE = "from hf_recurrent.metrics import Matthews\n"

datasets.disable_progress_bars()
if huggingface_hub.__version__.startswith("1."):
    # It asks the real Hub whether a card is valid, whatever HF_ENDPOINT says.
    RepoCard.validate = lambda self, repo_type=None: None
api, told = HfApi(), {}
model, tokenizer = make_samples()["bilstm-classifier"]
model.push_to_hub("ada/judged")
tokenizer.push_to_hub("ada/judged")
texts = [f"{text} {more}" for text in TEXTS for more in ("", "and good", "film", "and dull")]
with torch.no_grad():
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    predicted = model.eval()(**batch).logits.argmax(-1).tolist()
labels = [1 - p if i % 3 == 0 else p for i, p in enumerate(predicted)]
features = datasets.Features(
    text=datasets.Value("string"), label=datasets.ClassLabel(names=["bad", "good"])
)
rows = datasets.Dataset.from_dict({"text": texts, "label": labels}, features=features)
rows.push_to_hub("ada/rows", split="test")
api.create_repo("ada/matthews", repo_type="space", space_sdk="static")
for name, content in (("matthews.py", SPACE), ("README.md", "---\ntags: [metric]\n---\n")):
    api.upload_file(
        path_or_fileobj=content.encode(),
        path_in_repo=name,
        repo_id="ada/matthews",
        repo_type="space",
    )

loaded = evaluate.load("ada/matthews")
told["loaded"] = loaded.compute(predictions=predicted, references=labels)
metrics = evaluate.combine([Accuracy(), F1(average="macro"), loaded])
told["expected"] = metrics.compute(predictions=predicted, references=labels)
told["share"] = sum(p == label for p, label in zip(predicted, labels, strict=True)) / len(labels)
told["evaluator"] = evaluate.evaluator("text-classification").compute(
    model_or_pipeline="ada/judged",
    data="ada/rows",
    split="test",
    metric=metrics,
    label_mapping={"bad": 0, "good": 1},
)
told["listed"] = evaluate.list_evaluation_modules()

result: dict[str, Any] = {
    "model_id": "ada/judged",
    "task_type": "text-classification",
    "dataset_type": "ada/rows",
    "dataset_name": "Rows",
    "metric_type": "accuracy",
    "metric_name": "Accuracy",
}
evaluate.push_to_hub(**result, metric_value=told["evaluator"]["accuracy"])
(kept,) = ModelCard.load("ada/judged").data.eval_results
told["card"] = [kept.dataset_type, kept.metric_type, kept.metric_value]
before = api.model_info("ada/judged").sha
try:
    evaluate.push_to_hub(**result, metric_value=0.0)
except ValueError as error:
    told["again"] = str(error)
told["unchanged"] = api.model_info("ada/judged").sha == before
print(json.dumps(told))
