"""The records of the models that a comparison keeps, from which their cards are made."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer

from ..data import TEXT_DATASETS
from ..hub.citations import citations
from ..hub.record import DataRecord, Plot, Record, RecordedResult
from .command_line import command_line
from .outcome import Outcome
from .plots import plot_point
from .results import Row
from .settings import MODELS, Embedding
from .summary import TableLine, notices
from .threads import changes_text, is_row_crowded

__all__ = ["kept_record", "kept_records"]

_METRICS = ("accuracy", "f1_macro", "matthews_correlation")
# Values of training; those of the configuration stand in the configuration.
_TRAINING = ("learning_rate", "epochs", "patience", "batch_size", "weight_decay", "warmup_steps")
_LONGEST_EXAMPLE = 120
_FROM_HUB = " of the Hub;"
_VECTORS = {
    "glove": "GloVe 6B (400,000 lower-case words, 50 numbers)",
    "word2vec": "a part of the GoogleNews word2vec vectors (26,423 words, 300 numbers)",
}
_KINDS = {"recurrent": "recurrent networks", "static": "bags of vectors"}


def kept_records(outcome: Outcome, lines: Sequence[TableLine]) -> list[tuple[Path, Record]]:
    """Gives folder and record of the models that lie on disk and are of this table.

    A better one of an earlier comparison has its own record.
    """
    kept = ((outcome.best, outcome.best_folder), (outcome.bag, outcome.bag_folder))
    return [
        (folder, kept_record(outcome, lines, row, folder))
        for row, folder in kept
        if row is not None and folder is not None and outcome.has(row)
    ]


def kept_record(outcome: Outcome, lines: Sequence[TableLine], row: Row, folder: Path) -> Record:
    """Gives what is known of a model.

    Its results are those of that one model; the lines of the comparison are means over the seeds.

    Args:
        outcome: What was run on the data that it was trained on.
        lines: The table that it is shown beside.
        row: Its row.
        folder: Its folder.
    """
    job, result = row["job"], row["result"]
    embedding = Embedding.parse(job["embedding"])
    names = [] if embedding.vectors == "random" else embedding.vectors.split("+")
    mode = "tuned in training" if embedding.tuned else "kept as they are"
    texts = outcome.prepared.data["test"]["text"][:]
    coverage, latency = result.get("coverage"), result["latency"]
    on_test = _vocabulary_on(texts, folder, job["max_length"])
    return Record(
        title=f"{MODELS[job['model']].title}, {embedding.vectors} embeddings",
        task="text-classification",
        data=_data(outcome),
        vectors=f"{' and '.join(_VECTORS[name] for name in names)}, {mode}" if names else None,
        coverage=coverage["report"] if coverage else None,
        test_coverage=on_test and f"{on_test[0]:.1%} of the running words are in the vocabulary",
        settings=_settings(job, result.get("epochs")),
        seed=job["seed"],
        seconds=result["training_seconds"],
        machine=_machine(result),
        results=tuple(RecordedResult(m, result["test"][m]) for m in _METRICS),
        comparison=tuple(_line(line) for line in lines),
        comparison_command=command_line(outcome.settings),
        latency={
            f"median of {latency['texts']} test texts": latency["median_ms"],
            "95th percentile": latency["p95_ms"],
        },
        latency_threads=latency.get("threads"),
        size_mib=result["size_mib"],
        parameters=result["parameters"],
        plots=tuple(_plots(lines, result["curve"])),
        limits=(
            *notices(outcome),
            *_own_notices(result),
            *_limits(outcome, job, on_test and on_test[1]),
        ),
        citations=citations([*names, outcome.settings.dataset]),
        example=_example(outcome, texts),
        version=job.get("version"),
    )


def _machine(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the machine with the threads of training, and the load beside it where it is known."""
    told = dict(result["machine"])
    threads, load = result.get("threads"), result.get("load")
    if threads:
        told["threads"] = threads["training"]
    if load and load["before"] is not None:
        told["load before"], told["load after"] = load["before"], load["after"]
    return told


def _own_notices(result: dict[str, Any]) -> list[str]:
    """Say what is doubtful in the times of one model, and whether it can be made again."""
    told = []
    if is_row_crowded(result):
        told.append("Its own times were measured beside other work, and would be shorter without.")
    if changes := changes_text(result):
        told.append(
            f"The number of threads changed in its training, {changes}: it cannot be repeated "
            "exactly."
        )
    return told


def _settings(job: Mapping[str, Any], epochs: int | None) -> dict[str, Any]:
    """Gives the values of training, and the epochs that were run where they are known."""
    told = {}
    for name in _TRAINING:
        if name in job["values"]:
            told["epochs, at most" if name == "epochs" else name] = job["values"][name]
        if name == "epochs" and epochs is not None:
            told["epochs, run"] = epochs
    return told | {"max_length": job["max_length"]}


def _example(outcome: Outcome, texts: Sequence[str]) -> str | None:
    """Gives a test text of public data; rows of a user's own stay with the user."""
    if outcome.settings.dataset not in TEXT_DATASETS:
        return None
    return next((text for text in texts if 0 < len(text) < _LONGEST_EXAMPLE), None)


def _vocabulary_on(
    texts: Sequence[str], folder: Path, max_length: int
) -> tuple[float, float] | None:
    """Gives the share of the running words that the vocabulary has, and of texts that are cut."""
    if not (folder / "tokenizer_config.json").is_file():
        return None
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    rows = tokenizer(list(texts), add_special_tokens=False)["input_ids"]
    tokens = sum(map(len, rows))
    unknown = sum(row.count(tokenizer.unk_token_id) for row in rows)
    cut = sum(len(row) > max_length for row in rows)
    return 1 - unknown / max(tokens, 1), cut / max(len(rows), 1)


def _plots(lines: Sequence[TableLine], curve: Sequence[float]) -> list[Plot]:
    plots = []
    if len(lines) > 1:
        plots.append(
            Plot(
                "accuracy_latency.svg",
                "Test accuracy against latency",
                "latency at batch 1, ms",
                "test accuracy, %",
                points=tuple(plot_point(line, line.median_ms.mean) for line in lines),
                note="Bars are standard deviations over the seeds.",
            )
        )
    if len(curve) > 1:
        plots.append(
            Plot(
                "learning_curve.svg",
                "Validation accuracy after each epoch",
                "epoch",
                "validation accuracy, %",
                values=tuple(100 * value for value in curve),
                best="highest",
            )
        )
    return plots


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
        "runs": line.runs_text,
        "latency, ms": f"{line.median_ms.mean:.1f}{line.time_mark}",
        "on disk, MiB": f"{line.size_mib.mean:.1f}",
    }


def _limits(outcome: Outcome, job: Mapping[str, Any], cut: float | None) -> list[str]:
    spec = TEXT_DATASETS.get(outcome.settings.dataset)
    share = "" if cut is None else f": {cut:.1%} of the test texts"
    told = [f"Longer texts are cut after {job['max_length']} words{share}."]
    if spec is not None:
        told.append(f"Trained on one language only ({spec.language}).")
    kind = MODELS[job["model"]].kind
    runs = sum(
        MODELS[row["job"]["model"]].kind == kind for line in outcome.lines for row in line.runs
    )
    if runs > 1:
        told.append(
            f"It was chosen by its validation accuracy among {runs} runs of {_KINDS[kind]}: its "
            "validation figures flatter, and those on test had no part in it."
        )
    told.append("It was judged on the test part of its own data set, and on nothing else.")
    return told
