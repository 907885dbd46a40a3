"""Push and load by Xet: files, a folder, a data set and a model; prints one JSON object."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import datasets
from huggingface_hub import (
    CommitOperationAdd,
    HfApi,
    get_session,
    hf_hub_download,
    snapshot_download,
)
from transformers import AutoModelForSequenceClassification

from hf_recurrent.hub import PublishError, plan, publish
from tests.hub.flows.samples import make_samples, outputs

FOLDER = Path(sys.argv[1])
datasets.disable_progress_bars()
api = HfApi()
told: dict[str, Any] = {}
contents = {f"{i}.bin": bytes(range(256)) * 500 * i for i in (1, 2, 3)}
api.create_repo("ada/files")
additions = [CommitOperationAdd(name, content) for name, content in contents.items()]
api.create_commit("ada/files", additions, commit_message="Files")
back = {name: Path(hf_hub_download("ada/files", name)).read_bytes() for name in contents}
told["files"] = back == contents

(FOLDER / "sub").mkdir()
for name, content in contents.items():
    (FOLDER / "sub" / name).write_bytes(content[::-1])
api.create_repo("ada/folder")
api.upload_folder(repo_id="ada/folder", folder_path=FOLDER)
found = Path(snapshot_download("ada/folder"))
told["folder"] = all((found / "sub" / n).read_bytes() == c[::-1] for n, c in contents.items())

rows = datasets.Dataset.from_dict({"number": list(range(50_000))})
rows.push_to_hub("ada/numbers")
told["rows"] = datasets.load_dataset("ada/numbers", split="train")[:] == rows[:]

model, tokenizer = make_samples()["bilstm-classifier"]
model.push_to_hub("ada/model")
loaded = AutoModelForSequenceClassification.from_pretrained("ada/model")
told["model"] = outputs(loaded, tokenizer) == outputs(model, tokenizer)
model.classifier.bias.data.add_(1)
model.save_pretrained(FOLDER / "model")
tokenizer.save_pretrained(FOLDER / "model")
planned = plan(FOLDER / "model", "ada/published")
get_session().post(
    f"{os.environ['HF_ENDPOINT']}/_test/fault", json={"path": "xet-write", "status": 403}
)
try:
    publish(planned)
except PublishError as error:
    told["refused"] = str(error)
told["taken back"] = not api.repo_exists("ada/published")
get_session().post(f"{os.environ['HF_ENDPOINT']}/_test/fault", json={"at": -1})
told["published"] = bool(publish(planned).oid)
print(json.dumps(told))
