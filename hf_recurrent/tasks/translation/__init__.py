"""Translation: sentences in one language become sentences in another."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..._tasks import register_task
from ..base import Task, Units, first_short
from ..data_info import DataInfo, Option
from ..metric import SPEEDS, Metric
from .models import DEFAULT_MODELS, MODELS

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

    from ..fitted import Fitted

_LIMITS = (
    "BLEU is sacrebleu's on texts as they are (13a), once as they are written and once in lower "
    "case; figures on texts that were cut into words are higher and cannot be compared with it.",
    "Translations are greedy, one token after the other, unless a row says otherwise.",
)


class Translation(Task):
    """Sentences with their translations."""

    id = "translation"
    title = "translation"
    head = "ForConditionalGeneration"
    auto_class = "AutoModelForSeq2SeqLM"
    units = Units("sentence", "sentences", "from sentence to translation", "tokens")
    metrics = (
        Metric("bleu", "BLEU", "BLEU, as written", unit="", hub_name="sacrebleu"),
        Metric("bleu_lowercase", "BLEU lower case", "BLEU in lower case", unit=""),
        Metric("chrf", "chrF", unit=""),
        *SPEEDS,
    )
    chosen_by = "bleu"
    models = MODELS
    default_models = DEFAULT_MODELS
    default_dataset = "bible-en-es"
    options = (
        Option(
            "source_column",
            "of the sentences: a column, a language of a Hub data set with a column 'translation', "
            "or the ending of text files in a folder (default: source)",
            "NAME",
        ),
        Option("target_column", "the same of the translations (default: target)", "NAME"),
        Option("target_file", "translations of a text file, line by line", "FILE", is_file=True),
        Option("config", "configuration of a data set of the Hub", "NAME"),
    )
    columns = ("source_text", "target_text")
    default_seeds = 1
    typed = "a sentence"

    @property
    def datasets(self) -> Mapping[str, DataInfo]:
        """The pairs of languages that have a name."""
        from .named import PAIRS

        return PAIRS

    def load(self, dataset: str, data_dir: str | None = None, **options: Any) -> "DatasetDict":
        """Load the columns source_text and target_text."""
        from .data import load_pairs

        return load_pairs(dataset, data_dir=data_dir, **options)

    def judge(
        self, predictions: Sequence[Any], rows: "Dataset", train: "Dataset"
    ) -> dict[str, float]:
        """Return BLEU, cased and in lower case, and chrF."""
        from .judging import judge

        return judge(predictions, rows)

    def examples(
        self, fitted: "Fitted", data: "DatasetDict", predictions: Sequence[Any]
    ) -> list[dict[str, Any]]:
        """Return sentences, BLEU by length, and the attention of a sentence."""
        from .judging import examples

        return examples(fitted, data["test"], predictions)

    def sections(self, results: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
        """Return the sections of these."""
        from .page import translated_sections

        return translated_sections(results)

    def limits(self) -> list[str]:
        """Return the meaning of the figures, with the signatures of sacrebleu."""
        from .judging import signatures

        return [*_LIMITS, signatures()]

    def card_example(self, rows: "Dataset") -> str | None:
        """Return a short sentence, if the terms of the data allow to show one."""
        from .data import may_be_quoted

        return first_short(self.texts(rows)) if may_be_quoted(rows) else None

    def answers(
        self, rows: "Dataset", predictions: Sequence[Any]
    ) -> Iterator[tuple[str, str, str | None]]:
        """Yield sentences with their translations, if the terms of the data allow to show them."""
        from .data import may_be_quoted
        from .judging import answers

        return answers(rows, predictions) if may_be_quoted(rows) else iter(())

    def usage(self, source: str, example: str | None, has_tokenizer: bool) -> str:
        """Return lines that translate a sentence."""
        if not has_tokenizer:
            return super().usage(source, example, has_tokenizer)
        return f"""\
from transformers import pipeline

pipeline("recurrent-translation", {source})({example or '"a sentence"'})"""

    def predict(
        self,
        source: str,
        texts: Sequence[str],
        *,
        trust_remote_code: bool = False,
        explain: bool = False,
    ) -> Iterator[str]:
        """Yield the translation of each text, or with ``explain`` what each word attended to."""
        from .showing import answer_lines

        return answer_lines(source, texts, trust_remote_code, explain)

    def n_best(
        self, source: str, texts: Sequence[str], n: int, *, trust_remote_code: bool = False
    ) -> Iterator[str]:
        """Yield the ``n`` best translations of a beam search, each after its score."""
        from .showing import n_best_lines

        return n_best_lines(source, texts, n, trust_remote_code)


register_task(Translation())
