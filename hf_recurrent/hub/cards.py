"""Model cards, made from the record and the configuration of a model: nothing is guessed."""

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from huggingface_hub import ModelCard
from huggingface_hub import eval_result_entries_to_yaml as entries_to_yaml
from transformers import PreTrainedConfig

from .._templates import render
from .._whole import write_whole
from ..models.checks import FamilyConfig
from .figures import figure_text, metric_title
from .labels import label_names
from .metadata import LIBRARY, front_matter, result_entries
from .plots import alt_text, svg_file
from .record import Plot, Record
from .shown_task import shown_task
from .summary import summary
from .terms import why_not_published
from .usage import usage

# Fields of a configuration that say nothing about the model itself.
_NOT_TOLD = {"architectures", "auto_map", "dtype", "transformers_version", "id2label", "label2id"}
_VALUES_TOLD = 25
# The last line of a card holds the digest of the rest, so a card that was edited is recognised.
_MADE = re.compile(r"(.*)<!-- made from the record, sha256 ([0-9a-f]{64}) -->\s*", re.DOTALL)


def model_card(
    config: PreTrainedConfig, record: Record, model_id: str, *, has_tokenizer: bool = True
) -> ModelCard:
    """Return the card of a model.

    Args:
        config: The configuration of the model.
        record: What is known about how it was made.
        model_id: Its repository, ``owner/name``, or a name.
        has_tokenizer: Whether the folder has a tokenizer too.

    Raises:
        ValueError: If the Hub does not know the license or the task, or the model must not be
            published.
    """
    if reason := why_not_published(config.to_dict(), record):
        raise ValueError(f"There is no card: {reason}.")
    model_class = config.architectures[0] if config.architectures else None
    library = LIBRARY if isinstance(config, FamilyConfig) else "transformers"
    cell = getattr(config, "cell_type", None)
    return made_card(
        record,
        model_id,
        usage(model_class, record, model_id, library=library, has_tokenizer=has_tokenizer),
        tags=[config.model_type.replace("_", "-"), *([cell] if cell else [])],
        config=_told(config),
        model_class=model_class,
        labels=label_names(config.architectures, config.id2label),
        library=library,
        has_code=bool(getattr(config, "auto_map", None)),
    )


def made_card(
    record: Record,
    model_id: str,
    code: str,
    *,
    tags: list[str],
    config: Mapping[str, Any] | None = None,
    model_class: str | None = None,
    labels: list[str] | None = None,
    library: str = LIBRARY,
    has_code: bool = False,
) -> ModelCard:
    """Return the card of anything that has a record, even if no Auto class loads it.

    Args:
        record: What is known about it.
        model_id: Its repository, ``owner/name``, or a name.
        code: Lines of Python that load it.
        tags: Tags besides those of the record.
        config: Fields of its configuration.
        model_class: Name of its class, if an Auto class loads it.
        labels: Names of its labels.
        library: The library that loads it.
        has_code: Whether the folder has the code of the class too.

    Raises:
        ValueError: If the Hub does not know the license or the task.
    """
    name = model_id.rsplit("/", 1)[-1]
    task = shown_task(record.task, model_class)
    text = render(
        __package__,
        "model_card.md.j2",
        name=name,
        summary=summary(record, model_class),
        code=code,
        record=record,
        config=config or {},
        model_class=model_class,
        labels=labels or [],
        library=library,
        has_code=has_code,
        units=task.units if task is not None else None,
        results=[
            (metric_title(r.metric, record.task), r, figure_text(r, record.task))
            for r in record.results
        ],
        plots=[(plot, _one_line(alt_text(plot)), _values_told(plot)) for plot in record.plots],
    )
    metadata = front_matter(record, name, tags, library)
    made = str(ModelCard(f"---\n{metadata.to_yaml()}\n---\n\n{text}\n"))
    return ModelCard(f"{made}<!-- made from the record, sha256 {_digest(made)} -->\n")


def write_card(folder: Path, record: Record, model_id: str) -> None:
    """Write ``README.md``, its plots and ``.eval_results/`` into the folder of a saved model.

    Raises:
        ValueError: If the Hub does not know the license or the task.
        OSError: If the folder holds no model, or cannot be written to.
    """
    for name, content in card_files(folder, record, model_id).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        write_whole(path, content)


def card_files(folder: Path, record: Record, model_id: str) -> dict[str, bytes]:
    """Return the content of ``README.md``, its plots and the file of results, by path."""
    files = {"README.md": str(_card(folder, record, model_id)).encode()}
    files |= {plot.file: svg_file(plot).encode() for plot in record.plots}
    entries = result_entries(record)
    if entries and record.data is not None:
        text = yaml.safe_dump(entries_to_yaml(entries), sort_keys=False)
        name = re.sub(r"[^\w.-]+", "-", record.data.name).strip("-.") or "results"
        files[f".eval_results/{name}.yaml"] = text.encode()
    return files


def is_as_made(card: Path) -> bool:
    """Return whether a file is a card that this package made and nobody has changed since."""
    found = _MADE.fullmatch(card.read_text(encoding="utf-8"))
    return found is not None and found[2] == _digest(found[1])


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _card(folder: Path, record: Record, model_id: str) -> ModelCard:
    has_tokenizer = (folder / "tokenizer_config.json").is_file()
    return model_card(_read_config(folder), record, model_id, has_tokenizer=has_tokenizer)


def _read_config(folder: Path) -> PreTrainedConfig:
    from transformers import AutoConfig

    if not (folder / "config.json").is_file():
        raise FileNotFoundError(f"{folder} holds no config.json, so it is no model.")
    return AutoConfig.from_pretrained(folder, trust_remote_code=False)


def _values_told(plot: Plot) -> list[tuple[int, float]]:
    """Return at most 25 values of a curve, evenly spread over its steps, with the last one."""
    step = -(-len(plot.values) // _VALUES_TOLD)
    numbered = list(enumerate(plot.values, 1))
    return numbered[::-1][::step][::-1] if step else []


def _one_line(text: str) -> str:
    """Return a text in a form that fits between the brackets of an image."""
    return " ".join(text.replace("[", "(").replace("]", ")").split())


def _told(config: PreTrainedConfig) -> Mapping[str, Any]:
    """Return the fields of a configuration, without what is off by default."""
    has_defaults = not getattr(config, "has_no_defaults_at_init", False)
    defaults = type(config)().to_dict() if has_defaults else {}

    def is_off(name: str, value: Any) -> bool:
        return not value and name in defaults and defaults[name] == value

    fields = config.to_diff_dict().items()
    return dict(sorted((k, v) for k, v in fields if k not in _NOT_TOLD and not is_off(k, v)))
