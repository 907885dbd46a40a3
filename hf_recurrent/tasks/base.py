"""The interface of a task for the comparison, the records, the cards and ``predict``.

A task is a subclass of ``Task`` in a folder of its own, registered with ``register_task``. Nothing
heavy is imported here: code that trains or loads models is imported when it is called.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..data.leakage import text_key
from .data_info import DataInfo, Option
from .metric import Metric
from .model_rows import ModelRow

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

    from .fitted import Fitted

_LONGEST_EXAMPLE = 120


@dataclass(frozen=True)
class Units:
    """The words of a task for its rows and units.

    Attributes:
        one: The word for a row of the data, as in "one text at a time".
        many: Its plural.
        answer: What a measured latency includes, such as "from text to label".
        token: The unit of the length of a row.
    """

    one: str = "row"
    many: str = "rows"
    answer: str = "from row to answer"
    token: str = "words"


class Answerer:
    """A loaded model that labels a text or tags its words, for the page.

    A subclass loads the model and has the answers that its task knows.

    Attributes:
        model: The model.
        tokenizer: Its tokenizer.
    """

    model: Any
    tokenizer: Any

    def labels(self, text: str, most_tokens: int | None) -> list[tuple[str, float]]:
        """Return the labels of a text, cut after some tokens, the most probable first."""
        return []

    def tags(self, text: str, most_tokens: int | None) -> list[str]:
        """Return the tag of each token, for a model that tags; otherwise an empty list."""
        return []

    def word_weights(self, text: str, most_tokens: int | None) -> list[tuple[str, float]]:
        """Return the weight of each token; called only for models with attention pooling."""
        return []


def first_short(texts: Iterable[str]) -> str | None:
    """Return the first text that is short enough for an example; ``None`` if there is none."""
    return next((text for text in texts if 0 < len(text) < _LONGEST_EXAMPLE), None)


class Task(ABC):
    """A task: its data, its models, its metrics, and the words for them.

    Attributes:
        id: Its name for ``--task`` and in records.
        title: Its name in words, as in "compare models for text classification".
        pipeline_tag: The task on the Hub for a card; the id if empty.
        head: The ending of its model classes, such as "ForSequenceClassification".
        auto_class: Auto class of transformers that loads a model; ``AutoModel`` and ``head`` if
            empty.
        units: Its words for rows and units.
        metrics: The metrics, in the order of the columns.
        chosen_by: Key of the metric that chooses, on validation.
        models: The rows of its models, by the names that users type.
        default_models: The names of the models that run by default; all if empty.
        default_dataset: The name of the default data set.
        key: Returns the form in which ``texts`` are compared: rows of the same form are duplicates.
        options: Options for its data.
        file_ends: Ends of names that only files of this task have, in lower case, such as ".conll".
        reads: The possible main inputs of its models, as in ``main_input_name``.
        words_are_given: Whether the words of ``texts`` are final, so that no tokenizer splits them.
        columns: Columns of its rows; code outside the task does not name them.
        cuts_rows: Whether rows longer than ``--max-length`` are cut.
        typed: A text that ``hf-recurrent predict`` can answer, as a user types it.
        takes_items: Whether a text is a list of items, so that ``hf-recurrent predict`` takes the
            arguments as one text, with tabs between them, and ``predict`` and ``n_best`` have the
            keyword ``unseen``, to leave out the items of the text.
        forecasts: Whether a text is a file of series, so that ``predict`` has the keywords
            ``horizon``, ``output`` and those of the columns of ``options``.
        keeps_best: Whether the epoch that is kept is the best one on validation, and not the last.
        curve_step: What a learning curve has a point for, such as "epoch".
        on_page: Whether the page of ``hf-recurrent app`` can show it, with ``answerer``.
        default_seeds: The number of seeds by default.
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
    file_ends: tuple[str, ...] = ()
    reads: tuple[str, ...] = ("input_ids",)
    words_are_given: bool = False
    columns: tuple[str, ...] = ()
    cuts_rows: bool = True
    typed: str = "a text"
    takes_items: bool = False
    forecasts: bool = False
    keeps_best: bool = True
    curve_step: str = "epoch"
    on_page: bool = False
    default_seeds: int = 2

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not hasattr(cls, "id"):  # a base class of several tasks and not a task
            return
        cls.pipeline_tag = cls.pipeline_tag or cls.id
        cls.auto_class = cls.auto_class or f"AutoModel{cls.head}"
        cls.default_models = cls.default_models or tuple(cls.models)

    # Known without the data.

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
        """Return the task for some data, in case its metrics depend on the data."""
        return self

    def texts(self, rows: "Dataset") -> list[str]:
        """Return the text of each row with spaces between words, for vocabulary, length and key.

        By default it is the first of ``columns``.
        """
        texts: list[str] = rows[self.columns[0]][:]
        return texts

    def lengths(self, rows: "Dataset") -> Sequence[int]:
        """Return the length of each row, by default in words, to estimate the time of training."""
        return [len(text.split()) for text in self.texts(rows)]

    def strata(self, rows: "Dataset") -> Sequence[Any] | None:
        """Return the class of each row, to keep its share in smaller parts; ``None`` for none."""
        return None

    def inputs(self, rows: "Dataset") -> list[Any]:
        """Return the input of a trained model for each row, by default its text."""
        return self.texts(rows)

    def labelled_batch(
        self, rows: "Dataset", source: str, max_length: int
    ) -> tuple[dict[str, Any], Sequence[str]]:
        """Return rows as one batch of a model, and the names of the labels in it.

        Args:
            rows: The rows.
            source: A folder, or an id of the Hub, with the tokenizer of the model.
            max_length: Number of tokens after which a row is cut, if this task cuts rows.

        Raises:
            OSError: If the tokenizer cannot be loaded.
            ValueError: If the rows of this task have no such labels.
        """
        raise ValueError(f"Data for {self.title} do not make a batch with labels.")

    # Judging.

    @abstractmethod
    def judge(
        self, predictions: Sequence[Any], rows: "Dataset", train: "Dataset"
    ) -> dict[str, float]:
        """Return the metrics of predictions, without those that these rows do not have.

        Args:
            predictions: The result of ``Fitted.predict`` for ``inputs(rows)``.
            rows: The part that is judged.
            train: The training part, for metrics of rows or words that are not in it.
        """

    def examples(
        self, fitted: "Fitted", data: "DatasetDict", predictions: Sequence[Any]
    ) -> list[dict[str, Any]]:
        """Return a few judged test rows for the page, as JSON; by default some of ``answers``."""
        from .answered import answered

        return answered(self, data["test"], predictions)

    # What is shown.

    def sections(self, results: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
        """Return further sections of the page: title, one sentence, and safe HTML.

        Args:
            results: The results of all runs, as in the results file, the best by validation first.
        """
        from .answered import answer_sections

        return answer_sections(results, self.units)

    def limits(self) -> list[str]:
        """Return sentences about figures in its table that must not be compared."""
        return []

    def card_example(self, rows: "Dataset") -> str | None:
        """Return an example input from public data; ``None`` if no row is short enough."""
        return None

    def answers(
        self, rows: "Dataset", predictions: Sequence[Any]
    ) -> Iterator[tuple[str, str, str | None]]:
        """Yield text, answer and, if the answer is wrong, the right one, for each row of a part."""
        return iter(())

    def card_limits(self, max_length: int) -> list[str]:
        """Return sentences for the card of a model that was trained on rows cut at a length."""
        return []

    def data_limits(self, data: "DatasetDict") -> list[str]:
        """Return sentences for the card of a model about the splits on which it was judged."""
        return []

    def usage(self, source: str, example: str | None, has_tokenizer: bool) -> str:
        """Return Python lines that load a model of text and answer one example.

        The caller adds the line that registers the models of this package.

        Args:
            source: A repository or a folder, as a Python literal.
            example: An example input, as a Python literal; ``None`` if there is none.
            has_tokenizer: Whether the tokenizer is saved with the model.
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
        """Return an example in the form of the Hub's widget for the task."""
        return {"text": example}

    def answerer(self, source: str, trust_remote_code: bool = False) -> Answerer:
        """Load a model for the page; only for a task with ``on_page``.

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
        """Yield the answers of a trained model, as lines, text after text.

        Args:
            source: A folder, or an id of the Hub.
            texts: The texts that a user typed.
            trust_remote_code: Whether code in the model's folder may run.
            explain: Whether to show the weight of each word, if the model has weights.

        Raises:
            OSError: If there is no such model or it cannot be read whole.
            ValueError: If it is for another task, or cannot explain.
        """

    def n_best(
        self, source: str, texts: Sequence[str], n: int, *, trust_remote_code: bool = False
    ) -> Iterator[str]:
        """Yield the ``n`` best answers to each text, if a whole answer has a probability.

        Args:
            source: A folder, or an id of the Hub.
            texts: The texts that a user typed.
            n: Number of answers.
            trust_remote_code: Whether code in the model's folder may run.

        Raises:
            OSError: If there is no such model or it cannot be read whole.
            ValueError: If it cannot rank answers.
        """
        raise ValueError(f"Models for {self.title} rank no answers: leave out --n-best.")


def refuse_to_explain(source: str, explain: bool) -> None:
    """Check that no weights of words are asked of a model that has none.

    Args:
        source: The model as the user named it.
        explain: Whether they are asked for.

    Raises:
        ValueError: If they are.
    """
    if explain:
        raise ValueError(f"'{source}' has no weights of words to show: leave out --attention.")
