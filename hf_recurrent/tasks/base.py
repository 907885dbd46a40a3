"""What the comparison, the records, the cards and ``predict`` need to know of a task.

A task is one subclass of ``Task`` in a folder of its own, registered by ``register_task``. Nothing
heavy is imported here: what trains or loads is imported when it is called.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ..data.leakage import text_key
from .data_info import DataInfo, Option
from .metric import Metric
from .model_rows import ModelRow

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

    from .fitted import Fitted

__all__ = ["Answerer", "Task", "Units", "first_short"]

_LONGEST_EXAMPLE = 120


@dataclass(frozen=True)
class Units:
    """The words for what a task counts.

    Attributes:
        one: A row of the data, as in "one text at a time".
        many: Several of them.
        answer: From what to what latency is timed.
        token: What the length of a row is counted in.
    """

    one: str = "row"
    many: str = "rows"
    answer: str = "from row to answer"
    token: str = "words"


class Answerer(Protocol):
    """A loaded model that gives labels to one text or tags to its words, as the page shows them."""

    @property
    def model(self) -> Any:
        """The model."""

    @property
    def tokenizer(self) -> Any:
        """Its tokenizer."""

    def labels(self, text: str, most_tokens: int | None) -> list[tuple[str, float]]:
        """Return the labels of a text, cut after some tokens, the most probable first."""

    def tags(self, text: str, most_tokens: int | None) -> list[str]:
        """Return what stands below each token, of a model that tags; an empty list of others."""

    def word_weights(self, text: str, most_tokens: int | None) -> list[tuple[str, float]]:
        """Return how much each token counted; asked of models with attention pooling alone."""


def first_short(texts: Iterable[str]) -> str | None:
    """Return the first text that is short enough to try a model on; ``None`` if none is."""
    return next((text for text in texts if 0 < len(text) < _LONGEST_EXAMPLE), None)


class Task(ABC):
    """A task: its data, its models, its metrics, and the words for them.

    Attributes:
        id: By which ``--task`` and records name it.
        title: What it is, in a few words, as in "compare models for text classification".
        pipeline_tag: The task on the Hub that a card names; the id if empty.
        head: How the names of its model classes end, such as "ForSequenceClassification".
        auto_class: Auto class of transformers that loads a model; ``AutoModel`` and ``head`` if
            empty.
        units: The words for what it counts.
        metrics: What it measures, in the order of the columns.
        chosen_by: Key of the metric that chooses, on validation.
        models: The rows by the names that users type.
        default_models: Those of them that run where none are named; all if empty.
        default_dataset: That which is taken where none is named.
        key: The form in which ``texts`` are compared: rows of one form are repeats.
        options: Options of its data.
        reads: What its models may make vectors of, as ``main_input_name`` names it.
        words_are_given: Whether the words of ``texts`` are not cut further.
        columns: Columns of its rows; nothing outside the task names them.
        on_page: Whether the page of ``hf-recurrent app`` can show it, by ``answerer``.
        most_trials: The largest number of trials.
    """

    id: str
    title: str
    pipeline_tag: str = ""
    head: str
    auto_class: str = ""
    units: Units = Units()
    metrics: tuple[Metric, ...]
    chosen_by: str
    models: Mapping[str, ModelRow]
    default_models: tuple[str, ...] = ()
    default_dataset: str
    key: Callable[[str], str] = staticmethod(text_key)
    options: tuple[Option, ...] = ()
    reads: tuple[str, ...] = ("input_ids",)
    words_are_given: bool = False
    columns: tuple[str, ...] = ()
    on_page: bool = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not hasattr(cls, "id"):  # no task yet, but what several share
            return
        cls.pipeline_tag = cls.pipeline_tag or cls.id
        cls.auto_class = cls.auto_class or f"AutoModel{cls.head}"
        cls.default_models = cls.default_models or tuple(cls.models)

    # What is known without the data.

    @property
    def datasets(self) -> Mapping[str, DataInfo]:
        """The data sets that have a name."""
        return {}

    @property
    def chooser(self) -> Metric:
        """The metric that chooses."""
        return self.metric(self.chosen_by)

    @property
    def most_trials(self) -> int:
        """The largest number of trials of any of its models."""
        searches = [row.search for row in self.models.values() if row.search is not None]
        return max((len(search.trials) for search in searches), default=1)

    def metric(self, key: str) -> Metric:
        """Return a metric by its key."""
        return next(metric for metric in self.metrics if metric.key == key)

    # Data.

    @abstractmethod
    def load(self, dataset: str, data_dir: str | None = None, **options: Any) -> "DatasetDict":
        """Load the splits train, validation and test.

        Args:
            dataset: A name, file, folder or id of the Hub.
            data_dir: Folder of the files of named data sets.
            **options: Those of ``options`` that were given.

        Raises:
            ValueError: If a column or a label is unknown, or the data cannot be split.
            OSError: If the data cannot be read or downloaded.
        """

    def for_data(self, train: "Dataset") -> "Task":
        """Return the task as it is for some data, where its metrics depend on them."""
        return self

    @abstractmethod
    def texts(self, rows: "Dataset") -> list[str]:
        """Return the text of each row, words parted by spaces: its vocabulary, length and key."""

    def strata(self, rows: "Dataset") -> Sequence[Any] | None:
        """Return the class of each row, which a smaller training part keeps; ``None`` for none."""
        return None

    @abstractmethod
    def inputs(self, rows: "Dataset") -> list[Any]:
        """Return what a trained model is given for each row."""

    # Judging.

    @abstractmethod
    def judge(
        self, predictions: Sequence[Any], rows: "Dataset", train: "Dataset"
    ) -> dict[str, float]:
        """Return the metrics of predictions; one that these rows do not have is left out.

        Args:
            predictions: What ``Fitted.predict`` gave for ``inputs(rows)``.
            rows: The part that is judged.
            train: The training part, as for what is new in the other.
        """

    def examples(
        self, fitted: "Fitted", rows: "Dataset", predictions: Sequence[Any]
    ) -> list[dict[str, Any]]:
        """Return a few judged rows for the page, as JSON has them."""
        return []

    # What is shown.

    def sections(self, results: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
        """Return further sections of the page: title, one sentence, and safe HTML.

        Args:
            results: The results of all runs, as the results file has them, the best by validation
                first.
        """
        return []

    def limits(self) -> list[str]:
        """Return sentences on what of its table must not be compared."""
        return []

    def card_example(self, rows: "Dataset") -> str | None:
        """Return something to try a model on, of public data; ``None`` if nothing is short."""
        return None

    def card_limits(self, max_length: int) -> list[str]:
        """Return sentences for the card of a model that was trained on rows cut at a length."""
        return []

    def usage(self, source: str, example: str | None, has_tokenizer: bool) -> str:
        """Return Python lines that load a model of text and answer one example.

        The line that registers the models of this package is put before them.

        Args:
            source: A repository or a folder, as a Python literal.
            example: What to try, as a Python literal; ``None`` if nothing is known.
            has_tokenizer: Whether its tokenizer lies beside it.
        """
        if has_tokenizer:
            return f"""\
