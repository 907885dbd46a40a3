"""Settings of the comparison; this module imports no large library."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .._tasks import all_tasks, get_task
from .._terminal import is_utf8, printable
from .._wording import did_you_mean
from ..tasks.base import Task
from ..tasks.model_rows import ENCODERS, PACKAGED_BASELINE
from ..tasks.word_vectors import DEFAULT_EMBEDDINGS, OWN, Embedding
from ..training.defaults import MAX_LENGTH

LATENCY_ROWS = 200
INFERENCE_BATCH = 32
# Settings that can name a folder of the user.
_FOLDERS = (*ENCODERS, "vectors")


def _first_task() -> str:
    return next(iter(all_tasks())).id


# The task of data that do not belong to one task by name or by an option.
DEFAULT_TASK = _first_task()


def choose_task(
    task: str | None,
    dataset: str | None,
    options: Mapping[str, Any] = MappingProxyType({}),
    models: Sequence[str] | None = None,
) -> Task:
    """Return the task of a comparison, by its id or by its data.

    Args:
        task: Its id; ``None`` to choose it by the data set, by the options of the data, by the
            models, or by the names of the files.
        dataset: Name, file, folder or Hub id; ``None`` for the task's default.
        options: Given options of the data.
        models: Given names of models.

    Raises:
        ValueError: If the task is unknown, the data set belongs to other tasks or to several,
            or the task lacks an option.
    """
    owners = [each for each in all_tasks() if dataset in each.datasets] if dataset else []
    if task is not None:
        chosen = get_task(task)
        if owners and chosen not in owners:
            raise ValueError(
                f"The data set '{dataset}' is for {_listed(owners)}, and not for {chosen.id}."
            )
    elif len(owners) > 1:
        raise ValueError(
            f"The data set '{dataset}' is for several tasks: choose one by --task, of "
            f"{', '.join(owner.id for owner in owners)}."
        )
    elif owners:
        chosen = owners[0]
    else:
        takers = [each for each in all_tasks() if _has(each, options)]
        named, ends = set(models or ()), _ends_of_files(dataset)
        takers = [each for each in takers if named <= each.models.keys()] or takers
        if len(takers) > 1:
            takers = [each for each in takers if ends & {*each.file_ends}] or takers
        default = get_task(DEFAULT_TASK)
        chosen = takers[0] if takers and default not in takers else default
    unknown = sorted(options.keys() - {option.name for option in chosen.options})
    if unknown:
        raise ValueError(
            f"The option --{unknown[0].replace('_', '-')} is none of the task {chosen.id}, which "
            f"has {', '.join(option.flag for option in chosen.options) or 'none'}."
        )
    return chosen


def _has(task: Task, options: Mapping[str, Any]) -> bool:
    return options.keys() <= {option.name for option in task.options}


def _ends_of_files(dataset: str | None) -> set[str]:
    """Return the ends of the names of a file or of the files of a folder, such as ".csv"."""
    if dataset is None:
        return set()
    try:
        files = [*Path(dataset).iterdir()]
    except (OSError, ValueError):
        files = [Path(dataset)]
    return {end.lower() for file in files for end in file.suffixes}


def _listed(tasks: list[Task]) -> str:
    return " and ".join(task.id for task in tasks)


@dataclass(frozen=True)
class BenchmarkSettings:
    """Settings of one comparison.

    Attributes:
        task: Id of the task; ``None`` for the task of the data set, or text classification.
        dataset: Name, file, folder or Hub id; ``None`` for the task's default.
        models: Names of the task's models; ``None`` for its defaults.
        embeddings: Embeddings for the models that use word vectors.
        seeds: Number of seeds, from 0 on; ``None`` for the task's default.
        trials: Number of settings tried for each model; 1 uses the defaults.
        epochs: Largest number of epochs; ``None`` for the default.
        max_length: Tokens after which a row is cut.
        baseline: "minilm", or Hub id or folder of an encoder.
        elmo: Folder of an ELMo that was pretrained or converted; ``None`` for no such models.
        bert_scratch: Folder of a BERT that was pretrained from nothing; likewise.
        vectors: File or folder of the word vectors that are called "own"; ``None`` for none.
        limit_train: Number of training rows; ``None`` for all.
        data_dir: Folder with files of named data sets.
        options: Options of the task's data, such as names of columns.
        threads: Number of threads of each model; ``None`` to find it by a short trial.
        trust_remote_code: Whether code in the baseline's repository may run.
    """

    task: str | None = None
    dataset: str | None = None
    models: tuple[str, ...] | None = None
    embeddings: tuple[Embedding, ...] = DEFAULT_EMBEDDINGS
    seeds: int | None = None
    trials: int = 1
    epochs: int | None = None
    max_length: int = MAX_LENGTH
    baseline: str = PACKAGED_BASELINE
    elmo: str | None = None
    bert_scratch: str | None = None
    vectors: str | None = None
    limit_train: int | None = None
    data_dir: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    threads: int | None = None
    trust_remote_code: bool = False

    def __post_init__(self) -> None:
        task = choose_task(self.task, self.dataset, self.options, self.models)
        # Defaults are filled in here once, so that every output shows the real values.
        models = task.default_models if self.models is None else self.models
        object.__setattr__(self, "task", task.id)
        object.__setattr__(self, "dataset", self.dataset or task.default_dataset)
        object.__setattr__(self, "models", tuple(models))
        seeds = task.default_seeds if self.seeds is None else self.seeds
        object.__setattr__(self, "seeds", seeds)
        unknown = [name for name in self.chosen_models if name not in task.models]
        if unknown:
            raise ValueError(
                f"There is no model {unknown[0]!r}: expected one of {', '.join(task.models)}."
                f"{did_you_mean(unknown[0], task.models)}"
            )
        for name in self.chosen_models:
            if task.models[name].encoder and not self.encoder_of(name):
                flag = f"--{task.models[name].encoder.replace('_', '-')}"
                raise ValueError(
                    f"The model {name!r} needs a pretrained encoder: name its folder by {flag}."
                )
        own = next((each for each in self.embeddings if each.vectors == OWN), None)
        if own is not None and self.vectors is None:
            raise ValueError(f"The embeddings {own} need word vectors: name them by --vectors.")
        told = {name: getattr(self, name) for name in ("dataset", "data_dir", *_FOLDERS)}
        for name, value in (told | dict(self.options)).items():
            if isinstance(value, str) and not is_utf8(value):
                raise ValueError(f"{name} is '{printable(value)}', which is not UTF-8.")
        for name, value, least, most in (
            ("seeds", self.seeds, 1, None),
            ("trials", self.trials, 1, task.most_trials),
            ("epochs", self.epochs, 1, None),
            ("max_length", self.max_length, 1, None),
            ("limit_train", self.limit_train, 1, None),
            ("threads", self.threads, 1, None),
        ):
            if value is not None and (value < least or (most is not None and value > most)):
                bounds = f"{least} to {most}" if most else f"at least {least}"
                raise ValueError(f"{name} is {value}, expected {bounds}.")

    @property
    def chosen_task(self) -> Task:
        """The task."""
        assert self.task is not None
        return get_task(self.task)

    @property
    def chosen_models(self) -> tuple[str, ...]:
        """Names of the models."""
        assert self.models is not None
        return self.models

    @property
    def chosen_seeds(self) -> int:
        """Number of seeds."""
        assert self.seeds is not None
        return self.seeds

    @property
    def chosen_dataset(self) -> str:
        """Name, file, folder or Hub id."""
        assert self.dataset is not None
        return self.dataset

    @property
    def shown_options(self) -> dict[str, Any]:
        """Options of the task's data as others may see them: files without their folders."""
        files = {option.name for option in self.chosen_task.options if option.is_file}
        return {
            name: Path(value).name if name in files and value is not None else value
            for name, value in self.options.items()
        }

    def encoder_of(self, model: str) -> str:
        """Return the name, id or folder of the encoder of a model; empty if it has none."""
        setting = self.chosen_task.models[model].encoder
        return getattr(self, setting) or "" if setting else ""

    def trial_values(self, model: str) -> list[dict[str, Any] | None]:
        """Return the values to try for a model, the defaults first.

        ``None`` means that the model chooses its values itself, in one run.
        """
        search = self.chosen_task.models[model].search
        return [None] if search is None else [*search.values(self.trials, self.epochs)]

    def as_dict(self) -> dict[str, Any]:
        """Return the settings for the report, without folder paths."""
        shown = {name: getattr(self, name) for name in self.__dataclass_fields__}
        del shown["data_dir"], shown["options"]
        shown |= self.shown_options
        for name in _FOLDERS:
            if shown[name] is not None and Path(shown[name]).exists():
                shown[name] = Path(shown[name]).name
        return shown | {"embeddings": [str(embedding) for embedding in self.embeddings]}
