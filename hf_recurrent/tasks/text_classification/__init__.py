"""Text classification: one label for a text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..._tasks import register_task
from ..base import Answerer, Task, Units, first_short
from ..data_info import SPLIT_OPTIONS, DataInfo, Option
from ..metric import Metric
from .models import DEFAULT_MODELS, MODELS

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

    from ..fitted import Fitted


class TextClassification(Task):
    """One label for a text: sentiment, topic, spam."""

    id = "text-classification"
    title = "text classification"
    head = "ForSequenceClassification"
    units = Units("text", "texts", "from text to label")
    metrics = (
        Metric("accuracy", "accuracy", "Accuracy", is_share=True),
        Metric("f1_macro", "macro F1", "F1 (macro)", hub_name="f1"),
        Metric("matthews_correlation", "Matthews", "Matthews correlation"),
    )
    chosen_by = "accuracy"
    models = MODELS
    default_models = DEFAULT_MODELS
    default_dataset = "movie-snippets"
    options = (
        Option("text_column", "of files and Hub data sets (default: text)", "COLUMN"),
        Option("label_column", "of files and Hub data sets (default: label)", "COLUMN"),
        *SPLIT_OPTIONS,
        Option(
            "label_lines",
            "files are lines of a label and a text, as those of TREC and SentEval; lines of "
            "fastText are known without it",
        ),
    )
    columns = ("text", "label")
    on_page = True

    @property
    def datasets(self) -> Mapping[str, DataInfo]:
        """The data sets that have a name."""
        from .named import TEXT_DATASETS

        return TEXT_DATASETS

    def load(self, dataset: str, data_dir: str | None = None, **options: Any) -> "DatasetDict":
        """Load the columns text and label."""
        from .data import load_text_dataset

        return load_text_dataset(dataset, data_dir=data_dir, **options)

    def strata(self, rows: "Dataset") -> Sequence[Any]:
        """Return the labels."""
        labels: list[int] = rows["label"][:]
        return labels

    def labelled_batch(
        self, rows: "Dataset", source: str, max_length: int
    ) -> tuple[dict[str, Any], Sequence[str]]:
        """Return rows as one batch of a model, and the names of their labels."""
        from ..._pretrained import load_tokenizer
        from ..networks import labelled_batch
        from .fitting import NETWORK_RECIPE

        return labelled_batch(NETWORK_RECIPE, rows, load_tokenizer(source), max_length)

    def judge(
        self, predictions: Sequence[Any], rows: "Dataset", train: "Dataset"
    ) -> dict[str, float]:
        """Return accuracy, macro F1 and Matthews' correlation of predicted label ids."""
        from .judging import judge

        return judge(predictions, rows)

    def examples(
        self, fitted: "Fitted", data: "DatasetDict", predictions: Sequence[Any]
    ) -> list[dict[str, Any]]:
        """Return test texts of each class, one wrong, and counts of confused classes."""
        from .judging import shown

        return shown(fitted, data["test"], predictions)

    def sections(self, results: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
        """Return the sections of examples and of confused classes."""
        from .page import text_sections

        return text_sections(results)

    def card_example(self, rows: "Dataset") -> str | None:
        """Return the first short text."""
        return first_short(rows["text"])

    def answers(
        self, rows: "Dataset", predictions: Sequence[Any]
    ) -> Iterator[tuple[str, str, str | None]]:
        """Yield each text with its predicted label and, if that is wrong, the right one."""
        names = rows.features["label"].names
        for text, right, predicted in zip(rows["text"], rows["label"], predictions, strict=True):
            wrong = int(predicted) != right
            yield text, names[int(predicted)], names[right] if wrong else None

    def predict(
        self,
        source: str,
        texts: Sequence[str],
        *,
        trust_remote_code: bool = False,
        explain: bool = False,
    ) -> Iterator[str]:
        """Yield the labels of texts with their scores."""
        from .showing import answer_lines

        return answer_lines(source, texts, trust_remote_code, explain)

    def answerer(self, source: str, trust_remote_code: bool = False) -> Answerer:
        """Load a classifier for the page."""
        from .showing import TextAnswerer

        return TextAnswerer(source, trust_remote_code)


register_task(TextClassification())
