"""The record of the best model, from which its card is made."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..data import TEXT_DATASETS
from ..hub.record import DataRecord, Record, RecordedResult
from .run import Outcome
from .settings import MODELS, Embedding
from .summary import TableLine, notices

__all__ = ["best_record"]

_METRICS = ("accuracy", "f1_macro", "matthews_correlation")
# Values of training; those of the configuration stand in the configuration.
_TRAINING = ("learning_rate", "epochs", "patience", "batch_size", "weight_decay", "warmup_steps")
_FROM_HUB = " of the Hub;"


def best_record(outcome: Outcome, lines: Sequence[TableLine]) -> Record | None:
    """Gives what is known of the best recurrent model; None if none of this table lies on disk.

    A better one of an earlier comparison has its own record. Its results are those of that one
    model; the lines of the comparison are means over the seeds.
    """
    if outcome.best is None or outcome.best_folder is None or outcome.best_is_earlier:
        return None
    job, result = outcome.best["job"], outcome.best["result"]
    embedding = Embedding.parse(job["embedding"])
    mode = "tuned in training" if embedding.tuned else "kept as they are"
    texts = outcome.prepared.data["test"]["text"]
    coverage = result.get("coverage")
    latency = result["latency"]
    return Record(
        title=f"{MODELS[job['model']].title}, {embedding.vectors} embeddings",
        task="text-classification",
        data=_data(outcome),
        vectors=None if embedding.vectors == "random" else f"{embedding.vectors}, {mode}",
        coverage=coverage["report"] if coverage else None,
        settings={name: job["values"][name] for name in _TRAINING if name in job["values"]}
        | {"max_length": job["max_length"]},
        seed=job["seed"],
        seconds=result["training_seconds"],
        machine=result["machine"],
        results=tuple(RecordedResult(m, result["test"][m]) for m in _METRICS),
        comparison=tuple(_line(line) for line in lines),
        comparison_command=_command(outcome),
        latency={"median": latency["median_ms"], "95th percentile": latency["p95_ms"]},
        size_mib=result["size_mib"],
        parameters=result["parameters"],
        limits=(*notices(outcome), *_limits(outcome, job)),
        example=next((text for text in texts if 0 < len(text) < 120), None),
    )


def _data(outcome: Outcome) -> DataRecord:
    """Describes the data; a repository of the Hub only if they were loaded from there."""
    data, name = outcome.prepared.data, outcome.settings.dataset
    spec = TEXT_DATASETS.get(name)
    hub_id = spec.hub.id if spec and spec.hub else name
    description = data["train"].info.description
    from_hub = _FROM_HUB in description
    return DataRecord(
        name=name if spec or from_hub else Path(name).name,
        title=spec.title if spec else None,
        hub_id=hub_id if from_hub else None,
        revision=spec.hub.revision if from_hub and spec and spec.hub else None,
        language=spec.language if spec else None,
        licence=data["train"].info.license or None,
        splits={part: len(rows) for part, rows in data.items()},
        note=f"From {description.split(', from ', 1)[-1]}; digest of all rows "
        f"{outcome.prepared.digest}." + (f" Splits: {spec.splits}." if spec else ""),
    )


def _line(line: TableLine) -> dict[str, str]:
    return {
        "model": line.title,
        "test accuracy, %": line.accuracy.percent(),
        "runs": str(line.runs),
        "latency, ms": f"{line.median_ms.mean:.1f}",
        "on disk, MiB": f"{line.size_mib.mean:.1f}",
    }


def _command(outcome: Outcome) -> str:
    """Writes the command that makes the comparison again, without the folders of this machine."""
    told: Mapping[str, Any] = outcome.settings.as_dict()
    parts = ["hf-recurrent benchmark"]
    for name, value in told.items():
        if value is None:
            continue
        if name == "dataset":
            value = value if value in TEXT_DATASETS else Path(value).name
        text = " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        parts.append(f"--{name.replace('_', '-')} {text}")
    return " ".join(parts)


def _limits(outcome: Outcome, job: Mapping[str, Any]) -> list[str]:
    spec = TEXT_DATASETS.get(outcome.settings.dataset)
    told = [f"Longer texts are cut after {job['max_length']} words."]
    if spec is not None:
        told.append(f"Trained on one language only ({spec.language}).")
    told.append("It was judged on the test part of its own data set, and on nothing else.")
    return told
