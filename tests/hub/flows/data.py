"""Push data sets, load them by the package's own readers, and run the comparison on one.

Usage: ``data.py FOLDER``; prints one JSON object.
"""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

# The children of the comparison import this file first, and reach no other host either.
import tests.loopback_hub.guard  # noqa: F401 - it guards by being imported


def main(folder: Path) -> None:
    import datasets

    from hf_recurrent.data import TEXT_DATASETS, load_text_dataset
    from tests.hub.flows.stand_ins import push_stand_ins

    datasets.disable_progress_bars()
    names = ["dull", "fine"]
    rows = {
        "review": [f"{names[i % 2]} film number {i}" for i in range(60)],
        "stars": [i % 2 for i in range(60)],
    }
    features = datasets.Features(
        review=datasets.Value("string"), stars=datasets.ClassLabel(names=names)
    )
    whole = datasets.Dataset.from_dict(rows, features=features)
    pushed = datasets.DatasetDict(train=whole.select(range(48)), test=whole.select(range(48, 60)))
    pushed.push_to_hub("ada/reviews")
    back = datasets.load_dataset("ada/reviews")
    columns = {"text_column": "review", "label_column": "stars"}
    told: dict[str, Any] = {
        "back": {part: data[:] == pushed[part][:] for part, data in back.items()},
        "features": back["train"].features == features,
        "own": look(load_text_dataset("ada/reviews", **columns)),
    }
    push_stand_ins(folder / "stand-ins")
    told["named"] = {
        name: look(load_text_dataset(name, source="hub"))
        for name, spec in TEXT_DATASETS.items()
        if spec.hub is not None
    }
    flags = ["--text-column", "review", "--label-column", "stars"]
    compared = ["--models", "tfidf", "mean", "--embeddings", "random"]
    brief = ["--seeds", "1", "--epochs", "1", "--output", str(folder / "results")]
    told["benchmark"] = command("benchmark", "--dataset", "ada/reviews", *flags, *compared, *brief)
    told["no column"] = command("benchmark", "--dataset", "ada/reviews", *compared, *brief)
    told["no data"] = command("benchmark", "--dataset", "ada/nowhere", *compared, *brief)
    print(json.dumps(told))


def look(data: Any) -> dict[str, Any]:
    """Return sizes and labels, and how many texts do not begin with their label's name."""
    names = data["train"].features["label"].names
    wrong = [
        row["text"]
        for part in data.values()
        for row in part
        if not row["text"].startswith(names[row["label"]])
    ]
    return {
        "rows": {part: len(rows) for part, rows in data.items()},
        "names": names,
        "wrong": len(wrong),
        "origin": data["train"].info.description,
    }


def command(*arguments: str) -> dict[str, Any]:
    from hf_recurrent.__main__ import main as run

    said, printed = io.StringIO(), io.StringIO()
    with redirect_stderr(said), redirect_stdout(printed):
        status = run(list(arguments))
    return {"status": status, "said": said.getvalue(), "printed": printed.getvalue()}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
