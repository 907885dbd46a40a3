"""Text classification: one label for a text."""

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Any

from ..._tasks import register_task
from ..base import Answerer, Metric, Task, Units


class TextClassification(Task):
    """What is shown of it; the comparison does not read it from here yet."""

    id = "text-classification"
    title = "text classification"
    head = "ForSequenceClassification"
    auto_class = "AutoModelForSequenceClassification"
    units = Units("text", "texts", "from text to label")
    metrics = (
        Metric("accuracy", "accuracy", "Accuracy", is_share=True),
        Metric("f1_macro", "F1", "F1 (macro)", hub_name="f1"),
        Metric("matthews_correlation", "MCC", "Matthews correlation"),
    )
    chosen_by = "accuracy"
    models = MappingProxyType({})
    default_models = ()
    datasets = MappingProxyType({})
    default_dataset = ""
    columns = ("text", "label")
    on_page = True

    def load(self, dataset: str, data_dir: str | None = None, **options: Any) -> Any:
        """Refuse: the comparison loads its rows itself so far."""
        raise NotImplementedError

    def texts(self, rows: Any) -> list[str]:
        """Refuse, as ``load`` does."""
        raise NotImplementedError

    def inputs(self, rows: Any) -> list[Any]:
        """Refuse, as ``load`` does."""
        raise NotImplementedError

    def judge(self, predictions: Sequence[Any], rows: Any, train: Any) -> dict[str, float]:
        """Refuse, as ``load`` does."""
        raise NotImplementedError

    def usage(self, source: str, example: str | None, has_tokenizer: bool) -> str:
        """Return the lines that load a model."""
        from .showing import usage

        return usage(source, example, has_tokenizer)

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
