"""Cards, generated from the record and the configuration of a model: nothing is guessed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from huggingface_hub import EvalResult, EvalResultEntry, ModelCard, ModelCardData
from huggingface_hub import eval_result_entries_to_yaml as entries_to_yaml
from transformers import PreTrainedConfig

from .. import __version__
from .._templates import render
from .._whole import write_whole
from .record import DataRecord, Record, RecordedResult

__all__ = ["LIBRARY", "card_files", "model_card", "write_card"]

LIBRARY = "hf-recurrent"
_TITLES = {
    "accuracy": "Accuracy",
    "f1_macro": "F1 (macro)",
    "matthews_correlation": "Matthews correlation",
}
# Names that `evaluate` and the Hub have for metrics whose names here say more.
_HUB_METRICS = {"f1_macro": "f1"}
# Of a configuration, what says nothing of the model itself.
_NOT_TOLD = {"architectures", "auto_map", "dtype", "transformers_version", "id2label", "label2id"}


def model_card(config: PreTrainedConfig, record: Record, model_id: str) -> ModelCard:
    """Makes the card of a model.

    Args:
        config: Its configuration.
        record: What is known of how it was made.
        model_id: Its repository, `owner/name`, or a name.
    """
    name = model_id.rsplit("/", 1)[-1]
    text = render(
        __package__,
        "model_card.md.j2",
        name=name,
        model_id=model_id,
        record=record,
        config=_told(config),
        model_class=config.architectures[0] if config.architectures else None,
        labels=_labels(config),
        results=[(_TITLES.get(r.metric, r.metric), r, _figure(r)) for r in record.results],
        version=__version__,
    )
    metadata = _metadata(config, record, name)
    return ModelCard(f"---\n{metadata.to_yaml()}\n---\n\n{text}")


def write_card(folder: Path, record: Record, model_id: str) -> None:
    """Writes `README.md` and `.eval_results/` into the folder of a saved model.

    Raises:
        OSError: If the folder holds no model, or cannot be written.
    """
    for name, content in card_files(folder, record, model_id).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        write_whole(path, content)


def card_files(folder: Path, record: Record, model_id: str) -> dict[str, bytes]:
    """Gives the content of `README.md` and of the file in `.eval_results/`, by their paths."""
    files = {"README.md": str(model_card(_read_config(folder), record, model_id)).encode()}
    entries = _entries(record)
    if entries and record.data is not None:
        text = yaml.safe_dump(entries_to_yaml(entries), sort_keys=False)
        files[f".eval_results/{record.data.name}.yaml"] = text.encode()
    return files


def _read_config(folder: Path) -> PreTrainedConfig:
    from transformers import AutoConfig

    if not (folder / "config.json").is_file():
        raise FileNotFoundError(f"{folder} holds no config.json, so it is no model.")
    return AutoConfig.from_pretrained(folder, trust_remote_code=False)


def _metadata(config: PreTrainedConfig, record: Record, name: str) -> ModelCardData:
    data = record.data
    known: dict[str, Any] = {
        "language": data.language if data else None,
        "license": record.licence,
        "pipeline_tag": record.task,
        "base_model": record.base_model,
        "datasets": [data.hub_id] if data and data.hub_id else None,
        "metrics": list(dict.fromkeys(_hub_metric(r) for r in record.results)) or None,
    }
    if record.example:
        known["widget"] = [{"text": record.example}]
    results = _eval_results(data, record)
    if results:
        known |= {"eval_results": results, "model_name": name}
    cell = getattr(config, "cell_type", None)
    tags = [config.model_type.replace("_", "-"), *([cell] if cell else [])]
    return ModelCardData(
        library_name=LIBRARY, tags=tags, **{k: v for k, v in known.items() if v is not None}
    )


def _eval_results(data: DataRecord | None, record: Record) -> list[EvalResult]:
    """Gives the results as `model-index` has them; it wants a task and a data set."""
    if data is None or record.task is None:
        return []
    return [
        EvalResult(
            task_type=record.task,
            dataset_type=data.hub_id or data.name,
            dataset_name=data.title or data.name,
            dataset_split=result.split,
            dataset_revision=data.revision if data.hub_id else None,
            metric_type=_hub_metric(result),
            metric_name=_TITLES.get(result.metric, result.metric),
            metric_value=result.value,
        )
        for result in record.results
    ]


def _entries(record: Record) -> list[EvalResultEntry]:
    """Gives the results as `.eval_results/*.yaml` has them; it wants a data set of the Hub."""
    data = record.data
    if data is None or data.hub_id is None:
        return []
    return [
        EvalResultEntry(
            dataset_id=data.hub_id,
            task_id=result.metric,
            value=result.value,
            dataset_revision=data.revision,
            notes=_spread_note(result),
        )
        for result in record.results
        if result.split == "test"
    ]


def _spread_note(result: RecordedResult) -> str | None:
    if result.spread is None:
        return None
    return f"mean of {result.runs} runs, standard deviation {result.spread:.4f}"


def _hub_metric(result: RecordedResult) -> str:
    return _HUB_METRICS.get(result.metric, result.metric)


def _figure(result: RecordedResult) -> str:
    """Writes a figure with its spread, as in "0.812 ± 0.004"."""
    spread = "" if result.spread is None else f" ± {result.spread:.3f}"
    return f"{result.value:.3f}{spread}"


def _told(config: PreTrainedConfig) -> Mapping[str, Any]:
    """Gives the fields of a configuration that differ from those of a bare one."""
    shown = {k: v for k, v in config.to_diff_dict().items() if k not in _NOT_TOLD}
    return dict(sorted(shown.items()))


def _labels(config: PreTrainedConfig) -> list[str]:
    classifies = any("Classification" in name for name in config.architectures or [])
    return list(config.id2label.values()) if classifies and config.id2label else []
