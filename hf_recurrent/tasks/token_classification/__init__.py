"""Tagging: each word of a sentence gets a tag."""

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

_SPAN_LIMIT = (
    "F1 counts whole spans of the right type, over all types; a span may begin with I- (as "
    "conlleval and seqeval's default have it). Strict F1 is that of the scheme that the "
    "training part shows: in IOB2 a span must begin with B-."
)
_ACCURACY = Metric("accuracy", "accuracy", "Accuracy")
_OF_TAGS = (
    _ACCURACY,
    Metric("accuracy_unseen", "on unseen words", "Accuracy on words that training lacks"),
)
_OF_SPANS = (
    Metric("f1", "F1", "F1 of spans"),
    Metric("precision", "precision", "Precision of spans"),
    Metric("recall", "recall", "Recall of spans"),
    Metric("f1_strict", "strict F1", "F1 of spans, strict"),
)


class TokenClassification(Task):
    """A tag for each word of a sentence: parts of speech, or names as spans of words."""

    id = "token-classification"
    title = "tagging"
    head = "ForTokenClassification"
    units = Units("sentence", "sentences", "from words to tags")
    metrics: tuple[Metric, ...] = (*_OF_TAGS, *_OF_SPANS)
    chosen_by = "accuracy"
    models = MODELS
    default_models = DEFAULT_MODELS
    default_dataset = "brown"
    options = (
        Option(
            "tokens_column",
            "of files its number, from 1; of Hub data sets its name (default: tokens)",
            "COLUMN",
        ),
        Option(
            "tags_column",
            "of files its number (default: the last); of Hub data sets its name (default: tags "
            "or ner_tags)",
            "COLUMN",
        ),
        *SPLIT_OPTIONS,
    )
    file_ends = (".conll", ".conllu", ".bio", ".iob", ".iob2")
    words_are_given = True
    columns = ("tokens", "tags")
    on_page = True

    @property
    def datasets(self) -> Mapping[str, DataInfo]:
        """The data sets that have a name."""
        from .named import TAGGING_DATASETS

        return TAGGING_DATASETS

    def load(self, dataset: str, data_dir: str | None = None, **options: Any) -> "DatasetDict":
        """Load the columns tokens and tags."""
        from .data import load_tagging_dataset

        return load_tagging_dataset(dataset, data_dir=data_dir, **options)

    def for_data(self, train: "Dataset") -> Task:
        """Return the task that judges by spans if the tags mark spans, otherwise by tags."""
        from .data import has_spans, tag_names

        return _SpanTagging() if has_spans(tag_names(train)) else _WordTagging()

    def texts(self, rows: "Dataset") -> list[str]:
        """Return the sentences, with spaces between words."""
        return [" ".join(words) for words in rows["tokens"]]

    def inputs(self, rows: "Dataset") -> list[Any]:
        """Return the words of the sentences."""
        sentences: list[Any] = rows["tokens"][:]
        return sentences

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
        """Return accuracy, accuracy on unseen words, and F1 of spans if the tags mark spans."""
        from .judging import judge

        found = judge(predictions, rows, train)
        return {m.key: found[m.key] for m in self.metrics if m.key in found}

    def examples(
        self, fitted: "Fitted", data: "DatasetDict", predictions: Sequence[Any]
    ) -> list[dict[str, Any]]:
        """Return test sentences with their tags, one wrong, and counts of confused tags."""
        from .judging import shown

        return shown(data["test"], predictions)

    def sections(self, results: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
        """Return the sections of tagged sentences and of confused tags."""
        from .page import tagged_sections

        return tagged_sections(results)

    def limits(self) -> list[str]:
        """Return the meaning of the figures for spans."""
        return [_SPAN_LIMIT] if self.chosen_by == "f1" else []

    def card_example(self, rows: "Dataset") -> str | None:
        """Return the first short sentence."""
        return first_short(self.texts(rows))

    def answers(
        self, rows: "Dataset", predictions: Sequence[Any]
    ) -> Iterator[tuple[str, str, str | None]]:
        """Yield each sentence with its tagged words and the right tags of wrong words."""
        names = rows.features["tags"].feature.names
        for words, tags, predicted in zip(rows["tokens"], rows["tags"], predictions, strict=True):
            told = [
                f"{word}/{tag}" if tag != "O" else word
                for word, tag in zip(words, predicted, strict=True)
            ]
            right = [
                f"{word}/{names[tag]}"
                for word, tag, given in zip(words, tags, predicted, strict=True)
                if names[tag] != given
            ]
            yield " ".join(words), " ".join(told), " ".join(right) or None

    def predict(
        self,
        source: str,
        texts: Sequence[str],
        *,
        trust_remote_code: bool = False,
        explain: bool = False,
    ) -> Iterator[str]:
        """Yield the words of texts, which are separated by spaces, with their tags."""
        from .showing import answer_lines

        return answer_lines(source, texts, trust_remote_code, explain)

    def answerer(self, source: str, trust_remote_code: bool = False) -> Answerer:
        """Load a tagger for the page."""
        from .showing import TagAnswerer

        return TagAnswerer(source, trust_remote_code)

    def n_best(
        self, source: str, texts: Sequence[str], n: int, *, trust_remote_code: bool = False
    ) -> Iterator[str]:
        """Yield the best paths of tags of each text, for a tagger with a CRF."""
        from .showing import n_best_lines

        return n_best_lines(source, texts, n, trust_remote_code)


class _WordTagging(TokenClassification):
    """Tagging with an independent tag for each word."""

    metrics = _OF_TAGS


class _SpanTagging(TokenClassification):
    """Tagging with tags that mark spans of words."""

    metrics = (*_OF_SPANS, _ACCURACY)
    chosen_by = "f1"


register_task(TokenClassification())