from transformers import pipeline

pipeline("{self.pipeline_tag}", {source})({example or '"a text"'})"""
        return f"""\
from transformers import {self.auto_class}

model = {self.auto_class}.from_pretrained({source})
model(**model.dummy_inputs).logits  # what it reads, by name"""

    def widget(self, example: str) -> dict[str, Any]:
        """Return an example as the Hub's widget for the task reads it."""
        return {"text": example}

    def answerer(self, source: str, trust_remote_code: bool = False) -> Answerer:
        """Load a model for the page; only of a task with ``on_page``.

        Raises:
            OSError: If there is no such model or it cannot be read whole.
            ValueError: If it is for another task.
        """
        raise ValueError(f"The page shows no models for {self.id}.")

    @abstractmethod
    def predict(
        self,
        source: str,
        texts: Sequence[str],
        *,
        trust_remote_code: bool = False,
        explain: bool = False,
    ) -> Iterator[str]:
        """Yield what a trained model answers, the lines of one text after the other.

        Args:
            source: A folder, or an id of the Hub.
            texts: What a user typed, one a text.
            trust_remote_code: Whether code that lies beside the model may run.
            explain: Whether to show how much each word counted, where the model can tell.

        Raises:
            OSError: If there is no such model or it cannot be read whole.
            ValueError: If it is for another task, or cannot explain.
        """

    def n_best(
        self, source: str, texts: Sequence[str], n: int, *, trust_remote_code: bool = False
    ) -> Iterator[str]:
        """Yield the ``n`` best answers to each text, where a whole answer has a probability.

        Args:
            source: A folder, or an id of the Hub.
            texts: What a user typed, one a text.
            n: Number of answers.
            trust_remote_code: Whether code that lies beside the model may run.

        Raises:
            OSError: If there is no such model or it cannot be read whole.
            ValueError: If it ranks no answers.
        """
        raise ValueError(f"Models for {self.title} rank no answers: leave out --n-best.")
